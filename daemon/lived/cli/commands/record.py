"""livectl record: what is heard, into a file or a pipe."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from lived.cli.door import answers, directory_of
from lived.cli.options import Exit, Options, common, pass_options, say
from lived.errors import LivedError, NotRunningError, UsageError
from lived.units import SECOND, Ns

if TYPE_CHECKING:
    from lived.recording import Recording, Writer

TICK_MS = 100
LOOK = Ns(SECOND)
"""How often the daemon and the reader of our output are looked after."""
CLOSE = Ns(10 * SECOND)
"""For a slow disk to take what is left."""

_KINDS = {".wav": "wav", ".flac": "flac", ".opus": "opus"}
_NAMES = ("stereo", "mic", "voice", "model", "speaker")
_GOES_ON = "recording goes on when there is room again."
_SHOWN = 5
"""Gaps that are listed; the log beside the file has all."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--stream", type=click.Choice(_NAMES), default="stereo", help="What is recorded.", show_default=True)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), metavar="S", help="End after so long.")
@click.option("--segment-minutes", type=click.FloatRange(min=0.01), metavar="M", help="A new file after so long.")
@click.option("--segment-mb", type=click.IntRange(1, 4000), default=4000, metavar="MB", help="A new file at this size.")
@click.option("--no-transcript", is_flag=True, help="Write no words beside it.")
@common
@pass_options
def record(
    options: Options,
    file: Path,
    stream: str,
    seconds: float | None,
    segment_minutes: float | None,
    segment_mb: int,
    no_transcript: bool,
) -> int:
    """Record the conversation into FILE (.wav, .flac or .opus), until Ctrl-C.

    stereo is the user on the left, and on the right what was really played. Beside FILE come a log (.jsonl) and
    captions (.vtt). "-" writes raw samples to standard output: signed 16-bit little-endian PCM.
    """
    kind = _kind(file)
    directory = directory_of(options)
    writer = _writer(file, kind, stream, segment_minutes or 0, segment_mb * 1_000_000, not no_transcript)
    session = _Session(writer, None if seconds is None else Ns(round(seconds * SECOND)))
    try:
        session.run(directory)
    finally:
        session.end()
        data = _summary(session.recording, writer, stream)
        if kind == "raw":
            click.echo(_words(data), err=True)
        else:
            say(options, _words(data), data)
    return Exit.DONE


def _writer(file: Path, kind: str, stream: str, minutes: float, most_bytes: int, transcript: bool) -> "Writer":
    """Begin, and say what it will be."""
    from lived.clock import monotonic_ns
    from lived.recording import SHAPES, Format, Limits, SingleFile, StandardOutput, Writer

    shape = SHAPES[stream]
    form = Format(stream, kind, monotonic_ns(), transcript)
    how = "signed 16-bit little-endian PCM" if kind == "raw" else "end with Ctrl-C"
    channels = "2 channels" if len(shape.channels) > 1 else "1 channel"
    click.echo(f"Recording {stream}: {shape.rate} Hz, {channels}; {how}.", err=True)
    output = StandardOutput(form) if kind == "raw" else SingleFile(file, form)
    return Writer(output, Limits(round(minutes * 60 * shape.rate), most_bytes))


def _kind(file: Path) -> str:
    """What to write. Raises UsageError: not known, not possible, not wanted."""
    from lived.recording import missing

    if str(file) == "-":
        return "raw"
    kind = _KINDS.get(file.suffix.lower())
    if kind is None:
        raise UsageError(f"The name '{file}' does not end in .wav, .flac or .opus: say which it is to be.")
    if missing():
        raise LivedError(missing())
    beside = next((p for p in (file, file.with_suffix(".jsonl"), file.with_suffix(".vtt")) if p.exists()), None)
    if beside:
        raise UsageError(f"{beside} exists: choose another name, nothing is overwritten.")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {file.absolute().parent}: make it first.")
    return kind


class _Session:
    """The loop, and how it ends."""

    def __init__(self, writer: "Writer", limit: Ns | None) -> None:
        from lived.recording import Recording

        self._writer, self._limit = writer, limit
        self._format = writer.output.format
        until = None if limit is None else Ns(self._format.begin + limit)
        self.recording: Recording = Recording(self._format, writer.put, until)
        self._look_at = Ns(0)

    def run(self, directory: Path) -> None:
        """Until it is over, or somebody ends it.

        Raises:
            NotRunningError: the daemon has ended.
            LivedError: nothing can be written.
            BrokenPipeError: nobody reads our output.
        """
        from lived.bus import Bus, Endpoints, Poller
        from lived.clock import monotonic_ns
        from lived.recording import EVENTS, SHAPES
        from lived.wire.events import topic_of

        bus = Bus(Endpoints(directory))
        try:
            audio = bus.audio(*sorted(stream.topic for stream in SHAPES[self._format.stream].streams))
            events = bus.events(*(topic_of(event) for event in EVENTS))
            poller = Poller()
            poller.add(audio, lambda: self._hear(audio.drain()))
            poller.add(events, lambda: self._learn(events.drain()))
            audio.await_greeting()
            events.await_greeting()
            self._hear(audio.drain())
            with _ending() as asked:
                while not asked and not self._over(monotonic_ns()):
                    poller.wait(TICK_MS)
                    self.recording.tick(monotonic_ns())
                    self._look(directory, monotonic_ns())
        finally:
            bus.close()

    def end(self) -> None:
        """Complete the file."""
        from lived.clock import monotonic_ns

        now = monotonic_ns()
        self.recording.end(now)
        self._writer.finish()
        if not self._writer.wait(CLOSE):
            click.echo("livectl: the disk is too slow: the end of the recording is missing.", err=True)

    def _over(self, now: Ns) -> bool:
        # sound comes a little later than it was: what belongs to the last moment is waited for
        return self._limit is not None and now >= self._format.begin + self._limit + SECOND // 2

    def _hear(self, messages: Iterator[list[bytes]]) -> None:
        from lived.errors import WireError
        from lived.wire import decode_chunk

        for frames in messages:
            try:
                self.recording.hear(decode_chunk(frames))
            except WireError as error:
                click.echo(f"livectl: ignored a message: {error}", err=True)

    def _learn(self, messages: Iterator[list[bytes]]) -> None:
        from lived.clock import monotonic_ns
        from lived.errors import WireError
        from lived.wire import decode_event

        for frames in messages:
            try:
                self.recording.learn(decode_event(frames), monotonic_ns())
            except WireError as error:
                click.echo(f"livectl: ignored a message: {error}", err=True)

    def _look(self, directory: Path, now: Ns) -> None:
        """Whether it makes sense to go on."""
        state = self._writer.state
        if isinstance(state.error, BrokenPipeError):
            raise state.error
        if state.error:
            raise LivedError(state.trouble.replace(_GOES_ON, "the recording has ended."))
        if now < self._look_at:
            return
        self._look_at = Ns(now + LOOK)
        if not answers(directory):
            raise NotRunningError("The daemon has ended, and the recording with it: start it with 'livectl start'.")


@contextmanager
def _ending() -> Iterator[list[int]]:
    """Signals that ask for the end are put into the list: the file is completed, not broken off."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {n: signal.signal(n, ask) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _summary(recording: "Recording", writer: "Writer", stream: str) -> dict[str, Any]:
    from lived.recording import SHAPES

    rate = SHAPES[stream].rate
    gaps = [*recording.gaps, *writer.gaps]
    return {
        "files": [str(path) for path in writer.files],
        "stream": stream,
        "rate": rate,
        "channels": len(SHAPES[stream].channels),
        "seconds": round(writer.frames / rate, 3),
        "gaps": [{**gap._asdict(), "at": round(gap.first / rate, 3), "s": round(gap.frames / rate, 3)} for gap in gaps],
    }


def _words(data: dict[str, Any]) -> str:
    gaps = data["gaps"]
    files = ", ".join(data["files"]) or "standard output"
    lines = [f"{files}: {data['seconds']:.1f} s of {data['stream']}, {_count(len(gaps))}."]
    lines += [f"  {gap['stream']} at {gap['at']:.1f} s: {gap['s']:.3f} s, {gap['cause']}" for gap in gaps[:_SHOWN]]
    if len(gaps) > _SHOWN:
        lines.append(f"  and {len(gaps) - _SHOWN} more: see the log beside the file.")
    return "\n".join(lines)


def _count(gaps: int) -> str:
    return f"{gaps or 'no'} gap{'' if gaps == 1 else 's'}"
