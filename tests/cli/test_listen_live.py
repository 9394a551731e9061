"""A stream of another clock on this card: in time, whole, and through everything that happens to it."""

from collections import deque
from itertools import pairwise

import pytest

from fakes.sound import is_run, numbered, samples_of
from lived.cli.listen.live import SLACK, Live
from lived.pcm import silence
from lived.units import MIC_RATE, MILLISECOND, SECOND, Epoch, Ns, Position, Turn
from lived.wire import FLAG_MUTED, FLAG_OVERFLOW, Chunk, Stream

BLOCK = 320
DELAY = 150 * MILLISECOND


def chunk(position: int, pcm: bytes, epoch: int = 0, flags: int = 0, began: int = 0) -> Chunk:
    """A piece of ``mic`` whose frame 0 passed the ADC at ``began``."""
    time = Ns(began + position * SECOND // MIC_RATE)
    return Chunk(Stream.MIC, Epoch(epoch), Position(position), time, Turn(0), MIC_RATE, pcm, flags=flags)


class Card:
    """Reads blocks, by a clock that may be wrong; what is fed is there 30 ms after it passed the ADC."""

    def __init__(self, live: Live, chunks: list[Chunk], ppm: int = 0) -> None:
        self.live, self.chunks, self.ppm = live, deque(chunks), ppm
        self.blocks = 0

    @property
    def when(self) -> Ns:
        """What should be heard in the next block."""
        return Ns(self.blocks * BLOCK * (SECOND - 1000 * self.ppm) // MIC_RATE - DELAY)

    def play(self, blocks: int) -> bytes:
        """So many more; what was heard in them."""
        pcm = b""
        for _ in range(blocks):
            now = self.when + DELAY
            while self.chunks and self.chunks[0].time + 30 * MILLISECOND <= now:
                self.live.put(self.chunks.popleft())
            pcm += self.live.read(BLOCK, self.when)
            self.blocks += 1
        return pcm


def stream(pcm: bytes) -> list[Chunk]:
    """Cut into chunks of 10 ms."""
    return [chunk(at // 2, pcm[at : at + 320]) for at in range(0, len(pcm), 320)]


def loud(pcm: bytes) -> tuple[int, ...]:
    """What is not silent, without the fades at its edges."""
    return tuple(sample for sample in samples_of(pcm) if sample)[48:-48]


def test_every_frame_is_heard_at_its_time() -> None:
    """So much later as was asked for, once and in order."""
    card = Card(Live(MIC_RATE), stream(numbered(0, MIC_RATE)))
    heard = samples_of(card.play(75))
    begins = DELAY * MIC_RATE // SECOND
    assert not any(heard[:begins])
    assert heard[begins + 48 : begins + MIC_RATE - 48] == samples_of(numbered(48, MIC_RATE - 96))
    assert not any(heard[begins + MIC_RATE :])


def test_a_loss_is_silence_of_the_same_length() -> None:
    """What is behind it is heard at its time, and the loss is counted; a gap that was intended is none."""
    pieces = stream(numbered(0, MIC_RATE))
    del pieces[50:53]
    pieces[60:63] = [pieces[63]._replace(flags=FLAG_MUTED)]
    pieces[70:73] = [pieces[73]._replace(flags=FLAG_OVERFLOW)]
    live = Live(MIC_RATE)
    heard = samples_of(Card(live, pieces).play(75))
    assert live.lost == 2 * 480
    begins = DELAY * MIC_RATE // SECOND
    assert not any(heard[begins + 8000 : begins + 8480])
    assert heard[begins + 8480 : begins + 9000] == samples_of(numbered(8480, 520))


@pytest.mark.parametrize("ppm", [2000, -2000])
def test_clocks_that_differ_are_mended_in_silence(ppm: int) -> None:
    """Two minutes of words and pauses: nothing of a word is missing or doubled, none comes late or early."""
    word, pause = numbered(1000, 3 * MIC_RATE), silence(MIC_RATE)
    live = Live(MIC_RATE)
    card = Card(live, stream((word + pause) * 30), ppm)
    heard = samples_of(card.play(29 * 200))
    starts = [at + 1 for at, (a, b) in enumerate(pairwise(heard)) if not a and b]
    assert len(starts) in (29, 30)
    for number, start in enumerate(starts):
        due = (number * 4 * SECOND + DELAY) * MIC_RATE // SECOND
        assert abs(start * (1_000_000 - ppm) // 1_000_000 - due) < 2.5 * SLACK * MIC_RATE // SECOND, number
        assert start + 3 * MIC_RATE > len(heard) or is_run(heard[start + 48 : start + 3 * MIC_RATE - 48]), number
    assert abs(live.mended) > 0.0015 * 110 * MIC_RATE


def test_a_muted_hour_does_not_delay() -> None:
    """A stream that was away goes on at its time, whatever the clocks did meanwhile."""
    pieces = stream(numbered(0, 3200))
    later = 3600 * MIC_RATE
    pieces += [chunk(later + 160 * n, numbered(160 * n, 160), flags=0 if n else FLAG_MUTED) for n in range(100)]
    live = Live(MIC_RATE)
    card = Card(live, pieces, ppm=100)
    card.play(25)
    card.blocks = later // BLOCK
    heard = samples_of(card.play(100))
    assert heard.index(next(s for s in heard if s)) - DELAY * MIC_RATE // SECOND < 48 + MIC_RATE * 0.4
    assert loud(b"".join(s.to_bytes(2, "little") for s in heard)) == samples_of(numbered(48, 16_000 - 96))
    assert live.lost == 0


def test_a_publisher_that_begins_anew() -> None:
    """Positions begin at 0 again: silence in between, then the new ones at their time."""
    live = Live(MIC_RATE)
    card = Card(live, stream(numbered(0, 8000)))
    card.play(20)
    card.chunks = deque(chunk(160 * n, numbered(160 * n, 160), epoch=7, began=SECOND // 2) for n in range(50))
    assert len(loud(card.play(60))) > 7000
    assert card.live.lost == 0


def test_who_stood_still_is_back_at_once() -> None:
    """A listener that slept for three seconds hears what is said now, not what was said then."""
    card = Card(Live(MIC_RATE), stream(numbered(0, 10 * MIC_RATE)))
    card.play(50)
    card.blocks += 150
    due = card.when
    heard = samples_of(card.play(50))
    first = due * MIC_RATE // SECOND
    assert heard[-1000:] == samples_of(numbered(first + 49 * BLOCK + BLOCK - 1000, 1000))


def test_what_comes_too_late_is_told() -> None:
    """The delay that is lacking, so that it can be made longer; sound that is in time tells nothing."""
    live = Live(MIC_RATE)
    live.put(chunk(0, numbered(0, 160)))
    live.read(BLOCK, Ns(60 * MILLISECOND))
    assert live.late == 70 * MILLISECOND
    fine = Live(MIC_RATE)
    fine.put(chunk(0, numbered(0, 3200)))
    fine.read(BLOCK, Ns(60 * MILLISECOND))
    assert fine.late == 0
