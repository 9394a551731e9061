"""One module or package for each worker; the daemon starts them by name and never imports them."""
