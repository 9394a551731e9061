"""The manual pages are current, complete, and what man(1) understands."""

import shutil
import subprocess
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.cli.app import COMMANDS
from lived.config.schema import options, tables
from lived.manuals import FOLDER, PAGES, roff
from lived.manuals.__main__ import main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_current(name: str) -> None:
    """After a change to a command or an option `python -m lived.manuals` has been run."""
    assert (ROOT / FOLDER / name).read_text(encoding="ascii") == PAGES[name](), "run: python -m lived.manuals"


@pytest.mark.parametrize("name", PAGES)
def test_groff_has_nothing_to_say(name: str) -> None:
    """No warning of any kind."""
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    command = ["groff", "-ww", "-man", "-Tascii", "-z", str(ROOT / FOLDER / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_and_option_is_told() -> None:
    """livectl(1) has each command, lived.toml(5) each section and option, in their order."""
    page = PAGES["livectl.1"]()
    places = [page.find('\n.SS "' + name.replace("-", r"\-")) for name in COMMANDS]
    assert -1 not in places
    assert places == sorted(places)
    page = PAGES["lived.toml.5"]()
    rows = [option.name for option in options().values()]
    rows += [field for fields in tables().values() for field in fields]
    terms = [line.removeprefix("\\fB").partition("\\fP")[0] for line in page.splitlines() if line.startswith("\\fB")]
    assert [term for term in terms if term in rows] == rows


def test_the_command_writes_all_pages(tmp_path: Path) -> None:
    """`python -m lived.manuals FOLDER` makes exactly the texts that the tests compare, in a source tree only."""
    assert main([str(tmp_path)]) == 2
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "pyproject.toml").touch()
    assert main([str(tmp_path)]) == 0
    assert {name: (tmp_path / FOLDER / name).read_text() for name in PAGES} == {n: text() for n, text in PAGES.items()}


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_no_text_becomes_a_request(text: str) -> None:
    """Whatever stands in a help text is ASCII, one line, no request, and has no escape but ours."""
    for made in (roff.escaped(text), roff.running(text)):
        assert made.isascii()
        assert "\n" not in made
        assert not made.startswith((".", "'"))


def test_a_paragraph_that_keeps_its_lines() -> None:
    r"""click's ``\b`` ends the filling of lines, for one paragraph."""
    assert roff.prose("a\nb\n\n\b\nc\nd\n\ne") == ".PP\na b\n.nf\nc\nd\n.fi\n.PP\ne\n"


def test_a_page_needs_its_exit_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A help without "Exit codes:" is our mistake, and is told when the pages are made."""
    monkeypatch.setattr("lived.manuals.commands.daemon", click.Command("lived", help="Speak."))
    with pytest.raises(ValueError, match="exit codes"):
        PAGES["lived.8"]()
