"""The reference is where the sound was played, whatever the two cards' clocks, blocks and gaps do; never late."""

from collections.abc import Iterable, Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lived.units import MIC_RATE, MILLISECOND, MODEL_RATE, NO_TURN, SECOND, Epoch, Frames, Ns, Position, Turn
from lived.wire import FLAG_MUTED, Chunk, Stream
from lived_workers.frontend.reference import EARLIEST, LATEST, LEAD, Reference

BEGIN = 5 * SECOND
TONE_HZ = 100.0
"""A block is one turn of it: the phase says how far off it is, up to half a turn (5 ms)."""


def phase(seconds: np.ndarray) -> np.ndarray:
    """What is played at that time."""
    return 20_000 * np.sin(2 * np.pi * TONE_HZ * seconds)


def speaker(seconds: float, block: int, ppm: float, noise_ms: float, seed: int, begin: float = 0.0) -> Iterator[Chunk]:
    """A loudspeaker whose clock is ``ppm`` fast, with noise in its times."""
    rng = np.random.default_rng(seed)
    rate = MODEL_RATE * (1 + ppm * 1e-6)
    for first in range(0, int(seconds * MODEL_RATE), block):
        true = begin + (first + np.arange(block)) / rate
        pcm = np.rint(phase(true)).astype(np.int16).tobytes()
        time = BEGIN + int((true[0] + rng.normal(0, noise_ms / 1000)) * SECOND)
        yield Chunk(Stream.SPEAKER, Epoch(1), Position(first), Ns(time), NO_TURN, MODEL_RATE, pcm)


def mic(number: int, offset_s: float = 0.0) -> Chunk:
    """10 ms of a microphone whose clock is right."""
    time = BEGIN + int((number / 100 + offset_s) * SECOND)
    return Chunk(Stream.MIC, Epoch(1), Position(160 * number), Ns(time), Turn(0), MIC_RATE, bytes(320))


def errors_ms(reference: Reference, chunks: Iterable[Chunk], numbers: range) -> np.ndarray:
    """How far behind its time each block of the reference is: less than none = early by so much less."""
    waiting = iter(chunks)
    found = []
    for number in numbers:
        near = mic(number)
        while not reference.covers(near) and (chunk := next(waiting, None)) is not None:
            reference.heard(chunk)
        out = np.frombuffer(reference.of(near), np.int16).astype(float)
        here = number / 100 + LEAD / SECOND + np.arange(160) / MIC_RATE
        wave, quarter = phase(here), phase(here - 0.25 / TONE_HZ)
        angle = np.arctan2(np.dot(out, -quarter), np.dot(out, wave))
        found.append(-1000 * angle / (2 * np.pi * TONE_HZ))
    return np.array(found)


@settings(max_examples=5, deadline=None)
@given(st.sampled_from([120, 240, 480, 960]), st.floats(-200, 200), st.floats(0, 2), st.integers(0, 1000))
def test_where_it_belongs_whatever_the_clocks_do(block: int, ppm: float, noise_ms: float, seed: int) -> None:
    """With drift up to 200 ppm that nobody knows, any blocks, and times that are wrong by milliseconds: within 2 ms,
    and within 1 ms once the drift is known. The lead is 20 ms: it is never late."""
    reference = Reference()
    errors = np.abs(errors_ms(reference, list(speaker(60, block, ppm, noise_ms, seed)), range(10, 5900)))
    assert errors.max() < 2.0 + 2.5 * noise_ms  # the first time of all is taken as it is
    assert errors[4500:].max() < 1.0


def test_the_drift_is_measured_and_kept() -> None:
    """In ppm, within a few; what was learned is used from the first block."""
    reference = Reference()
    errors_ms(reference, list(speaker(90, 240, 120.0, 0.3, 7)), range(10, 8900))
    assert abs(reference.drift * 1e6 - 120) < 15
    again = Reference(reference.drift)
    errors = errors_ms(again, list(speaker(16, 240, 120.0, 0.3, 8)), range(10, 1500))
    assert np.abs(errors[100:]).max() < 1.0


def test_it_keeps_still() -> None:
    """Times that are wrong by 2 ms move it by a tenth of a millisecond once it has settled: a linear canceller needs
    every frame in its place."""
    reference = Reference()
    errors = errors_ms(reference, list(speaker(62, 240, 100.0, 2.0, 1)), range(10, 6000))
    assert errors[4000:].std() < 0.1
    assert abs(reference.drift * 1e6 - 100) < 20


def test_a_card_that_stood_still_does_not_look_like_drift() -> None:
    """Nobody says so, only the times do: it is followed within 200 ms, and no drift is learned from it."""
    first = list(speaker(10, 240, 0.0, 0.0, 1))
    stood = [
        chunk._replace(position=Position(chunk.position + first[-1].end)) for chunk in speaker(5, 240, 0, 0, 2, 10.04)
    ]
    reference = Reference()
    errors = errors_ms(reference, first + stood, range(10, 1400))
    assert np.abs(errors[1004 + 22 :]).max() < 0.5
    assert abs(reference.drift * 1e6) < 20


def test_a_card_that_was_reopened_is_followed_at_once() -> None:
    """Positions jump, times too: the next block that is covered is in its place."""
    first = list(speaker(3, 240, 0.0, 0.2, 1))
    second = [
        chunk._replace(position=Position(chunk.position + 200_000), flags=FLAG_MUTED if n == 0 else 0)
        for n, chunk in enumerate(speaker(3, 240, 0.0, 0.2, 2, begin=4.0))
    ]
    reference = Reference()
    errors = errors_ms(reference, first + second, range(10, 690))
    back = 400 - 10  # the fourth second begins
    assert np.abs(errors[back : back + 290]).max() < 1.5


def test_a_microphone_that_lost_sound_is_followed_at_once() -> None:
    """Its positions jump by 130 ms: so does the reference, in the same block."""
    reference = Reference()
    chunks = list(speaker(6, 240, 0.0, 0.2, 3))
    for chunk in chunks:
        reference.heard(chunk)
    for number in range(100):
        reference.of(mic(number))
    errors = errors_ms(reference, [], range(113, 300))
    assert np.abs(errors).max() < 1.0
    assert reference.jumps == 1


def test_what_was_not_played_is_silence() -> None:
    """Before the first sound, behind the last one, and without any."""
    reference = Reference()
    assert reference.of(mic(0)) == bytes(320)
    for chunk in speaker(1, 240, 0.0, 0.0, 1):
        reference.heard(chunk)
    assert reference.covers(mic(50))
    assert any(reference.of(mic(50)))
    assert not reference.covers(mic(300))
    assert reference.of(mic(300)) == bytes(320)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 960), st.integers(0, 10**10)), max_size=30))
def test_any_chunks_at_all(chunks: list[tuple[int, int, int]]) -> None:
    """Whatever positions, lengths and times: as many frames as the microphone's, and no error."""
    reference = Reference()
    for position, frames, time in chunks:
        pcm = bytes(2 * Frames(frames))
        reference.heard(Chunk(Stream.SPEAKER, Epoch(1), Position(position), Ns(time), NO_TURN, MODEL_RATE, pcm))
        assert len(reference.of(mic(position % 1000))) == 320


def wandering(seconds: float, ppm: float, ms: float) -> Iterator[Chunk]:
    """A loudspeaker whose times are wrong by so much, to and fro within 11 s."""
    for chunk in speaker(seconds, 240, ppm, 0.3, 9):
        wrong = ms * MILLISECOND * np.sin(2 * np.pi * (chunk.time - BEGIN) / SECOND / 11)
        yield chunk._replace(time=Ns(chunk.time + int(wrong)))


@settings(max_examples=5, deadline=None)
@given(st.floats(-200, 200), st.floats(0, 9))
def test_where_times_wander_the_echo_leads(ppm: float, ms: float) -> None:
    """It is found twice a second, to a frame. Once the drift is known the reference stays within a frame of it, and
    the drift is right, also behind a minute in which nothing was played, when times are all there is: these move it
    by less than they wander."""
    reference, chunks = Reference(), wandering(150, ppm, ms)
    first = errors_ms(reference, chunks, range(10, 11))[0]
    errors, error = [], 0.0
    for number in range(11, 6011):
        error = errors_ms(reference, chunks, range(number, number + 1))[0] - first
        errors.append(error)
        if number % 50 == 0:
            reference.lead(round(-error * MIC_RATE / 1000))
    assert np.abs(errors[2500:]).max() < 1000 / MIC_RATE
    assert abs(reference.drift * 1e6 - ppm) < 5
    later = errors_ms(reference, chunks, range(6011, 14_000)) - first
    assert np.abs(later).max() < 0.5 + 2 * ms
    assert abs(reference.drift * 1e6 - ppm) < 5
    assert reference.jumps == 0


def test_it_is_as_much_later_as_the_echo() -> None:
    """By a delay that was learned, from the first block; by another one as soon as it is told, and back."""
    reference = Reference(delay=16 * 7)
    chunks = speaker(8, 240, 0.0, 0.0, 1)
    errors = errors_ms(reference, chunks, range(20, 300))
    assert np.abs(errors - (7 - 10)).max() < 0.1  # a tone of 10 ms: 7 ms later looks 3 ms earlier
    assert reference.move(16 * 2)
    assert not reference.move(16 * 2)
    assert np.abs(errors_ms(reference, chunks, range(300, 320)) - 2).max() < 0.1
    assert abs(reference.drift) < 1e-9


def test_no_delay_is_beyond_what_is_remembered() -> None:
    """Whatever is found."""
    reference = Reference()
    assert reference.move(10**9)
    assert reference.delay == LATEST
    assert reference.move(-(10**9))
    assert reference.delay == EARLIEST
