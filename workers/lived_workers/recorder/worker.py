"""The recorder's process: a recording for each wanted stream while there is a conversation."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from lived.clock import monotonic_ns
from lived.errors import ConfigError, WireError
from lived.recording import EVENTS, SHAPES, Folder, Format, Limits, Recording, Writer, Written, missing
from lived.recording.retention import Rules
from lived.units import SECOND, Ns
from lived.wire import Chunk, decode_chunk
from lived.wire.events import AnyEvent, RecordingState
from lived.wire.orders import Converse
from lived.worker import Harness, Launch
from lived_workers.recorder.shelf import Shelf

TICK_MS = 100
"""As often as blocks are handed to the disk's threads."""

TIDY = Ns(60 * SECOND)
"""How often old recordings are looked for: the largest share of a disk is filled in hours."""

END = Ns(2 * SECOND)
"""For the disk, when the worker is told to stop."""


class _Take(NamedTuple):
    """One recording that is being made."""

    stream: str
    recording: Recording
    writer: Writer


class Recorder:
    """The worker."""

    def __init__(self, launch: Launch) -> None:
        """Raises ConfigError: what it needs is not installed."""
        if missing():
            raise ConfigError(missing())
        self._config = config = launch.config.record
        self._folder = Path(config.directory)
        handlers: dict[Any, Callable[[Any], None]] = dict.fromkeys(EVENTS, self._learn)
        handlers[Converse] = lambda order: self._converse(order.on)
        self._harness = Harness(launch, handlers)
        self._shelf = Shelf(self._folder, Rules(config.keep_days, config.keep_percent))
        self._takes: list[_Take] = []
        self._ended: list[Writer] = []
        self._gaps = 0  # of recordings that have ended
        self._said: RecordingState | None = None
        self._tidy_at = Ns(0)
        self._conversing = launch.conversing
        topics = {stream.topic for name in config.streams for stream in SHAPES[name].streams}
        self._audio = self._harness.bus.audio(*sorted(topics))

    def run(self) -> None:
        """Until told to stop."""
        self._audio.await_greeting()
        self._harness.hello()
        self._converse(self._conversing)
        self._harness.serve({self._audio: self._hear}, self._tick, TICK_MS)
        self._end()
        deadline = monotonic_ns() + END
        for writer in self._ended:
            writer.wait(Ns(max(0, deadline - monotonic_ns())))
        self._tell()
        self._harness.close()

    def _converse(self, on: bool) -> None:
        """A conversation is recorded from its beginning to its end: the files end with it."""
        self._conversing = on
        if on and not self._takes:
            self._begin()
        elif not on:
            self._end()
        self._tell()

    def _begin(self) -> None:
        config, now = self._config, monotonic_ns()
        for name in config.streams:
            frames = round(config.segment_minutes * 60 * SHAPES[name].rate)
            limits = Limits(frames, self._shelf.largest(config.segment_mb * 1_000_000))
            writer = Writer(Folder(self._folder, Format(name, config.format, now, config.transcript)), limits)
            self._takes.append(_Take(name, Recording(writer.output.format, writer.put), writer))

    def _end(self) -> None:
        now = monotonic_ns()
        for take in self._takes:
            take.recording.end(now)
            take.writer.finish()
            self._ended.append(take.writer)
            self._gaps += take.recording.gap_count + len(take.writer.gaps)
        self._takes.clear()

    def _hear(self, frames: list[bytes]) -> None:
        try:
            chunk: Chunk = decode_chunk(frames)
        except WireError:
            self._harness.counters["bad_messages"] += 1
            return
        for take in self._takes:
            take.recording.hear(chunk)

    def _learn(self, event: AnyEvent) -> None:
        for take in self._takes:
            take.recording.learn(event, monotonic_ns())

    def _tick(self, now: Ns) -> None:
        for take in self._takes:
            take.recording.tick(now)
        self._ended = [writer for writer in self._ended if not writer.wait(Ns(0))]
        if now >= self._tidy_at:
            self._tidy_at = Ns(now + TIDY)
            self._shelf.tidy([path for writer in self._writers() for path in writer.files[-1:]])
        self._count()
        self._tell()

    def _writers(self) -> list[Writer]:
        return [take.writer for take in self._takes] + self._ended

    def _count(self) -> None:
        counters = self._harness.counters
        counters["gaps"] = self._gaps + sum(take.recording.gap_count + len(take.writer.gaps) for take in self._takes)
        counters["deleted"] = self._shelf.deleted

    def _tell(self) -> None:
        """What status and the event bus say."""
        news = self._news([take.writer.state for take in self._takes])
        if news == self._said:
            return
        self._said = news
        self._harness.publish(news)
        working = news.on or not self._takes
        (self._harness.ready if working else self._harness.unready)(news.text)

    def _news(self, states: list[Written]) -> RecordingState:
        trouble = next((state.trouble for state in states if state.trouble), "")
        if trouble:
            return RecordingState(on=False, text=trouble)
        if not self._takes:
            return RecordingState(on=False, text="not recording: no conversation")
        file = next((str(state.file) for state in states if state.file), "")
        names = ", ".join(take.stream for take in self._takes)
        return RecordingState(on=True, file=file, text=f"recording {names} to {self._folder}")


def host(launch: Launch) -> None:
    """The worker's main (``lived.worker.run``)."""
    os.umask(0o027)  # whatever the daemon's is: its group may read recordings, others may not
    Recorder(launch).run()
