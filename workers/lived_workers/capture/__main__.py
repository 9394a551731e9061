"""Started by the supervisor as ``python -m lived_workers.capture``."""

from lived.worker import run
from lived_workers.capture.worker import host

if __name__ == "__main__":
    run(host)
