"""Wake words: heard once each time they are said, not heard in anything else; models of one's own by path."""

import json
import shutil
import sys
from pathlib import Path

import pymicro_wakeword
import pytest

from frontend.recordings import blocks, recording
from lived.config.options import Frontend, Uplink, Wake
from lived.config.options.frontend import WAKE_WORDS
from lived_workers.frontend.wake import Absent, Spotter
from lived_workers.frontend.wake import spotter as chosen
from lived_workers.frontend.wake.once import REARM_BLOCKS, Once

ALL = Wake(words=WAKE_WORDS)
MODELS = Path(pymicro_wakeword.__file__).parent / "models"


def spotter(wake: Wake) -> Spotter:
    """Of mode "wake"."""
    return chosen(Frontend(uplink=Uplink(mode="wake"), wake=wake))


def heard(listening: Spotter, pcm: bytes) -> list[tuple[str, float]]:
    """Word, and the second in which it was recognised."""
    return [(word, n / 100) for n, block in enumerate(blocks(pcm)) if (word := listening.hear(block)) is not None]


@pytest.mark.parametrize(
    ("name", "word", "end"),
    [
        ("wake_alexa_piper", "alexa", 0.75),
        ("wake_hey_jarvis_piper", "hey_jarvis", 0.99),
        ("wake_hey_mycroft_piper", "hey_mycroft", 0.82),
        ("wake_okay_nabu_piper", "okay_nabu", 0.90),
        ("wake_okay_nabu_flite", "okay_nabu", 1.16),
    ],
)
def test_each_word_once(name: str, word: str, end: float) -> None:
    """By its name, by no other, within 300 ms of its last syllable."""
    ((found, at),) = heard(spotter(ALL), recording(name, 1.0, 1.5))
    assert found == word
    assert 1.0 + end - 0.1 < at < 1.0 + end + 0.3


def test_said_twice_is_heard_twice() -> None:
    """Two seconds later, also after a reset."""
    listening = spotter(Wake())
    once = recording("wake_okay_nabu_piper", 1.0, 1.0)
    assert len(heard(listening, once * 2)) == 2
    listening.reset()
    assert len(heard(listening, once)) == 1


def test_nothing_else_is_heard() -> None:
    """Half a minute of a reader, keyboard, music and fan, with all words."""
    names = ("human_f_0870", "human_f_0880", "human_f_0890", "human_f_0930", "noise_keys", "noise_music", "noise_fan")
    assert heard(spotter(ALL), b"".join(recording(name) for name in names)) == []


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of one's own: that of okay_nabu under another name."""
    shutil.copy(MODELS / "okay_nabu.tflite", tmp_path / "hello.tflite")
    description = json.loads((MODELS / "okay_nabu.json").read_text())
    (tmp_path / "hello_device.json").write_text(json.dumps({**description, "model": "hello.tflite"}))
    return tmp_path / "hello_device.json"


def test_a_model_of_ones_own(model: Path) -> None:
    """By path, named like its file, beside the words that are there."""
    listening = spotter(Wake(words=("alexa",), models=(str(model),)))
    assert listening.missing == ""
    assert [word for word, _ in heard(listening, recording("wake_okay_nabu_piper", 1.0, 1.0))] == ["hello_device"]
    assert [word for word, _ in heard(listening, recording("wake_alexa_piper", 1.0, 1.0))] == ["alexa"]


def _not_there(model: Path) -> None:
    model.unlink()


def _no_tflite(model: Path) -> None:
    (model.parent / "hello.tflite").unlink()


def _no_json(model: Path) -> None:
    model.write_text("model: hello")


def _no_description(model: Path) -> None:
    model.write_text('["hello.tflite"]')


def _no_micro(model: Path) -> None:
    model.write_text('{"model": "hello.tflite", "wake_word": "hello"}')


def _garbage(model: Path) -> None:
    (model.parent / "hello.tflite").write_bytes(bytes(5000))


@pytest.mark.parametrize("harm", [_not_there, _no_tflite, _no_json, _no_description, _no_micro, _garbage])
def test_a_broken_model_is_a_sentence(model: Path, harm: object) -> None:
    """It is left out, it is named, and the other words are heard."""
    assert callable(harm)
    harm(model)
    listening = spotter(Wake(words=("alexa",), models=(str(model),)))
    assert str(model.parent / "hello") in listening.missing
    assert listening.missing.endswith(".")
    assert [word for word, _ in heard(listening, recording("wake_alexa_piper", 1.0, 1.0))] == ["alexa"]


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """No word is heard, and the sentence names the extra."""
    monkeypatch.setitem(sys.modules, "pymicro_wakeword", None)
    monkeypatch.delitem(sys.modules, "lived_workers.frontend.wake.micro", raising=False)
    listening = spotter(ALL)
    assert isinstance(listening, Absent)
    assert "lived[wake]" in listening.missing
    assert heard(listening, recording("wake_alexa_piper")) == []
    listening.reset()


def test_no_words_need_no_package() -> None:
    """Nothing is missing where nothing is wanted."""
    assert spotter(Wake(words=())).missing == ""


def test_without_mode_wake_only_stop_words_are_listened_for() -> None:
    """Each word costs processor time."""
    sound = recording("wake_alexa_piper", 1.0, 1.0) + recording("wake_okay_nabu_piper", 1.0, 1.0)
    wake = Wake(words=("alexa", "okay_nabu"), stop_words=("alexa",))
    assert [word for word, _ in heard(chosen(Frontend(wake=wake)), sound)] == ["alexa"]
    assert isinstance(chosen(Frontend(wake=Wake(words=WAKE_WORDS))), Absent)


def test_told_once_until_it_was_quiet() -> None:
    """The likelihood stays high, and flickers: 300 ms without the word, and it may be told again."""
    once = Once()
    said = [True] * 50 + [False] * (REARM_BLOCKS - 1) + [True] + [False] * REARM_BLOCKS + [True]
    told = [n for n, heard in enumerate(said) if once.take(heard=heard)]
    assert told == [0, len(said) - 1]
