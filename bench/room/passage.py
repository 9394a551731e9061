"""A scene through the front end's chain and listener, with the times at which a device would have the sound."""

from typing import NamedTuple

import numpy as np

from bench.listening_scenes import BLOCK, Samples
from bench.room.rooms import Room
from bench.room.scene import Scene
from lived.config.options import Frontend
from lived.units import MIC_RATE, MILLISECOND, MODEL_RATE, SECOND, Epoch, Ns, Position, Turn
from lived.wire import Chunk, Stream
from lived_workers.frontend.bargein import Cut
from lived_workers.frontend.chain import Chain
from lived_workers.frontend.listener import Listener
from lived_workers.frontend.playing import Playing
from lived_workers.frontend.vad import Detector, detector
from lived_workers.frontend.wake import spotter
from lived_workers.frontend.worker import BEHIND

BEGIN = 100 * SECOND
AHEAD = Ns(30 * MILLISECOND)
"""`speaker` is told so long before it is played."""
ARRIVES = Ns(20 * MILLISECOND)
"""`mic` comes so long after its first frame was recorded."""
JITTER = 0.3 * MILLISECOND
"""Of both cards' times."""
WANDERS_S = 7.0, 23.0
"""From early to late and back, both at once, where a room's times wander."""
LOUD_BLOCK = 240
LOST_AT = 1 / 3
"""Of the scene."""


class Passed(NamedTuple):
    """Block by block of 10 ms of the microphone's sound."""

    voice: Samples
    likely: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    """Speech, for the voice activity."""
    trusted: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    cuts: list[float]
    """Seconds of the scene at which a reply would have been cut, what the sound had to wait for included."""
    turns: list[int]
    """The turn of each."""
    figures: dict[str, int]
    half_duplex_share: float
    missing: str


class Watched:
    """A detector whose last word is kept."""

    def __init__(self, inner: Detector) -> None:
        self._inner, self.missing, self.last = inner, inner.missing, 0.0

    def probability(self, pcm: bytes) -> float:
        """See Detector."""
        self.last = self._inner.probability(pcm)
        return self.last

    def reset(self) -> None:
        """See Detector."""
        self._inner.reset()


def likely(samples: Samples, options: Frontend) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Where the voice activity finds speech in a sound as it is."""
    ear = detector(options.vad)
    blocks = (samples[at : at + BLOCK].tobytes() for at in range(0, len(samples), BLOCK))
    return np.array([100 * ear.probability(block) >= options.speech.start_percent for block in blocks])


def loud_chunks(scene: Scene, random: np.random.Generator) -> list[Chunk]:
    """Stream `speaker`."""
    chunks, turned = [], random.uniform(0, 2 * np.pi, len(WANDERS_S))
    for number, turn in enumerate(scene.turns):
        first = number * LOUD_BLOCK
        true = first * SECOND // MODEL_RATE
        time = Ns(BEGIN + true + int(random.normal(0, JITTER)) + _wander(scene.room, true / SECOND, turned))
        pcm = scene.played[first : first + LOUD_BLOCK].tobytes()
        chunks.append(Chunk(Stream.SPEAKER, Epoch(1), Position(first), time, Turn(int(turn)), MODEL_RATE, pcm))
    return chunks


def _wander(room: Room, second: float, turned: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> int:
    """Nanoseconds by which a time is wrong."""
    waves = np.sin(2 * np.pi * second / np.array(WANDERS_S) + turned)
    return int(room.wander_ms * MILLISECOND * waves.mean())


def near_chunks(scene: Scene, random: np.random.Generator) -> list[Chunk]:
    """Stream `mic`, without what was lost."""
    clock = MIC_RATE * (1 + scene.room.drift_ppm * 1e-6)
    blocks = len(scene.near) // BLOCK
    lost = range(int(blocks * LOST_AT), int(blocks * LOST_AT) + scene.room.lost_ms // 10)
    chunks = []
    for number in range(blocks):
        if number not in lost:
            first = number * BLOCK
            time = Ns(BEGIN + int(first * SECOND / clock) + int(random.normal(0, JITTER)))
            pcm = scene.near[first : first + BLOCK].tobytes()
            chunks.append(Chunk(Stream.MIC, Epoch(1), Position(first), time, Turn(0), MIC_RATE, pcm))
    return chunks


def send(scene: Scene, options: Frontend, seed: int) -> Passed:
    """As the worker does it: a chunk waits for its reference, but not for long."""
    random = np.random.default_rng(seed)
    chain, playing, watched = Chain(options), Playing(), Watched(detector(options.vad))
    ear = Listener(options, watched, spotter(options), chain.left_is_echo)
    waiting, told = iter(loud_chunks(scene, random)), Ns(0)
    blocks = len(scene.near) // BLOCK
    voice = np.zeros(blocks * BLOCK, np.int16)
    found, trusted, half = np.zeros(blocks, bool), np.zeros(blocks, bool), 0
    cuts, turns = [], []
    for chunk in near_chunks(scene, random):
        while not chain.covers(chunk) or told < chunk.time + ARRIVES:
            loud = next(waiting, None)
            if loud is None:
                break
            told = Ns(loud.time - AHEAD)
            chain.heard(loud)
            playing.heard(loud)
        now = min(max(told, Ns(chunk.time + ARRIVES)), Ns(chunk.time + BEHIND))
        turn = playing.turn_at(chunk.time)
        made = chain.take(chunk, turn)
        heard = ear.take(
            made.chunk.pcm, made.chunk.time, turn=turn, trusted=made.trusted, now=now, unsilenced=made.unsilenced
        )
        number = chunk.position // BLOCK
        voice[chunk.position : chunk.end] = np.frombuffer(made.chunk.pcm, np.int16)
        found[number] = 100 * watched.last >= options.speech.start_percent
        trusted[number], half = made.trusted, half + chain.half_duplex
        if isinstance(heard.order, Cut):
            cuts.append((now - BEGIN) / SECOND)
            turns.append(int(heard.order.turn))
    return Passed(voice, found, trusted, cuts, turns, chain.figures, half / blocks, chain.missing + ear.missing)
