"""``python -m lived_workers.gateway``: started by the supervisor."""

from lived.worker import run
from lived_workers.gateway.gateway import host

if __name__ == "__main__":
    run(host)
