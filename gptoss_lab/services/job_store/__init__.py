"""Jobs on the disk: they survive the server that ran them."""
