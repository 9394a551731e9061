"""One conversation in one room: what is played, what the microphone hears, and what the user said of it."""

import wave
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.listening_scenes import BLOCK, SPEECH, SYLLABLE, Samples, clipped, load, pink
from bench.room.acoustics import (
    RATE,
    Place,
    Sound,
    active_rms,
    at_clock,
    distorted,
    response,
    softened,
    through,
)
from bench.room.rooms import Room
from lived.units import MODEL_RATE

ANSWERS = Path(__file__).parents[2] / "workers/lived_workers/simulator/speech"
USER_RMS = 32_768 * 10 ** (-26 / 20)
PLAYED_RMS = 10 ** (-20 / 20)
"""Of full scale."""
LEAD_IN_S = 1.0
SETTLED_S = 5.0
"""Of the first reply (at most half of it), not counted in the ERLE; a false barge-in counts from the beginning."""
PAUSE_S = 0.8
"""Between two sentences of the user, and between two replies."""
ANOTHER = round(5.3 * MODEL_RATE)
"""So much further on in what it says does the device begin with the next seed."""
OF_TUNING = ("human_f_0870", "human_f_0890"), "human_f_0930"
OF_HELD_OUT = ("human_f_0930", "human_f_0880"), "human_f_0870"
"""What the user says over the reply, and alone."""
SIZES = Place(4.2, 3.4, 2.6), Place(5.3, 3.9, 2.5)
LOUDSPEAKER, MICROPHONE, MOUTH = Place(1.25, 1.2, 1.2), Place(1.0, 1.2, 1.25), Place(2.3, 2.1, 1.5)


class Stretch(NamedTuple):
    """Seconds since the scene's begin."""

    begin: float
    end: float


class Scene(NamedTuple):
    """What the front end is given, and what is right."""

    room: Room
    played: Samples
    """24 kHz, on the loudspeaker's clock, full scale as the card has it."""
    turns: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    """Of each block of 10 ms of it."""
    near: Samples
    """16 kHz, on the microphone's clock."""
    user: Samples
    """The user alone in the room, as the microphone hears it."""
    said: tuple[str, ...]
    """Recordings that the user's words over the reply come from."""
    onsets: list[float]
    """Seconds at which the user begins to speak over a reply."""
    echo: Stretch
    double: Stretch
    alone: Stretch


@cache
def voice(*, held_out: bool) -> Sound:
    """What the device says, 24 kHz; 1 = full scale."""
    if held_out:
        with wave.open(str(SPEECH / "far_joe_24k.wav"), "rb") as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32_768
    else:
        sound = _to_24k(answers())
    scaled: Sound = np.clip(sound * PLAYED_RMS / active_rms(sound), -0.99, 0.99)
    return scaled


def answers() -> Sound:
    """The stand-in's, a pause behind each; 16 kHz, as loud as they come, 1 = full scale."""
    pause = np.zeros(RATE // 5)
    return np.concatenate(
        [part for path in sorted(ANSWERS.glob("answer_*.wav")) for part in (load(path) / 32_768, pause)]
    )


def _to_24k(sound: Sound) -> Sound:
    """By spectrum: exact."""
    frames = len(sound) * MODEL_RATE // RATE
    spectrum = np.zeros(frames // 2 + 1, complex)
    spectrum[: len(sound) // 2 + 1] = np.fft.rfft(sound)
    out: Sound = np.fft.irfft(spectrum, frames) * frames / len(sound)
    return out


def to_16k(sound: Sound) -> Sound:
    """By spectrum, all at once: the scene is its own period."""
    frames = len(sound) * RATE // MODEL_RATE
    out: Sound = np.fft.irfft(np.fft.rfft(sound)[: frames // 2 + 1], frames) * frames / len(sound)
    return out


def make(room: Room, seed: int, echo_s: float) -> Scene:
    """``seed``: of the noise, and of where in what it has to say the device begins. ``echo_s``: how long it speaks
    before the user does."""
    over, alone = OF_HELD_OUT if room.held_out else OF_TUNING
    words, onsets, length = sentences(over)
    echo = Stretch(LEAD_IN_S, LEAD_IN_S + echo_s)
    double = Stretch(echo.end + PAUSE_S, echo.end + PAUSE_S + length)
    last = Stretch(double.end + PAUSE_S, double.end + PAUSE_S + len(load(SPEECH / f"{alone}.wav")) / RATE)
    frames = round((last.end + PAUSE_S) * 100) * BLOCK
    played, turns = _played(np.roll(voice(held_out=room.held_out), -(seed - 1) * ANOTHER), frames, echo, double)
    user = np.zeros(frames)
    _lay(user, words, double.begin)
    _lay(user, load(SPEECH / f"{alone}.wav").astype(np.float64), last.begin)
    near, alone_user = _heard(room, played, user, double, np.random.default_rng(seed))
    loud = clipped(played * 32_767)
    begun = [double.begin + onset for onset in onsets]
    return Scene(room, loud, turns, near, alone_user, over, begun, echo, double, last)


def sentences(names: tuple[str, ...]) -> tuple[Sound, list[float], float]:
    """The user's, a pause before each; where each begins, and how long all is, in seconds. Not yet in a room."""
    parts, onsets, at = [], [], 0
    for name in names:
        at += round(PAUSE_S * RATE)
        sentence = load(SPEECH / f"{name}.wav").astype(np.float64)
        blocks = sentence[: len(sentence) // BLOCK * BLOCK].reshape(-1, BLOCK)
        loudness = np.sqrt((blocks**2).mean(axis=1))
        first = int(np.argmax(loudness > np.percentile(loudness, 90) * SYLLABLE))
        onsets.append(at / RATE + first / 100)
        parts += [np.zeros(round(PAUSE_S * RATE)), sentence]
        at += len(sentence)
    return np.concatenate(parts), onsets, at / RATE


def _lay(onto: Sound, sound: Sound, at_s: float) -> None:
    begin = round(at_s * RATE)
    onto[begin : begin + len(sound)] += sound


def _played(
    said: Sound, frames: int, echo: Stretch, double: Stretch
) -> tuple[Sound, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """One reply in each of the two stretches."""
    played = np.zeros(frames * MODEL_RATE // RATE)
    turns = np.zeros(frames // BLOCK, np.int64)
    for turn, stretch in enumerate((echo, double), start=1):
        begin, end = (round(at * MODEL_RATE) for at in stretch)
        played[begin:end] = np.resize(np.roll(said, -(turn - 1) * len(said) // 2), end - begin)
        turns[round(stretch.begin * 100) : round(stretch.end * 100)] = turn
    return played, turns


def _heard(
    room: Room, played: Sound, user: Sound, double: Stretch, random: np.random.Generator
) -> tuple[Samples, Samples]:
    """By the microphone: all of it, and the user alone; on its clock."""
    echo = through(loudspeaker(room)(to_16k(played)), from_loudspeaker(room))
    echo = _delayed(room, echo)
    user = through(user, from_mouth(room))
    spoken = slice(round(double.begin * RATE), round(double.end * RATE))
    user *= USER_RMS / active_rms(user[spoken])
    echo *= USER_RMS * 10 ** (room.echo_db / 20) / active_rms(echo[spoken])
    noise = pink(len(user), USER_RMS * 10 ** (-room.snr_db / 20), random)
    return clipped(at_clock(echo + user + noise, room.drift_ppm)), clipped(at_clock(user, room.drift_ppm))


def loudspeaker(room: Room) -> Callable[[Sound], Sound]:
    """What it makes of what it is given; 1 = full scale."""
    return distorted if room.driven else softened


def from_loudspeaker(room: Room) -> Sound:
    """Impulse response to the microphone, from its direct sound on, which is 1."""
    return response(SIZES[room.held_out], LOUDSPEAKER, MICROPHONE, room.rt60_s)


def from_mouth(room: Room) -> Sound:
    """The same, of the user's."""
    return response(SIZES[room.held_out], MOUTH, MICROPHONE, room.rt60_s)


def _delayed(room: Room, echo: Sound) -> Sound:
    """By the room's delay; from half of the scene on by another."""
    at = np.arange(len(echo)) - round(room.delay_ms * RATE / 1000)
    at[len(echo) // 3 :] -= round(room.jump_ms * RATE / 1000)
    out: Sound = np.where(at >= 0, echo[np.maximum(at, 0)], 0.0)
    return out
