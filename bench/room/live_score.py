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
from bench.room.score import LATE_MS, Blocks, kept, power_db
from bench.room.seen import Seen, Track
from lived.config.options import Frontend
from lived.units import MODEL_RATE

LONGEST_DELAY_S = 0.6
LINGERS_NS = 1e9
"""What is cut so long behind the last word was cut for it."""
WINDOW_S = 2.0
"""So much sound tells one delay."""
AUDIBLE_RMS = 100.0
SETTLED_BEFORE_S = 2 * SETTLED_S
"""A shorter reply tells no ERLE."""


class Delay(NamedTuple):
    """From DAC to ADC by the times of the daemon's own chunks, in ms; of replies into which nobody spoke."""

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
    false_at_s: list[float]
    """By ear, while nobody spoke: seconds since the reply began."""
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
    if missing or extra:
        return f"the room was late: {missing} frames missing, {extra} too many in the microphone's sound"
    if late := seen.mic.lost + seen.voice.lost + seen.speaker.lost:
        return f"{late} frames were lost on their way"
    return ""


class Sentence(NamedTuple):
    """One that the user said; times: CLOCK_MONOTONIC ns at the ADC."""

    saying: Saying
    first: int
    """Of the first frame in ``mic``."""
    onset: float
    """Its first syllable."""
    over: float
    """What is cut later has nothing to do with it."""
    cut: float | None
    """Ordered by ear, for it."""


def sentences(seen: Seen) -> list[Sentence]:
    """One for each saying."""
    return [_sentence(seen, saying, frame) for saying, frame in seen.said]


def _sentence(seen: Seen, saying: Saying, frame: int) -> Sentence:
    index = _index(seen, frame)
    onset = seen.mic.time_of(index + round(saying.onsets[0] * RATE))
    cut = min((t for t in _by_ear(seen) if 0 <= t - onset < LATE_MS * 1e6), default=None)
    return Sentence(saying, index, onset, seen.mic.time_of(index + len(saying.sound)) + LINGERS_NS, cut)


def judged(seen: Seen) -> Found:
    """As it comes. The last of the sentences was said alone, the others over a reply, one over each."""
    said, voice = sentences(seen), likely(seen.voice.sound, Frontend())
    over, last = said[:-1], said[-1]
    before = [(one.onset - reply.begin) / 1e9 for one, reply in zip(over, seen.over, strict=True)]
    false = [t for t in _by_ear(seen) if not any(one.onset <= t <= one.over for one in said)]
    return Found(
        erle_db=_erle(seen),
        told_erle_db=seen.told.get("echo_erle_db", 0),
        delay=delay(seen),
        false_at_s=[_into_reply(seen, t) for t in false],
        other_cuts=sum(cut.cause != "local" for cut in seen.cuts),
        echo_s=sum(reply.seconds for reply in seen.alone) + sum(before),
        cut_ms=[(one.cut - one.onset) / 1e6 for one in over if one.cut],
        silent_ms=[(_silent(seen, one.cut) - one.onset) / 1e6 for one in over if one.cut],
        missed=sum(not one.cut for one in over),
        kept=sum(_kept(seen, voice, one) for one in over) / len(over),
        alone_kept=_kept(seen, voice, last),
        cpu_frontend=seen.cpu["frontend"],
        cpu_all=sum(seen.cpu.values()),
        memory_frontend=seen.memory["frontend"],
        memory_all=sum(seen.memory.values()),
        half_duplex=bool(seen.told.get("echo_half_duplex", 0)),
        underruns=seen.underruns,
    )


def into(seen: Seen) -> Into:
    """Of what was said into a reply that nothing cuts."""
    said = sentences(seen)[0]
    at = said.first + seen.mic.first - seen.voice.first
    found = _kept(seen, likely(seen.voice.sound, Frontend()), said)
    return Into(found, seen.voice.sound[at : at + len(said.saying.sound)])


def delay(seen: Seen) -> Delay:
    """By phase transform, window by window."""
    found = []
    for reply in seen.alone:
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


def _by_ear(seen: Seen) -> list[float]:
    return [cut.time for cut in seen.cuts if cut.cause == "local"]


def _into_reply(seen: Seen, when: float) -> float:
    """Seconds since the begin of the reply that was heard then."""
    return min((when - reply.begin) / 1e9 for reply in [*seen.alone, *seen.over] if reply.begin <= when)


def _silent(seen: Seen, ordered: float) -> float:
    """When the cut that was ordered then was obeyed."""
    return min((done.silent_at for done in seen.silent if done.silent_at >= ordered), default=float("nan"))


def _kept(seen: Seen, voice: Blocks, said: Sentence) -> float:
    at = said.first + seen.mic.first - seen.voice.first
    alone = np.zeros(len(seen.voice.sound))
    alone[at : at + len(said.saying.sound)] = said.saying.sound[: len(alone) - at]
    clean = likely(clipped(alone), Frontend())
    return kept(voice, clean, Stretch(at / RATE, (at + len(said.saying.sound)) / RATE))


def _erle(seen: Seen) -> float | None:
    first = seen.alone[0] if seen.alone else None
    if first is None or first.seconds < SETTLED_BEFORE_S:
        return None
    begin, end = (seen.mic.index_at(first.begin + s * 1e9) for s in (SETTLED_S, first.seconds))
    apart = seen.mic.first - seen.voice.first
    near, left = Stretch(begin / RATE, end / RATE), Stretch((begin + apart) / RATE, (end + apart) / RATE)
    return power_db(seen.mic.sound, near) - power_db(seen.voice.sound, left)
