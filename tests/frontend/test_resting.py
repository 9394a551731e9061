"""A canceller rests while nothing is played, and nobody hears when it begins and ends."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.recordings import recording
from lived.config.options import Frontend
from lived_workers.frontend.engines import canceller
from lived_workers.frontend.engines.resting import REST_AFTER, WARMED_BY, Resting

LATE = 128
SILENT = bytes(320)
LOUD = b"\1\0" * 160


class Holding:
    """Cancels nothing and holds back as much as it should; keeps count."""

    def __init__(self) -> None:
        self.before = SILENT
        self.processed = 0

    def process(self, near: bytes, far: bytes) -> bytes:  # noqa: ARG002
        """Late by ``LATE``."""
        both, self.before = self.before + near, near
        self.processed += 1
        return both[320 - 2 * LATE : 640 - 2 * LATE]

    def reset(self) -> None:
        """Forgets."""
        self.before = SILENT


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 2 * REST_AFTER)), max_size=6), st.integers(0, 1000))
def test_nothing_is_lost_and_nothing_doubled(plan: list[tuple[bool, int]], seed: int) -> None:
    """Whenever something is played: what comes out is what went in, ``LATE`` later, to the bit."""
    far = [LOUD if plays else SILENT for plays, blocks in plan for _ in range(blocks)]
    near = np.random.default_rng(seed).integers(-9000, 9000, 160 * len(far)).astype(np.int16).tobytes()
    rests = Resting(Holding(), LATE)
    out = b"".join(rests.process(near[320 * n : 320 * n + 320], block) for n, block in enumerate(far))
    assert out == (bytes(2 * LATE) + near)[: len(near)]


def test_it_rests_and_wakes() -> None:
    """After a while of nothing it is not asked any more; the first sound of the reference wakes it, warmed."""
    inner = Holding()
    rests = Resting(inner, LATE)
    for _ in range(REST_AFTER + 100):
        rests.process(SILENT, SILENT)
    assert (rests.resting, inner.processed) == (True, REST_AFTER + 1)
    rests.process(SILENT, LOUD)
    assert (rests.resting, inner.processed) == (False, REST_AFTER + 2 + WARMED_BY)


def test_it_begins_anew() -> None:
    """With another microphone nothing of the former one is heard."""
    rests = Resting(Holding(), LATE)
    for _ in range(REST_AFTER + 10):
        rests.process(LOUD, SILENT)
    rests.reset()
    assert not rests.resting
    assert rests.process(SILENT, SILENT) == SILENT


def test_the_real_one_is_found_awake_as_it_was_left() -> None:
    """An echo is learned, five seconds are silent, the echo is there again: it loses 20 dB from its first second on."""
    engine, missing = canceller(Frontend())
    assert engine is not None
    assert not missing
    sound = np.frombuffer(recording("human_f_0870") * 2, np.int16)[: 160 * 800]
    played = np.concatenate([sound, np.zeros(160 * 500, np.int16), sound])
    echo = (0.5 * np.concatenate([np.zeros(960, np.int16), played])[: len(played)]).astype(np.int16)
    blocks = range(0, len(played), 160)
    out = [engine.process(echo[at : at + 160].tobytes(), played[at : at + 160].tobytes()) for at in blocks]
    left = np.frombuffer(b"".join(out), np.int16)
    back = slice(160 * 1300, 160 * 1400)
    assert engine.resting is False  # type: ignore[attr-defined]
    loss = 10 * np.log10(np.mean(echo[back].astype(float) ** 2) / max(np.mean(left[back].astype(float) ** 2), 1e-3))
    assert loss > 20
