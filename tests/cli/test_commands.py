"""Each command against a door of real sockets: its request, its words, its JSON, its exit code."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from fakes.door import STATUS, FakeDoor
from lived.cli.app import COMMANDS, run
from lived.cli.commands.conversation import volume_arguments
from lived.cli.commands.status import lines, span
from lived.errors import UsageError

from .conftest import Livectl


def test_status_is_the_default(livectl: Livectl, door: FakeDoor) -> None:
    """No argument is status: one line in words, then the workers."""
    said = livectl()
    assert said.code == 0
    assert said.out.splitlines()[0] == "Ready: listening."
    assert "  capture  running   USB Audio at 48000 Hz, 2 channels" in said.out
    assert "restarted 2 times" in said.out
    assert said.err == ""
    assert said == livectl("status")


def test_status_tells_how_well_echo_is_cancelled(livectl: Livectl, door: FakeDoor) -> None:
    """Once there was any: in the front end's line, in words."""
    worker = {"name": "frontend", "state": "running", "ready": True, "text": "cancelling echo", "counters": {}}
    door.answers["status"] = {**STATUS, "workers": [worker]}
    assert "dB" not in livectl("status").out
    figures = {"echo_erle_db": 38, "echo_delay_ms": 240, "echo_drift_ppm": -12, "echo_diverged_percent": 5}
    door.answers["status"] = {**STATUS, "workers": [{**worker, "counters": figures}]}
    said = " ".join(livectl("status").out.split())
    assert "cancelling echo; 38 dB quieter, 240 ms later than the cards tell, drift -12 ppm, 5 % of the last" in said


def test_status_as_json_is_the_answer_of_the_door(livectl: Livectl, door: FakeDoor) -> None:
    """--json prints what the door answered, on one line, before or behind the command; and which daemon that was."""
    for arguments in (("status", "--json"), ("--json", "status"), ("--json",)):
        said = livectl(*arguments)
        assert json.loads(said.out) == {**STATUS, "scope": "none", "runtime_dir": str(door.directory), "others": []}
        assert said.out.count("\n") == 1


@pytest.mark.parametrize(("state", "code"), [("ready", 0), ("starting", 0), ("off", 0), ("degraded", 4)])
def test_status_exit_codes(livectl: Livectl, door: FakeDoor, state: str, code: int) -> None:
    """A degraded daemon is exit code 4, with and without --json."""
    door.answers["status"] = {**STATUS, "state": state, "text": "capture: No sound device matches 'USB'"}
    assert livectl("status").code == code
    assert livectl("status", "--json").code == code


def test_no_daemon_is_exit_code_3(livectl: Livectl) -> None:
    """Every command that needs the daemon says so in one sentence, with the next step."""
    calls = [["status"], ["stop"], ["stop", "--daemon"], ["restart"], ["interrupt"], ["mute"], ["volume"], ["events"]]
    for call in [*calls, ["say", "hello"], ["restart", "gateway"], ["toggle"], ["unmute"], []]:
        said = livectl(*call)
        assert said.code == 3, call
        assert said.err == "livectl: The daemon is not running: start it with 'livectl start'.\n"
        assert said.out == ""


def test_stale_socket_is_no_daemon(livectl: Livectl, runtime: Path) -> None:
    """The socket of a dead daemon is told from a living one at once."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(runtime / "door.sock"))
    assert livectl("status", "--runtime-dir", str(runtime)).code == 3


def test_no_permission_is_said(livectl: Livectl, door: FakeDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A door that this user may not use is not an absent daemon: which group to join is said."""

    class Closed(socket.socket):
        def connect(self, *_: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lived.cli.door.socket.socket", Closed)
    said = livectl("status")
    assert said.code == 1
    assert "usermod -aG lived" in said.err


def test_other_encodings_do_not_crash(door: FakeDoor) -> None:
    """A terminal that cannot show a character gets another one."""
    door.answers["status"] = {**STATUS, "text": "der Kuchen → fertig"}
    done = subprocess.run(
        [sys.executable, "-c", "from lived.cli import main; main(['status'])"],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert b"der Kuchen ? fertig" in done.stdout


def test_a_daemon_that_does_not_answer_is_exit_code_1(
    livectl: Livectl, door: FakeDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon that lives and says nothing is not one that is not running."""
    monkeypatch.setattr("lived.cli.door.PATIENCE_MS", 100)
    door.silent = True
    said = livectl("status")
    assert said.code == 1
    assert "though it lives" in said.err


def test_runtime_dir_finds_the_daemon(livectl: Livectl, runtime: Path) -> None:
    """--runtime-dir and daemon.runtime_dir lead to the door, before and behind the command."""
    with FakeDoor(runtime):
        assert livectl("--runtime-dir", str(runtime), "status").code == 0
        assert livectl("status", "--runtime-dir", str(runtime)).code == 0
        assert livectl("status", "--set", f"daemon.runtime_dir={runtime}").code == 0
        assert livectl("status").code == 3


def test_living_door_wins(livectl: Livectl, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where /run/lived has the socket of a dead daemon, the one of this user's session is found."""
    (runtime / "system").mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(runtime / "system" / "door.sock"))
    monkeypatch.setattr("lived.config.places.SYSTEM_RUNTIME", runtime / "system")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    with FakeDoor(runtime / "lived"):
        assert livectl("status").code == 0


def test_broken_configuration_does_not_lock_out(
    livectl: Livectl, door: FakeDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong file must not keep anybody from a daemon that runs; a file named in the call must be right."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[audio]\nvolumee = 1\n")
    monkeypatch.setenv("LIVED_CONFIG", str(wrong))
    assert livectl("status").code == 0
    monkeypatch.delenv("LIVED_CONFIG")
    said = livectl("status", "--config", str(wrong))
    assert said.code == 1
    assert "line 2" in said.err


@pytest.mark.parametrize(
    ("arguments", "op", "args", "result", "words"),
    [
        (["interrupt"], "interrupt", {}, {"turn": 41}, "Reply 41 was cut.\n"),
        (["interrupt"], "interrupt", {}, {"turn": 0}, "Nothing was being said.\n"),
        (["mute"], "mute", {"on": True}, {"muted": True}, "The microphone is muted.\n"),
        (["unmute"], "mute", {"on": False}, {"muted": False}, "The microphone is on.\n"),
        (["toggle"], "mute", {"on": "toggle"}, {"muted": True}, "The microphone is muted.\n"),
        (["volume"], "volume", {}, {"percent": 60}, "The volume is 60 %.\n"),
        (["volume", "60"], "volume", {"percent": 60}, {"percent": 60}, "The volume is 60 %.\n"),
        (["volume", "-10"], "volume", {"change": -10}, {"percent": 50}, "The volume is 50 %.\n"),
        (["volume", "+10"], "volume", {"change": 10}, {"percent": 60}, "The volume is 60 %.\n"),
        (["say", "What", "time?"], "say", {"text": "What time?"}, {}, "Said.\n"),
        (["stop"], "stop", {}, {"conversing": False}, "The conversation is over; microphone and network are closed.\n"),
        (["restart", "gateway"], "restart", {"worker": "gateway"}, {}, "gateway is restarted.\n"),
    ],
)
def test_simple_requests(
    livectl: Livectl,
    door: FakeDoor,
    arguments: list[str],
    op: str,
    args: dict[str, Any],
    result: dict[str, Any],
    words: str,
) -> None:
    """The request as docs/protocol.md has it; words for people, the result for --json."""
    door.answers[op] = result
    said = livectl(*arguments)
    assert (said.code, said.out, said.err) == (0, words, "")
    assert door.asked == [(op, args)]
    assert json.loads(livectl(*arguments, "--json").out) == result


def test_refusal_is_one_sentence(livectl: Livectl, door: FakeDoor) -> None:
    """What the daemon refuses is exit code 1 with the daemon's own sentence."""
    door.refuse("say", "refused", "There is no conversation: begin one with 'livectl start'.")
    said = livectl("say", "hello")
    assert (said.code, said.out) == (1, "")
    assert said.err == "livectl: There is no conversation: begin one with 'livectl start'.\n"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["sing"], "no command 'sing'"),
        (["statsu"], "Did you mean 'status'?"),
        (["status", "--nonsense"], "--nonsense"),
        (["volume", "loud"], "'loud'"),
        (["volume", "-200"], "'-200'"),
        (["say"], "TEXT"),
        (["events", "--type", "turn.begun"], "did you mean 'turn.began'?"),
        (["status", "--set", "audio.volume"], "section.key=value"),
    ],
)
def test_wrong_usage(livectl: Livectl, door: FakeDoor, arguments: list[str], word: str) -> None:
    """Exit code 2 and one line that says what is wrong."""
    said = livectl(*arguments)
    assert said.code == 2
    assert word in said.err
    assert said.err.startswith("livectl: ")
    assert said.err.count("\n") == 1
    assert door.asked == []


def test_ctrl_c_is_130_and_quiet(livectl: Livectl, monkeypatch: pytest.MonkeyPatch, door: FakeDoor) -> None:
    """Ctrl-C shows no traceback and no sentence."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lived.cli.commands.status.ask_at", interrupted)
    said = livectl("status")
    assert said.code == 130
    assert said.err.strip() == ""


def test_volume_arguments_are_checked() -> None:
    """Nothing but a whole number from -100 to 100 goes to the daemon."""
    for amount in ("", "+", "1.5", "101", "-101", "10 %", "ten", "٣"):
        with pytest.raises(UsageError):
            volume_arguments(amount)


def test_status_fits_in_80_columns() -> None:
    """However long a sentence is, no line is longer than the terminal and none of it is lost."""
    long = "No sound device matches 'USB Audio Device with a very long name indeed': waiting for it, again in 5 s"
    workers = [{**STATUS["workers"][0], "text": long}]
    status = {**STATUS, "state": "degraded", "text": f"capture: {long}", "workers": workers, "lost_frames": 160}
    shown = [click.unstyle(line) for line in lines(status, 80)]
    assert max(map(len, shown)) <= 80
    assert long.replace(" ", "") in "".join(shown).replace(" ", "")
    assert any("160 frames" in line for line in shown)


def test_status_has_no_escape_codes_outside_a_terminal(livectl: Livectl, door: FakeDoor) -> None:
    """A pipe gets plain text."""
    assert "\x1b" not in livectl("status").out


def test_off_says_how_to_begin() -> None:
    """Without a conversation the first line says what begins one."""
    shown = list(lines({**STATUS, "state": "off", "text": "no conversation"}, 80))
    assert shown[0] == "No conversation: begin one with 'livectl start'."


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (93, "1 min 33 s"), (3_793, "1 h 3 min"), (90_000, "1 d 1 h")]
)
def test_span(seconds: float, words: str) -> None:
    """The two largest units."""
    assert span(seconds) == words


def test_every_command_has_help(livectl: Livectl) -> None:
    """--help works for all, and the list shows all."""
    listed = livectl("--help").out
    for name in COMMANDS:
        assert f"\n  {name} " in listed
        assert livectl(name, "--help").out.startswith("Usage: livectl")


def test_version(livectl: Livectl) -> None:
    """Needs no daemon."""
    assert livectl("version").out == "lived 0.1.0, protocol 1\n"
    assert json.loads(livectl("version", "--json").out) == {"version": "0.1.0", "protocol": 1}


def test_simple_commands_import_nothing_heavy(door: FakeDoor) -> None:
    """livectl status must be quick: no numpy, no sounddevice, no asyncio, no SDK."""
    script = "import sys\nfrom lived.cli.app import run\nprint(run(['status']), *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ, timeout=30
    )
    code, *modules = done.stdout.splitlines()[-1].split()
    assert code == "0"
    assert {"zmq", "click"} <= set(modules)
    assert not {"numpy", "sounddevice", "soxr", "google", "asyncio", "lived.supervisor"} & set(modules)


def test_closed_output_is_quiet(door: FakeDoor) -> None:
    """livectl status | true: no traceback and no sentence."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", "from lived.cli import main; main(['status'])"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=30,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_run_takes_sys_argv(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The console script passes no arguments of its own."""
    monkeypatch.setattr(sys, "argv", ["livectl", "version"])
    assert run() == 0
    assert capsys.readouterr().out.startswith("lived ")


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        ({"currency": "EUR", "day": 0.337, "budget": 0.0}, "0.34 EUR today"),
        ({"currency": "EUR", "day": 0.0, "budget": 2.0}, "0.00 of 2.00 EUR today"),
        ({"currency": "EUR", "day": 0.0, "budget": 0.0}, ""),
        ({}, ""),
    ],
)
def test_status_says_what_the_day_has_cost(livectl: Livectl, door: FakeDoor, usage: dict[str, Any], words: str) -> None:
    """Once there is something to say."""
    door.answers["status"] = {**STATUS, "usage": usage}
    said = livectl("status")
    assert words in " ".join(said.out.split())  # a narrow terminal may break it
    assert ("today" in said.out) == bool(words)
