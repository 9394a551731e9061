"""What one visit was worth. Pure."""

from statistics import median
from typing import NamedTuple

import numpy as np

from bench.figures import lost, pieces
from bench.listening_scenes import RATE, Samples, clipped
from bench.room.acoustics import Sound
from bench.room.air import Saying
from bench.room.passage import likely
from bench.room.scene import SETTLED_S, Stretch
from bench.room.score import LATE_MS, kept, power_db
from bench.room.seen import Seen, Track
from lived.config.options import Frontend
from lived.units import MODEL_RATE

LONGEST_DELAY_S = 0.6
WINDOW_S = 2.0
"""So much sound tells one delay."""
AUDIBLE_RMS = 100.0
SETTLED_BEFORE_S = 2 * SETTLED_S
"""A shorter reply tells no ERLE."""


class Delay(NamedTuple):
    """From DAC to ADC by the times of the daemon's own chunks, in ms; of all windows in which there was a reply."""

    middle: float
    least: float
    most: float


class Found(NamedTuple):
    """Of one room and one engine, speaking and being spoken to as it comes."""

    erle_db: float | None
    """Of the first reply, from some seconds on; None: it was cut too soon."""
    told_erle_db: int
    """What the front end says of it."""
    delay: Delay
    false_cuts: int
    """By ear, while nobody spoke."""
    other_cuts: int
    """Not by ear."""
    echo_s: float
    """So long was a reply heard and nobody spoke."""
    cut_ms: list[float]
    """First syllable at the ADC to the order to cut, of those sentences that cut."""
    silent_ms: list[float]
    """First syllable at the ADC to silence at the DAC."""
    missed: int
    kept: float
    """Share of the user's speech that is found in `voice`; the reply ends where it is cut."""
    alone_kept: float
    cpu_frontend: float
    """Percent of one core while a reply was heard."""
    cpu_all: float
    memory_frontend: float
    """MB, proportional."""
    memory_all: float
    half_duplex: bool
    underruns: int


class Into(NamedTuple):
    """What is left of words that are said into a reply that goes on."""

    kept: float
    voice: Samples
    """From the first word on."""


def fault(seen: Seen) -> str:
    """Why these figures mean nothing; empty when they do. What the room gave must have been captured, to the frame."""
    parts = pieces(seen.mic.sound, seen.written)
    if not parts:
        return "the microphone did not hear the room"
    missing, extra = lost(parts, len(seen.mic.sound) - parts[0].at)
    if missing or extra > RATE // 100:  # the end of the recording may be too short to be found
        return f"the room was late: {missing} frames missing, {extra} too many in the microphone's sound"
    if late := seen.mic.lost + seen.voice.lost + seen.speaker.lost:
        return f"{late} frames were lost on their way"
    return ""


def judged(seen: Seen) -> Found:
    """As it comes. The sayings: one sentence at a time, the last of them alone."""
    over = [(saying, _index(seen, frame)) for saying, frame in seen.said]
    over, (last, at) = over[:-1], over[-1]
    voice = likely(seen.voice.sound, Frontend())
    begins = [seen.mic.time_of(index + round(saying.onsets[0] * RATE)) for saying, index in over]
    by_ear = [cut.time for cut in seen.cuts if cut.cause == "local"]
    firsts = [min((t for t in by_ear if 0 <= t - begin < LATE_MS * 1e6), default=None) for begin in begins]
    meant = [t for t in firsts if t is not None]
    kept_of = [_kept(seen, voice, saying, index) for saying, index in over]
    return Found(
        _erle(seen), seen.told.get("echo_erle_db", 0), delay(seen),
        sum(not _spoken(seen, over, t) for t in by_ear),
        sum(cut.cause != "local" for cut in seen.cuts),
        sum(reply.seconds for reply in seen.alone)
        + sum((begin - reply.begin) / 1e9 for begin, reply in zip(begins, seen.over, strict=True)),
        [(t - begin) / 1e6 for t, begin in zip(firsts, begins, strict=True) if t is not None],
        [(_silent(seen, t) - begin) / 1e6 for t, begin in zip(firsts, begins, strict=True) if t is not None],
        len(begins) - len(meant),
        sum(kept_of) / len(kept_of),
        _kept(seen, voice, last, at),
        seen.cpu["frontend"], sum(seen.cpu.values()), seen.memory["frontend"], sum(seen.memory.values()),
        bool(seen.told.get("echo_half_duplex", 0)), seen.underruns,
    )  # fmt: skip


def into(seen: Seen) -> Into:
    """Of what was said into a reply that nothing cuts."""
    saying, frame = seen.said[0]
    index = _index(seen, frame)
    at = index + seen.mic.first - seen.voice.first
    found = _kept(seen, likely(seen.voice.sound, Frontend()), saying, index)
    return Into(found, seen.voice.sound[at : at + len(saying.sound)])


def delay(seen: Seen) -> Delay:
    """By phase transform, window by window."""
    found = []
    for reply in [*seen.alone, *seen.over]:
        for second in np.arange(0.5, reply.seconds - WINDOW_S, WINDOW_S):
            at = seen.mic.index_at(reply.begin + second * 1e9)
            ms = _delay_at(seen.speaker, seen.mic, at)
            found += [ms] if ms is not None else []
    return Delay(median(found), min(found), max(found)) if found else Delay(0, 0, 0)


def _delay_at(speaker: Track, mic: Track, at: int) -> float | None:
    """None where next to nothing was played."""
    length, before = round(WINDOW_S * RATE), round(LONGEST_DELAY_S * RATE)
    begin = speaker.index_at(mic.time_of(at) - LONGEST_DELAY_S * 1e9)
    frames = (length + before) * MODEL_RATE // RATE
    played = speaker.sound[begin : begin + frames].astype(np.float64)
    if len(played) < frames or played.std() < AUDIBLE_RMS:
        return None
    far = np.fft.rfft(np.interp(np.arange(length + before) * MODEL_RATE / RATE, np.arange(frames), played))
    near = np.fft.rfft(np.concatenate([np.zeros(before), mic.sound[at : at + length]]))
    cross = near * np.conj(far)
    peak: Sound = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-9))
    return 1000 * int(np.argmax(peak[:before])) / RATE


def _index(seen: Seen, frame: int) -> int:
    """Where in ``mic`` the frame is that the room wrote."""
    first = pieces(seen.mic.sound, seen.written)[0]
    return frame - first.source + first.at


def _spoken(seen: Seen, over: list[tuple[Saying, int]], when: float) -> bool:
    """Whether the user was speaking, or just had been."""
    return any(
        seen.mic.time_of(index + round(saying.onsets[0] * RATE))
        <= when
        <= seen.mic.time_of(index + len(saying.sound)) + 1e9
        for saying, index in over
    )


def _silent(seen: Seen, ordered: float) -> float:
    """When the cut that was ordered then was obeyed."""
    return min((done.silent_at for done in seen.silent if done.silent_at >= ordered), default=float("nan"))


def _kept(seen: Seen, voice: "np.ndarray[tuple[int], np.dtype[np.bool_]]", saying: Saying, index: int) -> float:
    """``index``: of ``mic``."""
    at = index + seen.mic.first - seen.voice.first
    alone = np.zeros(len(seen.voice.sound))
    alone[at : at + len(saying.sound)] = saying.sound[: len(alone) - at]
    clean = likely(clipped(alone), Frontend())
    blocks = min(len(clean), len(voice))
    return kept(voice[:blocks], clean[:blocks], Stretch(at / RATE, (at + len(saying.sound)) / RATE))


def _erle(seen: Seen) -> float | None:
    first = seen.alone[0] if seen.alone else None
    if first is None or first.seconds < SETTLED_BEFORE_S:
        return None
    begin, end = (seen.mic.index_at(first.begin + s * 1e9) for s in (SETTLED_S, first.seconds))
    apart = seen.mic.first - seen.voice.first
    near, left = Stretch(begin / RATE, end / RATE), Stretch((begin + apart) / RATE, (end + apart) / RATE)
    return power_db(seen.mic.sound, near) - power_db(seen.voice.sound, left)
