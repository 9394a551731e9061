"""The harness that every worker process runs in."""

from lived.worker.harness import Harness, Host, run
from lived.worker.launch import Launch

__all__ = ["Harness", "Host", "Launch", "run"]
