"""A simulated room, 10 ms at a time: from what the loudspeaker plays to what the microphone hears. Pure; 16 kHz."""

from typing import NamedTuple

import numpy as np

from bench.listening_scenes import BLOCK, Samples, clipped, pink
from bench.room.acoustics import RATE, Sound, active_rms, through
from bench.room.rooms import Room
from bench.room.scene import (
    OF_HELD_OUT,
    OF_TUNING,
    PLAYED_RMS,
    USER_RMS,
    answers,
    from_loudspeaker,
    from_mouth,
    loudspeaker,
    sentences,
)

NOISE_S = 60
"""Then it begins again, without a seam."""


class Saying(NamedTuple):
    """What the user may say."""

    names: tuple[str, ...]
    """Recordings."""
    sound: Sound
    """As the microphone hears the user alone, a pause first."""
    onsets: list[float]
    """Seconds from its begin to the first syllable of each sentence."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.sound) / RATE


def sayings(room: Room) -> tuple[list[Saying], Saying, Saying]:
    """Those that go over a reply, one at a time; the same in one piece; and one to be said alone."""
    over, alone = OF_HELD_OUT if room.held_out else OF_TUNING
    whole = _at_microphone(room, over)
    loudness = USER_RMS / active_rms(whole.sound)
    every = [*(_at_microphone(room, (name,)) for name in over), whole, _at_microphone(room, (alone,))]
    *single, whole, last = (saying._replace(sound=saying.sound * loudness) for saying in every)
    return single, whole, last


def _at_microphone(room: Room, names: tuple[str, ...]) -> Saying:
    words, onsets, _ = sentences(names)
    impulse = from_mouth(room)
    return Saying(names, through(np.concatenate([words, np.zeros(len(impulse))]), impulse), onsets)


class Air:
    """One room, from when the loudspeaker is switched on."""

    def __init__(self, room: Room, seed: int, elsewhere_ms: float) -> None:
        """``elsewhere_ms``: what of the room's delay is made elsewhere, by the way into the room and out of it."""
        self._loudspeaker = loudspeaker(room)
        self._drive, gain = _loudness(room)
        impulse = from_loudspeaker(room) * gain
        self._fast = 1 << (len(impulse) + BLOCK).bit_length()
        self._impulse = np.fft.rfft(impulse, self._fast)
        self._delay = max(0, _frames(room.delay_ms - elsewhere_ms))
        self._jump = _frames(room.jump_ms)
        # all that can still be heard
        self._played = np.zeros(self._fast + self._delay + abs(self._jump))
        noise = USER_RMS * 10 ** (-room.snr_db / 20)
        self._noise = pink(NOISE_S * RATE, noise, np.random.default_rng(seed))
        self._said: Sound = np.zeros(0)
        self.frames = 0
        """What was heard so far."""

    def jump(self) -> None:
        """The echo's delay changes, as the room has it."""
        self._delay, self._jump = max(0, self._delay + self._jump), 0

    def say(self, sound: Sound) -> None:
        """The user speaks, beginning with the next block; ends what is still being said."""
        self._said = sound

    def block(self, played: Samples) -> Samples:
        """10 ms: played, heard."""
        loud = self._loudspeaker(self._drive * played.astype(np.float64) / 32_768)
        self._played = np.concatenate([self._played[BLOCK:], loud])
        end = len(self._played) - self._delay
        spectrum = np.fft.rfft(self._played[end - self._fast : end]) * self._impulse
        heard = np.fft.irfft(spectrum, self._fast)[-BLOCK:]  # overlap-save: only its end is whole
        heard += self._noise[(np.arange(BLOCK) + self.frames) % len(self._noise)]
        said, self._said = self._said[:BLOCK], self._said[BLOCK:]
        heard[: len(said)] += said
        self.frames += BLOCK
        return clipped(heard)


def _frames(ms: float) -> int:
    return round(ms * RATE / 1000)


def _loudness(room: Room) -> tuple[float, float]:
    """How far the loudspeaker is turned up, and what makes its echo as loud as the room has it: both for the stand-in's
    answers."""
    said = answers()
    drive = PLAYED_RMS / active_rms(said)
    echo = through(loudspeaker(room)(drive * said), from_loudspeaker(room))
    return drive, USER_RMS * 10 ** (room.echo_db / 20) / active_rms(echo)
