"""A shoebox room by image sources, and what loudspeakers and clocks do to sound. Pure numpy, 16 kHz."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float64]

RATE = 16_000
SOUND_M_S = 343.0
LONGEST_S = 0.4
"""Of an impulse response: 40 dB and more down, in the most reverberant room here."""
RUMBLE_HZ = 90.0
UNEVEN_M = 0.05
"""Walls are not flat: without this the echoes of parallel ones whistle."""
_HALF = 16
"""Half of the sinc between frames."""


class Place(NamedTuple):
    """In metres from a corner."""

    x: float
    y: float
    z: float


@cache
def response(size: Place, source: Place, microphone: Place, rt60_s: float) -> Sound:
    """The impulse response from its direct sound on, which is 1. Absorption by Eyring, the same at all walls."""
    volume = float(np.prod(size))
    surface = 2 * (size.x * size.y + size.y * size.z + size.x * size.z)
    reflected = np.exp(-0.161 * volume / (surface * rt60_s) / 2)  # of the pressure, at each wall
    length = min(rt60_s, LONGEST_S)
    axes = [_images(*axis, length * SOUND_M_S) for axis in zip(size, source, microphone, strict=True)]
    out, random = np.zeros(int(length * RATE) + 1), np.random.default_rng(1)
    for (dx, nx), (dy, ny), (dz, nz) in product(*axes):
        distance = np.sqrt(dx[:, None, None] ** 2 + dy[None, :, None] ** 2 + dz[None, None, :] ** 2).ravel()
        walls = (nx[:, None, None] + ny[None, :, None] + nz[None, None, :]).ravel()
        distance += random.uniform(-UNEVEN_M, UNEVEN_M, len(distance)) * (walls > 0)
        frame = np.rint(distance / SOUND_M_S * RATE).astype(np.int64)
        heard = frame < len(out)
        strength = reflected ** walls[heard] / distance[heard]
        out += np.bincount(frame[heard], strength, len(out))
    out = _without_rumble(out)
    direct = int(np.argmax(np.abs(out)))
    trimmed: Sound = out[direct:] / out[direct]
    return trimmed


def _without_rumble(impulse: Sound) -> Sound:
    """All images push the same way, which no air does: what is below ``RUMBLE_HZ`` is nothing that a room has."""
    fast = 1 << len(impulse).bit_length()
    hz = np.fft.rfftfreq(fast, 1 / RATE)
    out: Sound = np.fft.irfft(np.fft.rfft(impulse, fast) / np.sqrt(1 + (RUMBLE_HZ / np.maximum(hz, 1)) ** 4), fast)
    return out[: len(impulse)]


def _images(size: float, source: float, microphone: float, reach: float) -> list[tuple[Sound, Sound]]:
    """Along one axis, of both parities: distances, and how many walls the sound came off."""
    most = int(reach / (2 * size)) + 1
    orders = np.arange(-most, most + 1, dtype=np.float64)
    straight = source + 2 * orders * size - microphone, np.abs(2 * orders)
    mirrored = -source + 2 * orders * size - microphone, np.abs(2 * orders - 1)
    return [straight, mirrored]


def through(sound: Sound, impulse: Sound) -> Sound:
    """Convolved; as long as it was."""
    frames = len(sound) + len(impulse) - 1
    fast = 1 << (frames - 1).bit_length()
    out: Sound = np.fft.irfft(np.fft.rfft(sound, fast) * np.fft.rfft(impulse, fast), fast)[: len(sound)]
    return out


def distorted(sound: Sound) -> Sound:
    """A small loudspeaker driven hard: 1 = full scale, not the same in both directions."""
    out: Sound = np.where(sound > 0, np.tanh(4 * sound) / 4, np.tanh(3 * sound) / 3)
    return out


def softened(sound: Sound) -> Sound:
    """A good loudspeaker: about -30 dB of distortion at the peaks."""
    out: Sound = np.tanh(1.5 * sound) / 1.5
    return out


def at_clock(sound: Sound, ppm: float) -> Sound:
    """As a microphone takes it whose clock is so much fast: windowed sinc between frames."""
    if ppm == 0:
        return sound
    places = np.arange(len(sound)) / (1 + ppm * 1e-6)
    whole = np.floor(places).astype(np.int64)
    between = places - whole
    padded = np.concatenate([np.zeros(_HALF), sound, np.zeros(2 * _HALF + int(len(sound) * abs(ppm) * 1e-6))])
    out = np.zeros(len(sound))
    for tap in range(-_HALF + 1, _HALF + 1):
        away = between - tap
        window = np.cos(np.pi * np.clip(away / (_HALF + 1), -1, 1) / 2) ** 2
        out += padded[whole + tap + _HALF] * np.sinc(away) * window
    return out


def active_rms(sound: Sound) -> float:
    """RMS of the blocks (20 ms) in which there is something."""
    blocks = sound[: len(sound) // 320 * 320].reshape(-1, 320)
    power = (blocks**2).mean(axis=1)
    return float(np.sqrt(power[power > 0.01 * np.percentile(power, 95)].mean()))
