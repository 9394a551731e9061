"""Started by the supervisor as ``python -m lived_workers.frontend``."""

from lived.worker import run
from lived_workers.frontend.worker import host

if __name__ == "__main__":
    run(host)
