"""livectl talk, instruct, show: their requests, their words, their exit codes."""

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.test_images import jpeg, png
from fakes.daemon import wait_until
from fakes.door import FakeDoor

from .conftest import Livectl


@pytest.mark.parametrize(("word", "asked"), [("on", True), ("off", False), ("toggle", "toggle")])
def test_the_button_for_scripts(livectl: Livectl, door: FakeDoor, word: str, asked: object) -> None:
    """One request each, and how it is now."""
    door.answers["talk"] = {"on": asked is not False}
    said = livectl("talk", word)
    assert door.asked == [("talk", {"on": asked})]
    assert said.code == 0
    assert said.out == ("Over to the model.\n" if asked is False else "You have the floor: speak.\n")


@pytest.mark.parametrize("how", ["terminate", "end of input"])
def test_the_button_is_held_as_long_as_the_command_runs(door: FakeDoor, how: str) -> None:
    """A program on a GPIO pin starts it, and ends it to let go: by a signal, or by closing its input."""
    door.answers["talk"] = [{"on": True}, {"on": False}]
    process = subprocess.Popen(
        [sys.executable, "-c", "from lived.cli import main; main(['talk', 'hold'])"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == b"You have the floor: speak.\n"
    if how == "terminate":
        process.send_signal(signal.SIGTERM)
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()
    wait_until(lambda: door.asked == [("talk", {"on": True}), ("talk", {"on": False})], 5, lambda: str(door.asked))


def test_without_a_terminal_there_is_no_enter(livectl: Livectl, door: FakeDoor) -> None:
    """The sentence says what to do instead."""
    said = livectl("talk")
    assert said.code == 2
    assert "on, off, toggle or hold" in said.err
    assert door.asked == []


def test_instruct(livectl: Livectl, door: FakeDoor, tmp_path: Path) -> None:
    """Words, a file, or back to what is configured."""
    door.answers["instruct"] = {}
    (tmp_path / "pirate.txt").write_text("Speak like a pirate.\n")
    assert livectl("instruct", "Be", "brief.").out == "Instructed.\n"
    assert livectl("instruct", "--file", str(tmp_path / "pirate.txt")).code == 0
    assert livectl("instruct", "--configured").out == "Back to the configured instruction.\n"
    texts = [arguments["text"] for _, arguments in door.asked]
    assert texts == ["Be brief.", "Speak like a pirate.\n", ""]


@pytest.mark.parametrize(
    "arguments", [[], ["x", "--configured"], [" "], ["--file", "{latin}"]], ids=["none", "two", "empty", "latin"]
)
def test_instruct_wants_one_text(livectl: Livectl, door: FakeDoor, tmp_path: Path, arguments: list[str]) -> None:
    """Nothing is asked of the daemon otherwise."""
    latin = tmp_path / "latin.txt"
    latin.write_bytes("Grüße".encode("latin-1"))
    said = livectl("instruct", *(a.format(latin=latin) for a in arguments))
    assert said.code == 2
    assert door.asked == []


def test_instruct_names_a_missing_file(livectl: Livectl, door: FakeDoor) -> None:
    """In a sentence."""
    said = livectl("instruct", "--file", "/no/such/file")
    assert said.code == 1
    assert said.err == "livectl: /no/such/file: No such file or directory.\n"


@pytest.mark.parametrize(("data", "mime"), [(jpeg(8, 6), "image/jpeg"), (png(8, 6), "image/png")])
def test_show(livectl: Livectl, door: FakeDoor, tmp_path: Path, data: bytes, mime: str) -> None:
    """The file is read here: the daemon may not be allowed to."""
    file = tmp_path / "image"
    file.write_bytes(data)
    door.answers["show"] = {"width": 8, "height": 6}
    assert livectl("show", str(file)).out == "Shown: 8 x 6 pixels.\n"
    ((_, arguments),) = door.asked
    assert arguments == {"mime": mime, "data": base64.b64encode(data).decode()}


def test_a_large_image_goes_through_the_door(livectl: Livectl, door: FakeDoor, tmp_path: Path) -> None:
    """A show may be larger than any other request."""
    file = tmp_path / "image.jpg"
    file.write_bytes(jpeg(8, 6) + bytes(1_300_000))
    door.answers["show"] = {"width": 8, "height": 6}
    assert livectl("show", str(file)).code == 0


@pytest.mark.parametrize("data", [b"GIF89a", jpeg(8, 6) + bytes(1_400_000)], ids=["no image", "too large"])
def test_show_what_cannot_be_shown(
    livectl: Livectl, door: FakeDoor, tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Pillow it is said what to do; nothing is asked of the daemon."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    file = tmp_path / "image"
    file.write_bytes(data)
    said = livectl("show", str(file))
    assert said.code == 2
    assert "Pillow" in said.err
    assert door.asked == []
