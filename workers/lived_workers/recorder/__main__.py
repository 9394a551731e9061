"""``python -m lived_workers.recorder``: started by the supervisor."""

from lived.worker import run
from lived_workers.recorder.worker import host

if __name__ == "__main__":
    run(host)
