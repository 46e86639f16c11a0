"""How well generations do over time, in figures that outlive the server; never what a person asked or got."""
