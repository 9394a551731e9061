"""The import contracts of pyproject.toml hold, and each of them would notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTS = [
    ("Imports inside lived only point down", "daemon/lived/units.py", "import lived.bus"),
    ("Imports inside lived only point down", "daemon/lived/helpers.py", ""),
    ("Imports inside lived only point down", "daemon/lived/supervisor/policy.py", "import lived.cli"),
    ("Workers never import the supervisor", "workers/lived_workers/capture/planted.py", "import lived.supervisor"),
    ("The daemon starts workers by name", "daemon/lived/supervisor/child.py", "import lived_workers.capture"),
    ("No worker imports another", "workers/lived_workers/playback/planted.py", "import lived_workers.capture"),
    ("Each heavy library has one door", "daemon/lived/worker/harness.py", "import zmq"),
    ("Each heavy library has one door", "workers/lived_workers/capture/planted.py", "import sounddevice"),
    ("Each heavy library has one door", "workers/lived_workers/playback/planted.py", "import numpy"),
    ("Each heavy library has one door", "workers/lived_workers/capture/planted.py", "from google import genai"),
    ("Each heavy library has one door", "daemon/lived/supervisor/run.py", "import click"),
    ("The pure core opens nothing", "daemon/lived/floor.py", "import asyncio"),
    ("The pure core opens nothing", "daemon/lived/wire/codec.py", "import time"),
    ("The pure core opens nothing", "daemon/lived/stream.py", "import socket"),
    ("The pure core opens nothing", "daemon/lived/pcm.py", "import threading"),
    ("Sound and network are apart", "workers/lived_workers/capture/planted.py", "import asyncio"),
    ("Sound and network are apart", "workers/lived_workers/playback/planted.py", "import ssl"),
    ("The network side opens no sound card", "workers/lived_workers/gateway/planted.py", "import lived.soundcard"),
]


def lint(tree: Path) -> "subprocess.CompletedProcess[str]":
    """Judge ``tree`` by its own pyproject.toml."""
    environ = os.environ | {"PYTHONPATH": f"{tree / 'daemon'}:{tree / 'workers'}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(
        command,
        cwd=tree,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources to plant something in."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for source in ("daemon", "workers"):
        shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__", "*.wav"))
    return tmp_path


def test_contracts_hold(tree: Path) -> None:
    """The tree as it is keeps every contract."""
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("contract", "file", "line"), PLANTS, ids=[f"{p[1]}: {p[2]}" for p in PLANTS])
def test_a_planted_violation_is_found(tree: Path, contract: str, file: str, line: str) -> None:
    """One forbidden import breaks the contract that forbids it."""
    path = tree / file
    path.write_text((path.read_text() if path.exists() else '"""Planted."""\n') + f"\n{line}\n")
    done = lint(tree)
    broken = [text for text in done.stdout.splitlines() if " BROKEN" in text]
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(text.startswith(contract) for text in broken), done.stdout
