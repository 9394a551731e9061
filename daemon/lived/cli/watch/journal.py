"""livectl monitor where there is no terminal: a line for each happening, and one for the levels every second. Pure."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from lived.cli.watch.levels import Level
from lived.cli.watch.monitoring import Monitor
from lived.cli.watch.present import Present, floor_words, session_words
from lived.cli.watch.safe import printable
from lived.cli.watch.watcher import Status
from lived.units import MILLISECOND, Ns
from lived.wire import Stream
from lived.wire.events import (
    AnyEvent,
    Budget,
    Cut,
    CutDone,
    FloorChanged,
    Idle,
    Loss,
    MicChanged,
    Said,
    SessionState,
    Swapped,
    Underrun,
    Unready,
    VolumeChanged,
    WorkerState,
)

Levels = Iterable[tuple[Stream, Level]]


class Spelling(Protocol):
    """How a line is written."""

    def event(self, event: AnyEvent, now: Ns) -> str | None:
        """None = not worth a line."""

    def levels(self, levels: Levels, now: Ns) -> str:
        """How loud it is."""

    def state(self, present: Present, now: Ns) -> str:
        """How the daemon is."""

    def attached(self, on: bool, now: Ns) -> str:
        """A daemon was found, or there is none."""


class Journal(Monitor):
    """A monitor that writes down what it is told."""

    def __init__(self, spelling: Spelling, write: Callable[[str], None]) -> None:
        """``write`` is given whole lines without their end."""
        super().__init__()
        self._spelling, self._write = spelling, write
        self._told: tuple[str, str] | None = None
        self._has_begun = False

    def attached(self, now: Ns) -> None:
        """What follows is from this daemon."""
        super().attached(now)
        self._told, self._has_begun = None, True
        self._write(self._spelling.attached(True, now))

    def detached(self, now: Ns) -> None:
        """Until the next one."""
        super().detached(now)
        self._write(self._spelling.attached(False, now))

    def event(self, event: AnyEvent, now: Ns) -> None:
        """A line, where it is worth one."""
        super().event(event, now)
        line = self._spelling.event(event, now)
        if line is not None:
            self._write(line)

    def status(self, status: Status, now: Ns) -> None:
        """A line when the state is another; who has the floor is told by its own event."""
        super().status(status, now)
        new = self.present.state, "" if self.present.state == "ready" else self.present.text
        if new != self._told:
            self._told = new
            self._write(self._spelling.state(self.present, now))

    def begin(self, now: Ns) -> None:
        """Say that there is no daemon, where there is none at the beginning."""
        if not self._has_begun:
            self._write(self._spelling.attached(False, now))

    def second(self, now: Ns) -> None:
        """A line with the levels, while a daemon is attached; call it once a second."""
        if self.is_attached:
            self._write(self._spelling.levels(self.levels(now), now))


class Words:
    """Lines for people, each with its time of day."""

    def __init__(self, time_of_day: Callable[[Ns], str]) -> None:
        self._time_of_day = time_of_day
        self._cut_at: Ns | None = None

    def attached(self, on: bool, now: Ns) -> str:
        """Of the daemon."""
        return self._line(now, "attached" if on else "no daemon, waiting for one")

    def state(self, present: Present, now: Ns) -> str:
        """The headline of ``livectl status``."""
        word, sentence = present.headline()
        return self._line(now, ", ".join([f"{word.lower()}: {sentence}" if sentence else word, *present.facts()]))

    def levels(self, levels: Levels, now: Ns) -> str:
        """Peak/RMS in dBFS; - = silence, or nothing comes."""
        words = (f"{stream.value} {_decibel(level.peak)}/{_decibel(level.rms)}" for stream, level in levels)
        return self._line(now, f"levels {'  '.join(words)} dBFS")

    def event(self, event: AnyEvent, now: Ns) -> str | None:
        """A happening."""
        words = self._of_talk(event) or _of_machine(event)
        return self._line(now, printable(words)) if words else None

    def _line(self, now: Ns, words: str) -> str:
        return f"{self._time_of_day(now)} {words}"

    def _of_talk(self, event: AnyEvent) -> str | None:
        match event:
            case Said(side=side, text=text, cut=cut):
                return f"{side}: {text}{' [cut]' if cut else ''}"
            case FloorChanged(floor=floor):
                return f"floor: {floor_words(floor)}"
            case Cut(turn=turn, cause=cause, time=time):
                self._cut_at = self._cut_at or time
                return f"cut: turn {turn}, by {cause}"
            case CutDone(silent_at=silent, heard_turn=heard):
                since, self._cut_at = self._cut_at, None
                late = max(0, silent - since) / MILLISECOND if since is not None else None
                return f"silent {late:.1f} ms after the cut" if heard and late is not None else None
            case _:
                return None


def _of_machine(event: AnyEvent) -> str | None:
    match event:
        case WorkerState(worker=worker, state=state, text=text):
            return f"{worker}: {state}{f': {text}' if text else ''}"
        case Unready(worker=worker, text=text):
            return f"{worker}: {text}"
        case Underrun(turn=turn):
            return f"playback: sound of turn {turn} came too late"
        case Loss(stream=stream, frames=frames, worker=worker):
            return f"{worker}: {frames} frames of {stream} are lost"
        case _:
            return _of_session(event) or _of_settings(event)


def _of_session(event: AnyEvent) -> str | None:
    match event:
        case SessionState(state=state, text=text, connection=connection):
            return f"session: {session_words(state, connection)}{f': {text}' if text else ''}"
        case Swapped(cause=cause, kept=kept, gap_ms=gap):
            return f"session: connection replaced ({cause}), {kept}, {gap} ms without one"
        case Idle(awake=awake):
            return "session: awake again" if awake else "session: asleep, because nobody spoke"
        case _:
            return None


def _of_settings(event: AnyEvent) -> str | None:
    match event:
        case MicChanged(muted=muted):
            return f"microphone {'muted' if muted else 'on'}"
        case VolumeChanged(percent=percent):
            return f"volume {percent} %"
        case Budget(text=text):
            return f"budget: {text}"
        case _:
            return None


class Json:
    """JSON lines: events as docs/protocol.md has them, and three types of our own."""

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()

    def attached(self, on: bool, now: Ns) -> str:
        """Type ``attached``."""
        return self._line("attached", now, on=on)

    def state(self, present: Present, now: Ns) -> str:
        """Type ``state``."""
        return self._line("state", now, **vars(present))

    def levels(self, levels: Levels, now: Ns) -> str:
        """Type ``levels``: dBFS by stream, null = digital silence, or nothing comes (``flowing`` false)."""
        return self._line("levels", now, levels={stream.value: level for stream, level in levels})

    def event(self, event: AnyEvent, now: Ns) -> str | None:  # noqa: ARG002
        """As it came."""
        return self._encoder.encode(event).decode()

    def _line(self, kind: str, now: Ns, **fields: Any) -> str:
        return self._encoder.encode({"type": kind, "time": now, **fields}).decode()


def _decibel(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
