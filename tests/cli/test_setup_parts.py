"""livectl setup without a terminal and a card: what is offered, where it is written, and how."""

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.test_install_plan import SYSTEM, USER, facts
from lived.cli.setup import choices
from lived.cli.setup.choices import FILE, KEYS, Device, bar, fragment, kept, offers, verdict
from lived.cli.setup.place import Place, place_of
from lived.cli.setup.writing import steps
from lived.config import files
from lived.config.load import load
from lived.errors import LivedError

KEY = "AIzaSetUpSecret0123456789"
CARDS = (
    Device("USB Audio: - (hw:1,0)", "Device", inputs=1, outputs=2),
    Device("bcm2835 Headphones: - (hw:0,0)", "Headphones", outputs=8, default_output=True),
    Device("pulse", inputs=32, outputs=32, default_input=True),
)


def test_what_is_offered() -> None:
    """The default with what it is now, each card by the name that stays, and what is configured though it is away."""
    assert [tuple(offer) for offer in offers(CARDS, "output", "default")] == [
        ("default", "default (bcm2835 Headphones: - (hw:0,0))"),
        ("Device", "USB Audio: - (hw:1,0)"),
        ("Headphones", "bcm2835 Headphones: - (hw:0,0)"),
        ("pulse", "pulse"),
    ]
    assert [offer.value for offer in offers(CARDS, "input", "gone")] == ["default", "Device", "pulse", "gone"]
    assert [offer.value for offer in offers((), "input", "default")] == ["default"]


@given(st.floats(-200, 20) | st.none())
def test_the_meter_has_one_width(peak: float | None) -> None:
    """Whatever is heard: each picture overwrites the one before."""
    assert len(bar(peak)) == len(bar(None))
    assert bar(peak).count("#") + bar(peak).count(".") == choices.BAR


def test_what_a_microphone_is_told() -> None:
    """Silence and almost silence are no voice."""
    assert "digital silence" in verdict(None)
    assert "Hardly anything" in verdict(-50.0)
    assert verdict(-20.0) == ""


@given(st.dictionaries(st.sampled_from(KEYS), st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=20)))
def test_what_is_written_reads_back(options: dict[str, Any]) -> None:
    """Any answer survives TOML."""
    assert kept(fragment(options)) == options


def test_files(tmp_path: Path) -> None:
    """The key for nobody else, folders where they are missing; the configuration says what was answered; the same
    answers again write nothing; other options in the file stay, and a person's words are kept beside it."""
    place = Place(tmp_path / "lived", for_all=True)
    answers = {"live.voice": "Puck", "audio.input": "USB"}
    for step in (todo := steps(place, KEY, answers)):
        step.do()
        assert KEY not in step.describe() + repr(step)
    assert len(todo) == 4
    assert place.key.read_text() == f"{KEY}\n"
    assert stat.S_IMODE(place.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.fragments.stat().st_mode) == 0o755
    config = load(None, [], {"XDG_CONFIG_HOME": str(tmp_path)})
    assert (config.live.voice, config.audio.input) == ("Puck", "USB")
    assert steps(place, "", answers) == []
    file = place.fragments / FILE
    mine = file.read_text() + "# mine\n[daemon]\nlog_level = 'debug'\n"
    file.write_text(mine)
    for step in steps(place, "", {"live.voice": "Kore"}):
        step.do()
    config = load(None, [], {"XDG_CONFIG_HOME": str(tmp_path)})
    assert (config.live.voice, config.audio.input, config.daemon.log_level) == ("Kore", "USB", "debug")
    assert (place.fragments / "10-setup.toml.before").read_text() == mine
    assert steps(place, "", {"live.voice": "Kore"}) == []


@pytest.mark.parametrize("broken", ["not toml [", "top = 1\n"])
def test_a_broken_file_is_replaced_and_kept(tmp_path: Path, broken: str) -> None:
    """What cannot be read is no reason to fail."""
    place = Place(tmp_path, for_all=False)
    place.fragments.mkdir()
    (place.fragments / FILE).write_text(broken)
    for step in steps(place, "", {"live.voice": "Puck"}):
        step.do()
    assert kept((place.fragments / FILE).read_text()) == {"live.voice": "Puck"}
    assert (place.fragments / "10-setup.toml.before").read_text() == broken


def test_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what is named; root's is the system's, everybody else's their own."""
    monkeypatch.setattr(files, "SYSTEM_FILE", tmp_path / "etc" / "lived.toml")
    home = {"XDG_CONFIG_HOME": str(tmp_path / "home")}
    alone = facts(person="root")
    assert place_of(tmp_path / "my.toml", alone, home) == Place(tmp_path, for_all=False)
    assert place_of(None, alone, {**home, "LIVED_CONFIG": str(tmp_path / "x" / "l.toml")}).folder == tmp_path / "x"
    assert place_of(None, alone, home) == Place(tmp_path / "etc", for_all=True)
    assert place_of(None, facts(root=False), home) == Place(tmp_path / "home" / "lived", for_all=False)
    both = facts(root=False, system=replace(SYSTEM, enabled=True), user=replace(USER, enabled=True))
    assert place_of(None, both, home).folder == tmp_path / "home" / "lived"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"root": False, "system": replace(SYSTEM, enabled=True)}, "run 'sudo /opt/lived/bin/livectl setup'"),
        ({"user": replace(USER, enabled=True)}, "pi has the service: run '/opt/lived/bin/livectl setup' as pi"),
        ({"sound_server": "PipeWire"}, "pi has PipeWire: run '/opt/lived/bin/livectl setup' as pi, without sudo"),
    ],
)
def test_where_nobody_would_read_it(changes: dict[str, Any], sentence: str) -> None:
    """It says who has to run it, and how."""
    with pytest.raises(LivedError, match=sentence):
        place_of(None, facts(**changes), {"HOME": "/home/pi"})
