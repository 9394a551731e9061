"""The chain with its real canceller: the reply goes, the user stays; without the package the sound passes as it is."""

import sys

import numpy as np
import pytest

from frontend.recordings import RATE, samples
from lived.config.options import Frontend
from lived.units import MIC_RATE, MODEL_RATE, NO_TURN, SECOND, Epoch, Ns, Position, Turn
from lived.wire import Chunk, Stream
from lived_workers.frontend.chain import Chain
from lived_workers.frontend.hardware import cancels

BEGIN = 7 * SECOND
DELAY_S = 0.07
"""Of the room and the cards."""


def echo_of(played: np.ndarray, gain: float) -> np.ndarray:
    """Through a small room: the direct sound and a decaying tail of 150 ms."""
    rng = np.random.default_rng(5)
    tail = rng.normal(0, 1, int(0.15 * RATE)) * np.exp(-np.arange(int(0.15 * RATE)) / (0.03 * RATE)) * 0.08
    tail[0] = 1.0
    delayed = np.concatenate([np.zeros(int(DELAY_S * RATE)), np.convolve(played, tail)])
    return np.asarray(gain * delayed[: len(played)])


def up(played: np.ndarray) -> np.ndarray:
    """16 to 24 kHz: the loudspeaker's rate."""
    place = np.arange(len(played) * MODEL_RATE // MIC_RATE) * MIC_RATE / MODEL_RATE
    return np.asarray(np.interp(place, np.arange(len(played)), played))


def run(chain: Chain, near: np.ndarray, played: np.ndarray, lost: range = range(0)) -> np.ndarray:
    """Both streams through it, as they come, but for the blocks of the microphone that were ``lost``; while anything is
    played turn 1 is heard."""
    loud = np.rint(up(played)).astype(np.int16)
    out, fed = [], 0
    for n in (n for n in range(len(near) // 160) if n not in lost):
        chunk = Chunk(
            Stream.MIC, Epoch(1), Position(160 * n), Ns(BEGIN + n * SECOND // 100), NO_TURN, MIC_RATE,
            np.clip(np.rint(near[160 * n : 160 * n + 160]), -32768, 32767).astype(np.int16).tobytes(),
        )  # fmt: skip
        while not chain.covers(chunk) and fed < len(loud):
            time = Ns(BEGIN + fed * SECOND // MODEL_RATE)
            pcm = loud[fed : fed + 240].tobytes()
            chain.heard(Chunk(Stream.SPEAKER, Epoch(1), Position(fed), time, Turn(1), MODEL_RATE, pcm))
            fed += 240
        made = chain.take(chunk, Turn(1))
        assert (made.chunk.epoch, made.chunk.position, made.chunk.frames) == (chunk.epoch, chunk.position, chunk.frames)
        assert made.chunk.stream is Stream.VOICE
        out.append(np.frombuffer(made.chunk.pcm, np.int16))
    return np.concatenate(out).astype(float)


def db(a: np.ndarray, b: np.ndarray) -> float:
    """How much louder ``a`` is."""
    return float(10 * np.log10(np.mean(a**2) / max(np.mean(b**2), 1e-9)))


REPLY = np.concatenate([samples("human_f_0870"), samples("human_f_0890")] * 2)
SILENCE = Chunk(Stream.MIC, Epoch(1), Position(10**6), Ns(BEGIN + 60 * SECOND), NO_TURN, MIC_RATE, bytes(320))
"""After it: a minute later."""


def test_a_reply_is_taken_out() -> None:
    """25 dB and more once it has found the echo; then what is left is trusted."""
    chain = Chain(Frontend())
    near = echo_of(REPLY, 0.5) + np.random.default_rng(1).normal(0, 8, len(REPLY))
    out = run(chain, near, REPLY)
    settled = slice(5 * RATE, len(out))
    assert db(near[settled], out[settled]) > 25
    assert chain.text == "cancelling echo"
    assert chain.figures["echo_erle_db"] > 20
    assert chain.figures["echo_half_duplex"] == 0


def test_another_microphone_has_to_be_judged_anew() -> None:
    """Its stream has another epoch: the trust of before is gone, and comes back with its own echo."""
    chain = Chain(Frontend())
    run(chain, echo_of(REPLY, 0.5), REPLY)
    assert chain.take(SILENCE, NO_TURN).trusted
    assert not chain.take(SILENCE._replace(epoch=Epoch(2)), NO_TURN).trusted


@pytest.mark.parametrize("blocks", [0, 13])
def test_a_reply_that_was_lost_in_part_is_judged_anew(blocks: int) -> None:
    """A second ago 130 ms of the microphone, as its positions tell. What is lost of silence changes nothing."""
    chain, seconds = Chain(Frontend()), len(REPLY) // RATE - 2
    lost = range(100 * (seconds - 1), 100 * (seconds - 1) + blocks)
    run(chain, echo_of(REPLY, 0.5)[: seconds * RATE], REPLY, lost)
    assert chain.take(SILENCE, NO_TURN).trusted == (blocks == 0)


@pytest.mark.parametrize("later", [-0.03, 0.04, 0.2])
def test_an_echo_that_has_moved_is_the_reply(later: float) -> None:
    """No time tells. Asked right before a cut, 400 ms after it, it says so. A second later the reference has moved too,
    though it is never earlier than it has to be, and nothing is trusted until it was judged anew."""
    at, length = len(REPLY) + RATE, len(REPLY) + RATE + 6_400
    whole = np.concatenate([REPLY, REPLY])
    echo = echo_of(whole, 0.5)
    moved = np.concatenate([echo[:at], echo[at - round(later * RATE) :]])
    chain = Chain(Frontend())
    run(chain, moved[:length], whole[:length])
    was = chain.learned.delay
    assert chain.left_is_echo()
    assert chain.take(SILENCE, Turn(1)).trusted
    chain = Chain(Frontend())
    run(chain, moved[: length + RATE], whole)
    assert not chain.take(SILENCE, Turn(1)).trusted
    assert chain.learned.delay == (was if later < 0 else pytest.approx(was + later * RATE, abs=2))


def test_without_the_linear_stages_library_the_canceller_works_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a package of the system: what is missing, and what that means, is told."""
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    chain = Chain(Frontend())
    assert chain.missing == "A user who talks over a loud reply is heard badly: install libspeexdsp1."
    assert chain.cancels
    assert Chain(Frontend(linear_stage=False)).missing == ""


def test_a_user_alone_passes() -> None:
    """Nothing is played: the words are as they were, 9 ms later."""
    chain = Chain(Frontend())
    voice = samples("human_f_0930")
    out = run(chain, voice, np.zeros(len(voice)))
    assert abs(db(out, voice)) < 1.5


def test_half_duplex_is_silent_while_a_reply_is_heard() -> None:
    """Wake words are still listened for, in what was not silenced."""
    chain = Chain(Frontend(echo="half_duplex"))
    chunk = Chunk(Stream.MIC, Epoch(1), Position(0), Ns(BEGIN), NO_TURN, MIC_RATE, b"\1\2" * 160)
    made = chain.take(chunk, Turn(3))
    assert (made.chunk.pcm, made.unsilenced, made.trusted) == (bytes(320), chunk.pcm, False)
    assert chain.take(chunk, NO_TURN).chunk.pcm == chunk.pcm


class Failing:
    """A canceller that cancels nothing."""

    def process(self, near: bytes, far: bytes) -> bytes:  # noqa: ARG002
        """As it is."""
        return near

    def reset(self) -> None:
        """Nothing to forget."""


def test_what_passes_the_canceller_is_known_as_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its waveform, in the room of these tests; a user who speaks instead is not it."""
    monkeypatch.setattr("lived_workers.frontend.chain.canceller", lambda _: (Failing(), ""))
    chain = Chain(Frontend())
    run(chain, echo_of(REPLY, 0.5)[: 3 * RATE], REPLY)
    assert chain.left_is_echo()
    other = Chain(Frontend())
    run(other, samples("human_f_0930")[: 3 * RATE], REPLY)
    assert not other.left_is_echo()


def test_echo_that_cannot_be_cancelled_leads_to_half_duplex_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten seconds of replies in which nothing was gained the microphone is silenced while they are heard."""
    monkeypatch.setattr("lived_workers.frontend.chain.canceller", lambda _: (Failing(), ""))
    chain = Chain(Frontend())
    rng = np.random.default_rng(2)
    strange = rng.normal(0, 3000, 12 * RATE)
    out = run(chain, strange, rng.normal(0, 3000, 12 * RATE))
    assert chain.figures["echo_half_duplex"] == 1
    assert not out[-RATE:].any()
    assert "silenced" in chain.text


def test_a_speakerphone_is_left_alone() -> None:
    """Known by its name; not where somebody asked for a canceller."""
    assert cancels("Jabra SPEAK 510 USB: Audio at 16000 Hz, 1 channel")
    assert not cancels("USB PnP Sound Device at 48000 Hz, 1 channel")
    chunk = Chunk(Stream.MIC, Epoch(1), Position(0), Ns(BEGIN), NO_TURN, MIC_RATE, b"\1\2" * 160)
    for mode, untouched in (("auto", True), ("aec", False)):
        chain = Chain(Frontend(echo=mode))  # type: ignore[arg-type]
        chain.spared = True
        assert (chain.take(chunk, Turn(1)).chunk.pcm == chunk.pcm) is untouched


def test_without_the_package_the_microphone_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it says what to install."""
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    monkeypatch.delitem(sys.modules, "lived_workers.frontend.engines.aec3", raising=False)
    chain = Chain(Frontend())
    chunk = Chunk(Stream.MIC, Epoch(1), Position(0), Ns(BEGIN), NO_TURN, MIC_RATE, b"\1\2" * 160)
    assert chain.take(chunk, Turn(1)).chunk.pcm == chunk.pcm
    assert chain.covers(chunk)
    assert "lived[echo]" in chain.missing
