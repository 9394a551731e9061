"""From what was heard and said to figures. Pure: no file, no clock, no socket.

Three recordings of the user exist: what capture published (``mic``), what the stand-in received, and when. Two of each
reply: what the stand-in sent, and what playback handed to the card (``speaker``).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lived.cli.demo.align import Alignment, Break, align
from lived.units import BYTES_PER_SAMPLE, MILLISECOND, MODEL_RATE, SECOND, Ns, Turn, frames_in, ms
from lived.units import Ms as _Ms
from lived.wire.chunk import Chunk
from lived.wire.events import AnyEvent, Cut, CutDone, Heartbeat, TurnComplete, TurnHeard

FADE = frames_in(_Ms(5), MODEL_RATE)
"""Frames that playback may alter at an edge so that nobody hears a click."""

ON_THE_WAY_S = 1.0
"""Sound this young at the end of the demo may still be on its way; older sound that did not arrive is lost."""


class Message(NamedTuple):
    """One message of sound as the stand-in received it."""

    arrived: Ns
    offset: int
    """Of its first frame in everything received."""
    frames: int


class Toll(NamedTuple):
    """Frames that went wrong in one direction."""

    lost: int
    doubled: int
    strange: int
    """Frames that were never sent and are not silence: after a cut, sound that should not be there."""


class Delays(NamedTuple):
    """Of the sound on its way up, ms: first frame at the ADC until its message has arrived."""

    p50: float
    p99: float
    messages: int


NOTHING = Toll(0, 0, 0)


def stretch(chunks: Sequence[Chunk]) -> bytes:
    """The sound of one stream; holes are silence. Chunks of one epoch, in order."""
    pcm = bytearray()
    for chunk in chunks:
        missing = (chunk.position - chunks[0].position) * BYTES_PER_SAMPLE - len(pcm)
        pcm += bytes(max(0, missing))
        pcm += chunk.pcm[max(0, -missing) :]
    return bytes(pcm)


def one_life(chunks: Iterable[Chunk]) -> list[Chunk]:
    """The chunks of the newest epoch, in order."""
    ordered = sorted(chunks, key=lambda chunk: (chunk.epoch, chunk.position))
    return [chunk for chunk in ordered if chunk.epoch == ordered[-1].epoch]


# -- up: microphone to server --------------------------------------------------------------------


def up(mic: Sequence[Chunk], received: bytes) -> tuple[Toll, Alignment]:
    """What was lost or doubled between capture and the stand-in, and where each frame went."""
    if not mic:
        return NOTHING, align(b"", received)
    alignment = align(stretch(mic), received)
    late = max(0, alignment.tail - int(ON_THE_WAY_S * mic[0].rate))
    lost = alignment.lead + late + sum(gap.skipped for gap in alignment.breaks)
    strange = alignment.strange_lead + alignment.strange_tail + sum(gap.strange for gap in alignment.breaks)
    return Toll(lost, sum(gap.again for gap in alignment.breaks), strange), alignment


def delays(mic: Sequence[Chunk], messages: Iterable[Message], alignment: Alignment, since: Ns) -> Delays | None:
    """How long the sound captured from ``since`` on took to arrive; None when there was none."""
    found = sorted(_delays(mic, messages, alignment, since))
    if not found:
        return None
    return Delays(ms(percentile(found, 50)), ms(percentile(found, 99)), len(found))


def _delays(mic: Sequence[Chunk], messages: Iterable[Message], alignment: Alignment, since: Ns) -> Iterable[Ns]:
    starts = [chunk.position for chunk in mic]
    for message in messages:
        at = alignment.sent_at(message.offset)
        if at is None:
            continue
        position = at + starts[0]
        chunk = mic[bisect_right(starts, position) - 1]
        captured = chunk.time + (position - chunk.position) * SECOND // chunk.rate
        if captured >= since:
            yield Ns(message.arrived - captured)


def socket_delays(events: Iterable[AnyEvent]) -> Delays | None:
    """The same until the bytes were on the socket, as the gateway counted it for itself; None when it never did."""
    beats = [e.counters for e in events if isinstance(e, Heartbeat) and e.worker == "gateway"]
    counted = [c for c in beats if c.get("uplink_p99_us")]
    if not counted:
        return None
    newest = counted[-1]
    return Delays(newest["uplink_p50_us"] / 1000, newest["uplink_p99_us"] / 1000, newest.get("uplink_messages", 0))


def handover_p99_ms(events: Iterable[AnyEvent]) -> float:
    """How late the card (or the timer in its place) gave capture its blocks: nobody could have had them earlier."""
    counted = [
        e.counters.get("handover_p99_us", 0) for e in events if isinstance(e, Heartbeat) and e.worker == "capture"
    ]
    return counted[-1] / 1000 if counted else 0.0


def percentile(ordered: Sequence[Ns], percent: int) -> Ns:
    """By nearest rank: a value that was really measured."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


# -- down: server to card ------------------------------------------------------------------------


def down(speaker: Sequence[Chunk], sent: Mapping[Turn, bytes], cuts: Mapping[Turn, int]) -> Toll:
    """What was lost or doubled between the stand-in and the card.

    ``sent``: each turn as the stand-in sent it. ``cuts``: for each turn that was cut, the frames heard of it.
    """
    tolls = [_turn_down(_of_turn(speaker, turn), pcm, cuts.get(turn)) for turn, pcm in sent.items()]
    return Toll(*(sum(column) for column in zip(*tolls, strict=True))) if tolls else NOTHING


def _of_turn(speaker: Sequence[Chunk], turn: Turn) -> bytes:
    """Everything played from the first to the last chunk of ``turn``, silence in between included."""
    places = [index for index, chunk in enumerate(speaker) if chunk.turn == turn]
    return stretch(speaker[places[0] : places[-1] + 1]) if places else b""


def _turn_down(heard: bytes, sent: bytes, cut_at: int | None) -> Toll:
    if cut_at is not None:
        sent = sent[: cut_at * BYTES_PER_SAMPLE]
    if not sent.strip(b"\0"):
        return NOTHING
    alignment = align(sent, heard)
    inner = [_less_fades(gap) for gap in alignment.breaks]
    edges = max(0, alignment.lead - FADE) + max(0, alignment.tail - FADE)
    lost = edges + sum(gap.skipped for gap in inner)
    tail = heard[len(heard) - alignment.strange_tail * BYTES_PER_SAMPLE :]
    strange = max(0, _sounding(tail) - FADE)
    return Toll(lost, sum(gap.again for gap in inner), strange)


def _less_fades(gap: Break) -> Break:
    """``gap`` without the frames that were heard, only softer: the end of one stretch, the beginning of the next."""
    faded = min(gap.skipped, gap.strange, 2 * FADE)
    return Break(gap.skipped - faded, gap.strange - faded, gap.again)


def _sounding(pcm: bytes) -> int:
    """Frames that are not silent."""
    return sum(1 for sample in memoryview(pcm).cast("h") if sample)


# -- interruption --------------------------------------------------------------------------------


class Interruption(NamedTuple):
    """One cut that silenced something."""

    turn: Turn
    heard_frames: int
    ordered: Ns
    silent: Ns

    @property
    def to_silence_ms(self) -> float:
        """From the order to the first silent frame at the DAC; 0 when it was silent already."""
        return max(0.0, (self.silent - self.ordered) / MILLISECOND)


def interruptions(events: Iterable[AnyEvent]) -> list[Interruption]:
    """The cuts that silenced a turn while it was being heard, from the first order of each."""
    events = list(events)
    ordered: dict[Turn, Ns] = {}
    for cut in (event for event in events if isinstance(event, Cut)):
        ordered.setdefault(cut.turn, cut.time)
    found: dict[Turn, Interruption] = {}
    for done in (event for event in events if isinstance(event, CutDone)):
        if done.heard_turn and done.turn in ordered:
            one = Interruption(done.heard_turn, done.heard_frames, ordered[done.turn], done.silent_at)
            found.setdefault(done.heard_turn, one)
    return list(found.values())


class Replies(NamedTuple):
    """The turns of the model, in order."""

    heard: tuple[Turn, ...]
    complete: tuple[Turn, ...]


def replies(events: Iterable[AnyEvent]) -> Replies:
    """Which turns could be heard, and which the server said to be over."""
    events = list(events)
    heard = {event.turn for event in events if isinstance(event, TurnHeard)}
    complete = {event.turn for event in events if isinstance(event, TurnComplete)}
    return Replies(tuple(sorted(heard)), tuple(sorted(complete)))
