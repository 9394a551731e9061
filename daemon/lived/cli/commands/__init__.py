"""One file for each command, or for a small group of them."""
