"""What this server does, counted for whoever runs it; never what a person asked or got."""
