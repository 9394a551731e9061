"""Streams on the recording's clock."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lived.recording.track import Gap, Piece, Replies, Track, frame_at
from lived.units import SECOND, Epoch, Hz, Ns, Position, Turn
from lived.wire import FLAG_MUTED, FLAG_OVERFLOW, Chunk, Stream
from recording.cards import BEGIN, Card

RATE = Hz(1000)
MINUTES = 5


def laid(pieces: list[Piece]) -> bytes:
    """The sound of pieces that follow one behind the other without a hole or a double."""
    for before, after in pairwise(pieces):
        assert before.end == after.first
    return b"".join(piece.pcm for piece in pieces)


@settings(max_examples=20)
@given(jitter_ms=st.floats(0, 3), outliers=st.floats(0, 0.2), frames=st.sampled_from([10, 13, 40]))
def test_an_exact_card_is_recorded_bit_by_bit(jitter_ms: float, outliers: float, frames: int) -> None:
    """Jitter inserts nothing and drops nothing; the first frame is where it was, within a millisecond or two."""
    card = Card(jitter_ms=jitter_ms, outliers=outliers)
    track = Track(BEGIN, RATE)
    sent = list(card.chunks(20, frames))
    pieces = [piece for chunk in sent for piece in track.take(chunk)] + track.flush()
    assert laid(pieces) == b"".join(chunk.pcm for chunk in sent)
    assert abs(pieces[0].first) <= 2
    assert track.gaps == []


RUNS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 3000), st.sampled_from([0, 1, 2])), min_size=1, max_size=8)
"""(chunks, frames that are missing behind them, flag of the next one)"""


@given(RUNS)
def test_gaps_are_silence_of_the_exact_length(runs: list[tuple[int, int, int]]) -> None:
    """And each is told, with its cause; sound is where its positions say."""
    card, track = Card(), Track(BEGIN, RATE)
    pieces: list[Piece] = []
    expected: list[Gap] = []
    flags = 0
    for chunks, gap, kind in runs:
        for _ in range(chunks):
            pieces += track.take(card.chunk(10, flags))
            flags = 0
        if gap:
            cause = {0: "lost", FLAG_OVERFLOW: "card", FLAG_MUTED: "muted"}[kind]
            expected.append(Gap("mic", card.position, gap, cause))
            card.position += gap
            flags = kind
    pieces += track.take(card.chunk(10, flags)) + track.flush()
    for piece in pieces:
        first = int.from_bytes(piece.pcm[:2], "little") - 1
        assert first == piece.first % 30_000
    assert track.gaps == expected
    assert sum(len(piece.pcm) // 2 for piece in pieces) == card.position - sum(gap.frames for gap in expected)


def test_a_restarted_publisher_is_put_by_its_times() -> None:
    """A new epoch counts from 0 again; what lies between is told. Late chunks of the old one are ignored."""
    card, track = Card(), Track(BEGIN, RATE)
    pieces = [piece for chunk in card.chunks(1) for piece in track.take(chunk)]
    late = card.chunk(100)
    other = Card(epoch=Epoch(BEGIN + 1), late_ns=3 * SECOND)
    pieces += [piece for chunk in other.chunks(1) for piece in track.take(chunk)]
    assert track.take(late) == []
    assert pieces[-1].end == 4000
    assert track.gaps == [Gap("mic", 1000, 2000, "restarted")]


def test_a_card_that_stood_still_is_put_anew() -> None:
    """Its sound is late by as much as it stood still, and told; nothing is stretched for it."""
    card, track = Card(rate=Hz(1000)), Track(BEGIN, RATE)
    pieces = [piece for chunk in card.chunks(3, 50) for piece in track.take(chunk)]
    card.late_ns = 100_000_000
    pieces += [piece for chunk in card.chunks(5, 50) for piece in track.take(chunk)]
    assert [gap.cause for gap in track.gaps] == ["moved"]
    assert track.gaps[0].frames == 100
    assert pieces[-1].end == card.position + 100
    assert not track.stretched


def test_quiet_gives_out_what_a_resampler_holds() -> None:
    """A muted microphone must not keep the end of the last word until it is unmuted; the next chunk may follow on."""
    card, track = Card(rate=Hz(16_000)), Track(BEGIN, Hz(24_000))
    pieces = [piece for chunk in card.chunks(1, 160) for piece in track.take(chunk)]
    assert pieces[-1].end < 24_000
    now = Ns(BEGIN + SECOND)
    assert track.tick(now) == []
    pieces += track.tick(Ns(now + SECOND // 2))
    assert pieces[-1].end == 24_000
    assert track.tick(Ns(now + SECOND)) == []
    pieces += [piece for chunk in card.chunks(1, 160) for piece in track.take(chunk)] + track.flush()
    laid(pieces)
    assert (pieces[-1].end, track.gaps) == (48_000, [])


def test_two_cards_stay_together() -> None:
    """Clicks that were heard at the same time by cards that are 400 ppm apart are put within 5 ms, and within half a
    millisecond once the drift is known."""
    apart = abs(_clicks(200.0) - _clicks(-200.0))
    assert apart.max() <= 5.0
    assert apart[10:].max() <= 0.5


def _clicks(ppm: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Where a click each 10 s is found, ms on the recording's clock."""
    rate = Hz(8000)
    card, track = Card(rate=rate, ppm=ppm, jitter_ms=1.0), Track(BEGIN, rate)
    sound = np.zeros(MINUTES * 60 * rate + rate, np.int16)
    clicks = [int((5 + 10 * n) / (1 + ppm * 1e-6) * rate) for n in range(MINUTES * 6)]
    for at in clicks:
        sound[at] = 20_000
    pieces: list[Piece] = []
    for first in range(0, MINUTES * 60 * rate, 800):
        pieces += track.take(card.chunk(800)._replace(pcm=sound[first : first + 800].tobytes()))
    heard = np.frombuffer(laid(pieces + track.flush()), np.int16).astype(float)
    offset = pieces[0].first
    spots = [offset + s + np.argmax(heard[s : s + 10 * rate]) for s in range(0, MINUTES * 60 * rate - rate, 10 * rate)]
    return np.array(spots[: MINUTES * 6 - 1]) * 1000 / rate


def test_the_stretched_sound_has_no_break() -> None:
    """Where the correction begins, a tone goes on, half a frame off at most: nobody hears that."""
    rate = Hz(8000)
    card, track = Card(rate=rate, ppm=300.0), Track(BEGIN, rate)
    tone = (10_000 * np.sin(2 * np.pi * 200 * np.arange(30 * rate) / rate)).astype("<i2")
    pieces: list[Piece] = []
    for first in range(0, len(tone), 80):
        pieces += track.take(card.chunk(80)._replace(pcm=tone[first : first + 80].tobytes()))
    assert track.stretched
    heard, steepest = np.frombuffer(laid(pieces), "<i2").astype(float), np.abs(np.diff(tone.astype(float))).max()
    assert np.abs(np.diff(heard)).max() < 1.5 * steepest
    assert np.abs(np.diff(heard, 2)).max() < 0.5 * steepest


def test_replies_follow_on() -> None:
    """A reply begins when it came, its frames are back to back, the next waits for its end; a hole is silence."""
    track = Replies(BEGIN, RATE)

    def chunk(position: int, at_s: float, turn: int, value: int) -> Chunk:
        time = Ns(BEGIN + int(at_s * SECOND))
        pcm = value.to_bytes(2, "little") * 500
        return Chunk(Stream.MODEL, Epoch(1), Position(position), time, Turn(turn), RATE, pcm)

    pieces = [
        *track.take(chunk(0, 1.0, 1, 1)),
        *track.take(chunk(500, 1.01, 1, 2)),
        *track.take(chunk(1000, 1.2, 2, 3)),
        *track.take(chunk(1700, 1.3, 2, 4)),
        *track.take(chunk(2200, 9.0, 3, 5)),
    ]
    assert [piece.first for piece in pieces] == [1000, 1500, 2000, 2700, 9000]
    assert track.gaps == [Gap("model", 2500, 200, "lost")]


@given(time=st.integers(0, 10**12), rate=st.sampled_from([Hz(16_000), Hz(24_000)]))
def test_frame_at_is_the_nearest(time: int, rate: Hz) -> None:
    """Half a frame off at most."""
    frame = frame_at(Ns(BEGIN + time), BEGIN, rate)
    assert abs(frame * SECOND - time * rate) <= SECOND // 2
