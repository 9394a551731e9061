"""``python -m lived_workers.hooks``: started by the supervisor."""

from lived.worker import run
from lived_workers.hooks.worker import host

if __name__ == "__main__":
    run(host)
