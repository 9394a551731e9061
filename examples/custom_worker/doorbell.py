"""A worker of your own: when a file appears, the model is told, and says so (docs/workers.md).

[[workers]]
name = "doorbell"
module = "doorbell"
path = "/opt/doorbell"      # the folder that has this file
settings = { file = "/run/doorbell/rung", text = "(Somebody rings at the door. Tell the user in one short sentence.)" }
"""

import logging
from pathlib import Path

from lived.bus import DoorClient
from lived.errors import ConfigError, LivedError
from lived.units import Ns
from lived.worker import Harness, Launch, run

LOOK_MS = 200
DOOR_MS = 2_000
"""Longest wait for the daemon: less than ``daemon.hang_s``, or this worker would count as hung."""

log = logging.getLogger("doorbell")


def host(launch: Launch) -> None:
    """Serve until told to stop."""
    file, text = launch.settings.get("file"), launch.settings.get("text")
    if not isinstance(file, str) or not isinstance(text, str):
        # exit code 78: a person has to change something, so it is not started again
        raise ConfigError("The doorbell needs settings = { file = ..., text = ... }.")
    rung = Path(file)

    def look(_now: Ns) -> None:
        if not rung.exists():
            return
        rung.unlink(missing_ok=True)
        harness.counters["rung"] += 1
        try:
            with DoorClient(harness.bus.endpoints, DOOR_MS) as door:
                door.ask("say", text=text)
        except LivedError as error:  # no conversation now, or the session is being opened
            log.warning("nobody was told of the bell: %s", error)

    harness = Harness(launch, {})
    harness.hello()
    harness.ready(f"waiting for {rung}")
    harness.serve({}, tick=look, tick_ms=LOOK_MS)
    harness.close()


if __name__ == "__main__":
    run(host)
