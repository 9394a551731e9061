"""Started by the supervisor as ``python -m lived_workers.playback``."""

from lived.worker import run
from lived_workers.playback.worker import host

if __name__ == "__main__":
    run(host)
