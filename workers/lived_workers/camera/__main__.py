"""``python -m lived_workers.camera``: started by the supervisor."""

from lived.worker import run
from lived_workers.camera.worker import host

if __name__ == "__main__":
    run(host)
