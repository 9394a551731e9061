"""lived.service on a real systemd: `make test-system`."""
