"""Figures of the running daemon for Prometheus, on a local port (docs/metrics.md)."""
