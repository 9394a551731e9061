"""A button and a ring of LEDs for lived, on a Raspberry Pi. Needs pyzmq and gpiozero, and spidev for the ring.

A short press silences the model, or begins (or wakes) the conversation; a long one mutes the microphone, or unmutes it.
LIVED_BUTTON_TALKS=1 makes it a talk button instead, for live.vad.mode = "manual". LIVED_MUTE_PIN is a switch: while it
is closed the microphone is muted, whoever else opens it. What the LEDs show is in ``LOOKS``.
"""

import json
import math
import os
import queue
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import zmq
from gpiozero import Button
from led_ring import DARK, Pixel, Ring, SpiRing

AWAY_S = 3.0
"""Workers tell that they live twice a second; without any of that the daemon is away."""

FRAME_MS = 50
ANSWER_MS = 2_000


def solid(colour: Pixel, length: int, _now: float) -> list[Pixel]:
    """All the same."""
    return [colour] * length


def pulse(colour: Pixel, length: int, now: float) -> list[Pixel]:
    """Brighter and darker, once in 1.6 s."""
    level = 0.55 + 0.45 * math.sin(now * 4)
    return [tuple(int(part * level) for part in colour)] * length


def spin(colour: Pixel, length: int, now: float) -> list[Pixel]:
    """A light that runs around once a second, with a tail."""
    head = int(now * length) % length
    tail = [1.0, 0.5, 0.2, 0.05]
    ring = [DARK] * length
    for back, level in list(enumerate(tail))[:length]:
        ring[(head - back) % length] = tuple(int(part * level) for part in colour)
    return ring


def spark(colour: Pixel, length: int, _now: float) -> list[Pixel]:
    """One LED."""
    return [colour, *[DARK] * (length - 1)]


LOOKS: dict[str, tuple[Callable[[Pixel, int, float], list[Pixel]], Pixel]] = {
    "away": (spark, (60, 0, 0)),
    "degraded": (pulse, (120, 0, 0)),
    "starting": (spin, (0, 0, 120)),
    "off": (solid, DARK),
    "asleep": (spark, (0, 0, 30)),
    "muted": (solid, (60, 12, 0)),
    "nobody": (solid, (0, 25, 15)),
    "user": (pulse, (0, 110, 110)),
    "model": (spin, (110, 0, 110)),
}


class State:
    """What is known of the daemon."""

    def __init__(self) -> None:
        self.floor, self.health, self.muted = "off", "off", False
        self.seen = -math.inf
        """When anything was heard last."""

    def take(self, event: dict[str, Any]) -> None:
        """One event, or a status."""
        kind = event.get("type", "status")
        if kind in ("floor", "status"):
            self.floor = event["floor"]
        if kind in ("health", "status"):
            self.health = event["state"]
        if kind in ("mic", "status"):
            self.muted = event["muted"]

    def look(self, now: float) -> str:
        """The name of its look: what a person has to know first comes first."""
        if now - self.seen > AWAY_S:
            return "away"
        if self.health != "ready":
            return self.health
        if self.floor == "off":
            return "asleep"
        return "muted" if self.muted else self.floor


class Program:
    """Attached to one daemon for as long as it runs; it may come and go."""

    def __init__(
        self, runtime_dir: Path, button: Button, ring: Ring, length: int, talks: bool, switch: Button | None = None
    ) -> None:
        self.state = State()
        self._switch = switch
        self._door = f"ipc://{runtime_dir}/door.sock"
        self._ring, self._length = ring, length
        self._gestures: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()  # as fast as a finger
        self._zmq = zmq.Context()
        self._events = self._zmq.socket(zmq.SUB)
        # the heartbeat last: when one is heard, all other subscriptions are in effect too
        for topic in (b"floor/", b"health/", b"mic/", b"worker.heartbeat/"):
            self._events.subscribe(topic)
        self._events.connect(f"ipc://{runtime_dir}/event.sock")
        self.running = True
        self._listen_to(button, talks)
        if switch:
            switch.when_pressed = lambda: self._gestures.put(("mute", {"on": True}))
            switch.when_released = lambda: self._gestures.put(("mute", {"on": False}))

    def _listen_to(self, button: Button, talks: bool) -> None:
        """gpiozero calls from threads of its own: they only leave a note."""
        if talks:
            button.when_pressed = lambda: self._gestures.put(("talk", {"on": True}))
            button.when_released = lambda: self._gestures.put(("talk", {"on": False}))
            return
        held = False

        def hold() -> None:
            nonlocal held
            held = True
            self._gestures.put(("mute", {"on": "toggle"}))

        def release() -> None:
            nonlocal held
            if not held:
                self._gestures.put(("press", {}))
            held = False

        button.when_held, button.when_released = hold, release

    def run(self) -> None:
        """Until ``running`` is false."""
        shown: Sequence[Pixel] = ()
        while self.running:
            self._events.poll(FRAME_MS)
            self._hear()
            while not self._gestures.empty():
                self._obey(*self._gestures.get())
            draw, colour = LOOKS[self.state.look(time.monotonic())]
            pixels = draw(colour, self._length, time.monotonic())
            if pixels != shown:
                self._ring.show(pixels)
                shown = pixels
        self._ring.close()
        self._zmq.destroy(linger=0)

    def _hear(self) -> None:
        while self._events.poll(0):
            _topic, body = self._events.recv_multipart()
            now = time.monotonic()
            if now - self.state.seen > AWAY_S:  # it has (re)appeared: ask what was said while nobody heard it
                status = self._ask("status")
                if not status:
                    return
                self.state.take(status)
            self.state.seen = now
            self.state.take(json.loads(body))
            if self._switch and self._switch.is_pressed and not self.state.muted:
                self._ask("mute", on=True)  # the daemon has just begun, or somebody else has opened the microphone

    def _obey(self, op: str, args: dict[str, Any]) -> None:
        if op == "press":
            op = {"model": "interrupt", "off": "start"}.get(self.state.floor, "")
        if op:
            self._ask(op, **args)

    def _ask(self, op: str, **args: Any) -> dict[str, Any]:
        """One request at the door; empty when the daemon is away or refuses."""
        door = self._zmq.socket(zmq.REQ)
        door.linger = 0
        try:
            door.connect(self._door)
            door.send_json({"v": 1, "op": op, "args": args})
            reply = door.recv_json() if door.poll(ANSWER_MS) else {}
        finally:
            door.close()
        if "error" in reply:
            print(f"{op}: {reply['error']['text']}", flush=True)
        return reply.get("result", {})


def main() -> None:
    """As the environment says; ends with SIGTERM or Ctrl-C."""
    length = int(os.environ.get("LIVED_LEDS", "12"))
    runtime_dir = Path(os.environ.get("LIVED_RUNTIME_DIR", "/run/lived"))
    button = Button(int(os.environ.get("LIVED_BUTTON_PIN", "17")), bounce_time=0.02, hold_time=0.8)
    ring = SpiRing(os.environ.get("LIVED_RING", "apa102"), length)
    talks, mute_pin = os.environ.get("LIVED_BUTTON_TALKS") == "1", os.environ.get("LIVED_MUTE_PIN")
    switch = Button(int(mute_pin), bounce_time=0.02) if mute_pin else None
    program = Program(runtime_dir, button, ring, length, talks, switch)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(program, "running", False))
    program.run()


if __name__ == "__main__":
    main()
