"""Real programs: arguments in, answers out, and what becomes of those that misbehave."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.programs import Child, Running
from lived_workers.tools import answers
from lived_workers.tools.tool import Tool, ToolError
from tools.programs import program, python, run, surroundings

ECHO = "import json,sys; print(json.dumps({'got': json.load(sys.stdin)}))"


def lives(pid: int) -> bool:
    """Whether there is such a process that is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def pid_in(path: Path) -> int:
    """The process id that a program wrote there."""
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"), 10)
    return int(path.read_text())


def test_arguments_come_as_json_and_json_goes_back(tmp_path: Path) -> None:
    """On standard input, to its end; on standard output."""
    args = {"town": "Köln", "days": 3, "long": "x" * 10_000}
    assert asyncio.run(run(program(tmp_path, ECHO), args)) == ([], {"result": {"got": args}})


def test_a_program_that_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    """Its arguments may be long."""
    assert asyncio.run(run(program(tmp_path, "print('hello')"), {"x": "y" * 65_000})) == ([], {"result": "hello"})


def test_intermediate_answers_come_as_they_are_written(tmp_path: Path) -> None:
    """Lines with partial, each when it is there; the rest is the answer."""
    code = """
import sys, time, pathlib
print('{"partial": "boiling"}', flush=True)
while not pathlib.Path("go").exists(): time.sleep(0.01)
print("done")
"""

    async def both() -> tuple[list[dict[str, object]], dict[str, object]]:
        partial: list[dict[str, object]] = []

        def more(response: dict[str, object]) -> None:
            partial.append(response)
            (tmp_path / "go").touch()

        return partial, await program(tmp_path, code).run({}, more)

    assert asyncio.run(both()) == ([{"result": "boiling"}], {"result": "done"})


def test_the_environment_is_a_short_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH, HOME, LANG and what is named; a key never, even when it is named."""
    monkeypatch.setenv("TOWN", "Berlin")
    monkeypatch.setenv("OTHER", "x")
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaNeverToBeSeen")
    monkeypatch.setenv("LANG", "C.UTF-8")
    code = "import json,os; print(json.dumps(sorted(os.environ)))"
    _, last = asyncio.run(run(program(tmp_path, code, environment=("TOWN", "GEMINI_API_KEY"))))
    assert set(last["result"]) <= {"PATH", "HOME", "LANG", "TOWN", "LC_CTYPE"}
    assert {"PATH", "LANG", "TOWN"} <= set(last["result"])


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; sys.exit('No bus goes there.')", "probe failed (exit code 1): No bus goes there."),
        ("raise SystemExit(7)", "probe failed (exit code 7)."),
        ("import os; os.kill(os.getpid(), 11)", "probe crashed (SIGSEGV)."),
        ("import os; os.kill(os.getpid(), 40)", "probe crashed (signal 40)."),
    ],
)
def test_failures_are_sentences(tmp_path: Path, code: str, words: str) -> None:
    """With the last line that it wrote to standard error."""
    with pytest.raises(ToolError) as error:
        asyncio.run(run(program(tmp_path, code)))
    assert str(error.value) == words


@pytest.mark.parametrize("command", [("/no/such/program",), ("no-such-program",), ("/etc/passwd",), ("a\0b",)])
def test_a_program_that_cannot_be_started_is_a_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Missing, or not a program."""
    with pytest.raises(ToolError, match=r"^The program of probe cannot be started: .*\.$"):
        asyncio.run(run(program(tmp_path, "", command=command)))


def test_memory_is_limited(tmp_path: Path) -> None:
    """What it may write to; reserving addresses is free, as some runtimes do."""
    hungry = "x = bytearray(200 * 1024 * 1024); print(len(x))"
    with pytest.raises(ToolError, match="MemoryError"):
        asyncio.run(run(program(tmp_path, hungry, memory_mb=100)))
    assert asyncio.run(run(program(tmp_path, hungry, memory_mb=400)))[1] == {"result": 200 * 1024 * 1024}
    reserving = "import mmap; m = mmap.mmap(-1, 1 << 33, prot=0, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); print(1)"
    assert asyncio.run(run(program(tmp_path, reserving, memory_mb=100)))[1] == {"result": 1}


def test_a_flood_is_cut_off_and_ended(tmp_path: Path) -> None:
    """Output without end costs its limit and no more."""
    began = time.monotonic()
    _, last = asyncio.run(run(program(tmp_path, "while True: print('x' * 1000)", output_bytes=3_000)))
    assert len(last["result"]) == 3_000
    assert last["note"] == answers.CUT_OFF
    assert time.monotonic() - began < 10


async def cancelled(tool: Tool, sign: Path) -> None:
    """Run a tool until it has made the file ``sign``, then cancel it."""
    task = asyncio.create_task(run(tool))
    await asyncio.to_thread(wait_until, sign.exists, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


STUBBORN = """
import os, signal, subprocess, sys, time, pathlib
signal.signal(signal.SIGTERM, signal.SIG_IGN)
deaf = "import signal,time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
child.stdout.readline()
pathlib.Path("child").write_text(f"{child.pid}\\n")
pathlib.Path("pid").write_text(f"{os.getpid()}\\n")
time.sleep(600)
"""


def test_a_cancelled_program_ends_with_all_that_it_has_started(tmp_path: Path) -> None:
    """SIGTERM, a second, SIGKILL, to the process group; nothing is left, not even a zombie."""

    asyncio.run(cancelled(program(tmp_path, STUBBORN), tmp_path / "pid"))
    assert not Path(f"/proc/{pid_in(tmp_path / 'pid')}").exists()
    wait_until(lambda: not lives(pid_in(tmp_path / "child")), 5)


def test_a_polite_program_may_clean_up(tmp_path: Path) -> None:
    """SIGTERM comes first."""
    code = """
import signal, sys, time, pathlib
def bye(*_): pathlib.Path("bye").touch(); sys.exit(0)
signal.signal(signal.SIGTERM, bye)
pathlib.Path("up").touch()
time.sleep(600)
"""

    asyncio.run(cancelled(program(tmp_path, code), tmp_path / "up"))
    assert (tmp_path / "bye").exists()


def test_a_program_that_leaves_somebody_behind_has_answered(tmp_path: Path) -> None:
    """A player in the background that holds the pipe open is none of our business."""
    code = """
import os, subprocess, sys, pathlib
player = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path("player").write_text(f"{player.pid}\\n")
print("playing")
"""
    began = time.monotonic()
    assert asyncio.run(run(program(tmp_path, code)))[1] == {"result": "playing"}
    assert time.monotonic() - began < 8
    player = pid_in(tmp_path / "player")
    assert lives(player)
    os.kill(player, signal.SIGKILL)


def test_leftovers_of_a_killed_worker_are_ended(tmp_path: Path) -> None:
    """By its successor, and nothing else is: a number that is another process's by now is let alone."""
    around = surroundings(tmp_path)
    child = Child("probe", python("import time; time.sleep(600)"), dict(os.environ), tmp_path, 1 << 30)
    pid = child._process.pid
    around.running.add(pid)
    mine = Path(f"/proc/{os.getpid()}/stat").read_text().rpartition(")")[2].split()[19]
    with (tmp_path / "running").open("a") as file:
        file.write(f"{os.getpid()} {int(mine) + 1}\nnonsense\n")
    Running(tmp_path / "running").end_leftovers()
    wait_until(lambda: not lives(pid), 5)
    assert not (tmp_path / "running").exists()
    asyncio.run(child.end())


def test_what_runs_is_on_record_while_it_runs(tmp_path: Path) -> None:
    """And not afterwards."""
    code = "print(open('running').read())"
    _, last = asyncio.run(run(program(tmp_path, code)))
    pid, began = str(last["result"]).split()
    assert int(pid) > 1
    assert int(began) > 0
    assert (tmp_path / "running").read_text() == ""


def test_standard_error_goes_to_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With the tool's name, and not without end."""
    caplog.set_level("INFO")
    code = "import sys\nfor n in range(500): print(f'line {n}', file=sys.stderr)\nprint('ok')"
    assert asyncio.run(run(program(tmp_path, code)))[1] == {"result": "ok"}
    assert caplog.messages[0] == "probe: line 0"
    assert len(caplog.messages) == 100
