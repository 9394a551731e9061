"""livectl completion: a script that the shell takes, and that completes our commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Livectl


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(livectl: Livectl, shell: str) -> None:
    """It asks livectl; a shell that is installed here finds nothing wrong with it."""
    said = livectl("completion", shell)
    assert said.code == 0
    assert f"_LIVECTL_COMPLETE={shell}_complete" in said.out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=said.out, text=True, check=True, timeout=10)


def test_another_shell(livectl: Livectl) -> None:
    """Is a sentence."""
    assert livectl("completion", "tcsh").code == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("livectl install", ["plain,install-service"]),
        ("livectl install-service --s", ["plain,--set", "plain,--system"]),
        ("livectl completion ", ["plain,bash", "plain,zsh", "plain,fish"]),
        ("livectl nonsense in", ["plain,install-service", "plain,instruct", "plain,interrupt"]),
    ],
)
def test_what_bash_is_told(words: str, expected: list[str], tmp_path: Path) -> None:
    """The words that may follow; of a command that does not exist no complaint in the middle of somebody's line."""
    count = len(words.split(" ")) - 1
    asked = {"_LIVECTL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("livectl"))],
        env=os.environ | asked | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (sorted(done.stdout.splitlines()), done.stderr) == (sorted(expected), "")
