"""From a token stream to cells, and from cells to a notebook. Pure."""
