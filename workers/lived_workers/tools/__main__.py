"""``python -m lived_workers.tools``: started by the supervisor."""

from lived.worker import run
from lived_workers.tools.worker import host

if __name__ == "__main__":
    run(host)
