"""What each stage costs: share of one core, in real time, on this machine. One thread."""

import time
from collections.abc import Callable
from functools import partial
from itertools import islice

import numpy as np

from bench.room.passage import loud_chunks, near_chunks
from bench.room.scene import Scene
from lived.config.options import Frontend
from lived.units import SECOND, Ns
from lived.wire import Chunk
from lived_workers.frontend.engines import Canceller, canceller
from lived_workers.frontend.judge import Judge
from lived_workers.frontend.listener import Listener
from lived_workers.frontend.reference import Reference
from lived_workers.frontend.vad import detector
from lived_workers.frontend.wake import spotter


def _percent(work: Callable[[], object], span_s: float) -> float:
    begin = time.process_time()
    work()
    return 100 * (time.process_time() - begin) / span_s


def costs(scene: Scene) -> dict[str, float]:
    """By stage. The listener is voice activity, barge-in and attention, without a wake word."""
    random = np.random.default_rng(1)
    loud, near = loud_chunks(scene, random), near_chunks(scene, random)
    span = len(near) / 100
    far, found = _references(loud, near), {}
    found["reference"] = _percent(lambda: _references(loud, near), span)
    unplayed = [chunk._replace(pcm=bytes(len(chunk.pcm))) for chunk in loud]
    found["reference, nothing played"] = _percent(lambda: _references(unplayed, near), span)
    left = [chunk.pcm for chunk in near]
    for name, options in (("AEC3", Frontend(linear_stage=False)), ("linear stage and AEC3", Frontend())):
        engine, missing = canceller(options)
        if engine is not None and not missing:
            found[name] = _percent(partial(_cancel, engine, near, far, left), span)
            silent = [bytes(len(pcm)) for pcm in far]
            _cancel(engine, near, silent, list(silent))  # until it rests
            found[f"{name}, at rest"] = _percent(partial(_cancel, engine, near, silent, list(silent)), span)
    found["judge"] = _percent(lambda: _judge(near, far, left), span)
    found["listener"] = _percent(lambda: _listen(near, left), span)
    return found


def _references(loud: list[Chunk], near: list[Chunk]) -> list[bytes]:
    reference, waiting, out = Reference(), iter(loud), []
    for chunk in near:
        while not reference.covers(chunk):
            some = list(islice(waiting, 1))
            if not some:
                break
            reference.heard(some[0])
        out.append(reference.of(chunk))
    return out


def _cancel(engine: Canceller, near: list[Chunk], far: list[bytes], left: list[bytes]) -> None:
    left[:] = [engine.process(chunk.pcm, pcm) for chunk, pcm in zip(near, far, strict=True)]


def _judge(near: list[Chunk], far: list[bytes], left: list[bytes]) -> None:
    judge = Judge()
    for chunk, pcm, out in zip(near, far, left, strict=True):
        judge.take(chunk.pcm, pcm, out)


def _listen(near: list[Chunk], left: list[bytes]) -> None:
    options = Frontend()
    ear = Listener(options, detector(options.vad), spotter(options))
    for chunk, pcm in zip(near, left, strict=True):
        ear.take(pcm, chunk.time, turn=chunk.turn, trusted=True, now=Ns(chunk.time + SECOND // 50))
