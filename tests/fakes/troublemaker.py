"""A worker that misbehaves as its environment says: TROUBLE="capture=deaf,gateway=dies". Real process, real harness."""

import os
import sys
import time
from collections.abc import Mapping

from lived.units import Ns
from lived.wire.events import Event, SessionState
from lived.wire.orders import Order
from lived.worker import Harness, Launch, run


def _mode(worker: str, environ: Mapping[str, str]) -> str:
    modes = dict(pair.split("=") for pair in environ.get("TROUBLE", "").split(",") if pair)
    return modes.get(worker, "good")


def host(launch: Launch) -> None:
    """Behave well, or: dies (at once), config (exit 78), dumb (never says hello), stuck (progress stands still),
    deaf (blocks for ever after hello), unready (says why), unheard (its hello is
    lost: the bus was not connected yet)."""
    mode = _mode(launch.worker, os.environ)
    if mode == "dies":
        sys.exit(3)
    if mode == "config":
        sys.exit(78)
    if mode == "dumb":
        time.sleep(3600)
    handlers: dict[type[Event | Order], object] = {}
    harness = Harness(launch, handlers)  # type: ignore[arg-type]
    if mode == "unheard":
        harness.inbox.await_greeting()
    else:
        harness.hello()
    if mode == "unready":
        harness.unready("No sound device matches 'USB': plug it in.")
    else:
        harness.ready("all well")
        if launch.worker == "gateway":
            harness.publish(SessionState(state="open"))
    if mode == "stuck":
        harness.progress = lambda: 1
    if mode == "deaf":
        harness.turn()
        time.sleep(3600)

    def tick(now: Ns) -> None:
        harness.counters["ticks"] += 1

    harness.serve({}, tick, 50)
    harness.close()


if __name__ == "__main__":
    run(host)
