"""``python -m lived_workers.metrics``: started by the supervisor."""

from lived.worker import run
from lived_workers.metrics.worker import host

if __name__ == "__main__":
    run(host)
