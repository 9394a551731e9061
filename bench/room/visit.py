"""The real daemon in a simulated room: it speaks, then the user does, and all of it is kept."""

import os
import time
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Any, Self, TypeVar

from bench import tree
from bench.room.air import Saying, sayings
from bench.room.live_room import LiveRoom
from bench.room.rooms import Room
from bench.room.scene import ANSWERS, PAUSE_S
from bench.room.seen import Reply, Seen, Track
from bench.session import BEHIND
from fakes.daemon import wait_until
from fakes.simulator import SimulatorError
from fakes.soundcard import MIC, SPEAKER, VirtualSoundcard
from lived.units import MODEL_RATE
from lived.wire.events import Cut, CutDone, Event, TurnHeard, TurnPlayed
from processes.talk import DEAF, Recording, Talk

E = TypeVar("E", bound=Event)

SETTLE_S = 1.5
"""From the first sound to the first reply."""
BEFORE_USER_S = 1.5
"""Of a reply; a pause of the user comes on top."""
BEHIND_USER_S = 1.5
"""What is cut later was for another syllable."""
LEARNED_S = 10.0
"""Of a reply, before the user speaks into one that goes on: then the canceller knows the room."""
SHORTEST_S = 2.0
ANSWER_S = 3.5
"""The longest answer of the stand-in, and more."""
QUICKER = 10.0
"""Than it is heard does the stand-in say it: it is done, and can be asked again, when a reply has been cut."""
MOST_REPLIES = 30
"""To speak for as long as was asked. More of them only where the device interrupts itself every few seconds."""


class Visit:
    """One daemon, one room. Context manager; ``seen`` at the end of it."""

    def __init__(
        self, card: VirtualSoundcard, room: Room, seed: int, folder: Path, settings: Mapping[str, str]
    ) -> None:
        folder.mkdir(parents=True)
        self.room = room
        self.single, self.whole, self.last = sayings(room)
        self._answers = cycle(sorted(path.stem for path in ANSWERS.glob("answer_*.wav")))
        for _ in range(seed - 1):
            next(self._answers)
        self.air = LiveRoom(card, room, seed, folder)
        self.air.__enter__()
        given = {"audio.input": MIC, "audio.output": SPEAKER, "frontend.enabled": "true", **settings}
        overrides = [f"{key}={value}" for key, value in given.items()]
        try:
            self.talk = Talk(folder, DEAF, *overrides, environ=card.environ)
        except BaseException:
            self.air.__exit__(None, None, None)
            raise
        # a real server is another machine: this one must not push the daemon off the processor while it sends
        os.setpriority(os.PRIO_PROCESS, self.talk.simulator.process.pid, BEHIND)
        self._voice = Recording(self.talk.daemon, b"voice/")
        self._said: list[tuple[Saying, int]] = []
        self._alone: list[Reply] = []
        self._over: list[Reply] = []
        self._cpu: dict[str, float] = {}
        self._memory: dict[str, float] = {}
        self._told: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.talk.start()
        wait_until(lambda: bool(self._voice.chunks), 20, lambda: self.talk.daemon.log)
        time.sleep(SETTLE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._voice.close()
        self.talk.__exit__()
        self.air.__exit__(None, None, None)

    # the course

    def alone(self, seconds: float) -> None:
        """The device speaks and nobody else does. When it interrupts itself it goes on with another reply."""
        left, pid = seconds, self.talk.daemon.process.pid
        before, began = tree.cpu_s(pid), time.monotonic()
        for number in range(MOST_REPLIES):
            if left < SHORTEST_S:
                break
            reply = self._begin(left)
            if number == 0 and self.room.jump_ms and self._still(reply, left / 2):
                self.air.jump()
            self._alone.append(self._end(reply))
            left -= self._alone[-1].seconds
        after, lasted = tree.cpu_s(pid), time.monotonic() - began
        self._cpu = {name: 100 * (after[name] - before[name]) / lasted for name in after}
        self._memory = tree.memory(pid)
        self._told = dict(self.talk.counters()["frontend"])

    def talk_over(self, number: int, before_s: float = BEFORE_USER_S) -> None:
        """The user speaks into a reply, with that one of ``spoken``; one that ends before is followed by another."""
        saying = self.spoken[number]
        for _ in range(MOST_REPLIES):
            reply = self._begin(before_s + saying.seconds + BEHIND_USER_S + ANSWER_S)
            if self._still(reply, before_s):
                break
            self._alone.append(self._end(reply))
        self._say(number)
        time.sleep(saying.seconds + BEHIND_USER_S)
        self._over.append(self._end(reply))
        time.sleep(PAUSE_S)

    def talk_alone(self) -> None:
        """The user speaks, and nobody else does."""
        self._say(len(self.spoken) - 1)
        time.sleep(self.last.seconds + PAUSE_S)

    @property
    def spoken(self) -> list[Saying]:
        """All that the user may say."""
        return [*self.single, self.whole, self.last]

    @property
    def seen(self) -> Seen:
        """What there was until now."""
        counters, recording = self.talk.counters(), self.talk.recording
        return Seen(
            Track(recording.of("mic")), Track(self._voice.of("voice")), Track(recording.of("speaker")),
            self.air.heard(), self._said, self._alone, self._over, self._of(Cut), self._of(CutDone),
            self._cpu, self._memory, self._told, counters["playback"].get("underruns", 0),
        )  # fmt: skip

    # its parts

    def _of(self, kind: type[E]) -> list[E]:
        assert self.talk.ear is not None
        return self.talk.ear.of(kind)

    def _begin(self, seconds: float) -> TurnHeard:
        """A reply of about so long; from when it is heard."""
        names, length = [], 0.0
        while length < seconds:
            name = next(self._answers)
            names.append(name)
            length += (ANSWERS / f"{name}.wav").stat().st_size / (2 * 16_000)
        turns = max((event.turn for event in self._of(TurnHeard)), default=0)
        reply: dict[str, Any] = {"recording": "+".join(names), "turn_complete": "early", "burst": QUICKER}
        wait_until(lambda: self._asked(reply), 60, lambda: self.talk.daemon.log)
        assert self.talk.ear is not None
        return self.talk.ear.wait_for(TurnHeard, 20, lambda event: event.turn > turns)

    def _asked(self, reply: dict[str, Any]) -> bool:
        try:
            self.talk.simulator.say(**reply)
        except SimulatorError:
            return False  # it is still sending the reply before
        return True

    def _still(self, reply: TurnHeard, seconds: float) -> bool:
        """Whether it is still heard after so long."""
        until = reply.time / 1e9 + seconds
        while (left := until - time.monotonic()) > 0:
            if any(event.turn >= reply.turn for event in self._of(TurnPlayed)):
                return False
            time.sleep(min(left, 0.02))
        return True

    def _end(self, reply: TurnHeard) -> Reply:
        assert self.talk.ear is not None
        played = self.talk.ear.wait_for(TurnPlayed, 120, lambda event: event.turn >= reply.turn)
        return Reply(reply.turn, reply.time, played.frames / MODEL_RATE)

    def _say(self, number: int) -> None:
        self._said.append((self.spoken[number], self.air.say(number)))
