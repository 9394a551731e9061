"""livectl status: one line in words, then the workers. Right in 80 columns."""

import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lived.cli.door import ask_at, directory_of, others
from lived.cli.options import Exit, Options, common, pass_options, say
from lived.cli.service import Service, running_as

_HEAD = {
    "ready": ("Ready: ", "green"),
    "starting": ("Starting: ", "yellow"),
    "degraded": ("Degraded: ", "red"),
    "off": ("", None),
}
_OFF = "No conversation: begin one with 'livectl start'."
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))

Status = Mapping[str, Any]
"""The answer to ``status`` as docs/protocol.md has it."""


@click.command()
@common
@pass_options
def status(options: Options) -> int:
    """Tell how things are; exit code 4 when something does not work."""
    return show(options)


def show(options: Options) -> int:
    """Ask, print, and give the exit code."""
    directory = directory_of(options)
    result = ask_at(directory, "status")
    service, more = running_as(int(result["pid"])), others(options, directory)
    scope = "none" if service is None else "user" if service.user else "system"
    words = [*lines(result, _columns()), *whereabouts(service, directory, more, _columns())]
    where = {"scope": scope, "runtime_dir": str(directory), "others": [str(place) for place in more]}
    say(options, "\n".join(words), {**result, **where})
    return exit_code(result)


def whereabouts(service: Service | None, directory: Path, more: Sequence[Path], columns: int) -> Iterator[str]:
    """Which daemon answered, and that there are others."""
    yield ""
    yield from _wrapped("  ", f"{service.words if service else 'a daemon without systemd'}, in {directory}", columns)
    for place in more:
        yield from _wrapped(
            "  ",
            f"another lived runs in {place}: on one sound card only one of them can work; "
            f"'livectl --runtime-dir {place} stop --daemon' ends it",
            columns,
        )


def exit_code(result: Status) -> Exit:
    """What a status means for a script."""
    return Exit.DEGRADED if result.get("state") == "degraded" else Exit.DONE


def lines(result: Status, columns: int) -> Iterator[str]:
    """The status for a person, none longer than ``columns`` characters."""
    yield from headline(result, columns)
    yield from _wrapped("  ", ", ".join(_facts(result)), columns)
    lost = result.get("lost_frames", 0)
    if lost:
        yield from _wrapped("  ", f"{lost:,} frames of sound were lost since the daemon began", columns)
    workers = result.get("workers", [])
    if workers:
        yield ""
    names = max((len(str(worker["name"])) for worker in workers), default=0)
    for worker in workers:
        yield from _worker(worker, names, columns)


def headline(result: Status, columns: int) -> Iterator[str]:
    """The state in one sentence; coloured where the terminal can."""
    state = str(result.get("state", ""))
    word, colour = _HEAD.get(state, (f"{state}: ", None))
    text = _OFF if state == "off" else _sentence(str(result.get("text", "")))
    first, *rest = list(_wrapped("", word + text, columns)) or [state]
    yield click.style(first[: len(word)], fg=colour, bold=True) + first[len(word) :] if colour else first
    yield from rest


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) or not text else f"{text}."


def _facts(result: Status) -> Iterator[str]:
    yield "microphone muted" if result.get("muted") else "microphone on"
    yield f"volume {result.get('volume')} %"
    session = result.get("session") or {}
    yield " ".join(filter(None, ("session", str(session.get("state", "?")), _connection(session))))
    yield from _swaps(session)
    yield f"up {span(float(result.get('uptime_s', 0)))}"
    yield from _money(result.get("usage") or {})


def _money(usage: Mapping[str, Any]) -> Iterator[str]:
    """What the day has cost, once it has cost anything."""
    day, budget, saved = float(usage.get("day", 0)), float(usage.get("budget", 0)), float(usage.get("saved", 0))
    if day or budget:
        limit = f" of {budget:.2f}" if budget else ""
        spared = f", {saved:.2f} saved by not sending silence" if saved >= 0.005 else ""
        yield f"{day:.2f}{limit} {usage.get('currency', '')} today{spared}"


def _connection(session: Mapping[str, Any]) -> str:
    number = session.get("connection", 0)
    return f"(connection {number})" if number > 1 and session.get("state") == "open" else ""


def _swaps(session: Mapping[str, Any]) -> Iterator[str]:
    """How often a connection was replaced by another, and what of the user's words that cost."""
    swaps, lost_ms = session.get("swaps", 0), session.get("lost_ms", 0)
    if swaps:
        yield f"swaps {swaps}"
    if swaps or lost_ms:
        yield f"{lost_ms / 1000:.1f} s of words lost" if lost_ms else "words lost 0"


def _worker(worker: Mapping[str, Any], names: int, columns: int) -> Iterator[str]:
    state = str(worker.get("state", "?"))
    if state == "running" and not worker.get("ready"):
        state = "waiting"
    restarts = worker.get("restarts", 0)
    notes = [str(worker.get("text", "")).rstrip(".")]
    if restarts:
        notes.append(f"restarted {restarts} {'time' if restarts == 1 else 'times'}")
    notes += _echo(worker.get("counters") or {})
    head = f"  {worker['name']:<{names}}  {state:<8}  "
    yield from _wrapped(head, "; ".join(filter(None, notes)) or span(float(worker.get("since_s", 0))), columns)


def _echo(counters: Mapping[str, int]) -> Iterator[str]:
    """How well the front end takes it out, once there was any."""
    if counters.get("echo_erle_db"):
        late, drift = counters.get("echo_delay_ms", 0), counters.get("echo_drift_ppm", 0)
        missed = counters.get("echo_diverged_percent", 0)
        untimed = f", {late} ms later than the cards tell" if late else ""
        passed = f", {missed} % of the last 10 s of replies not cancelled" if missed else ""
        yield f"{counters['echo_erle_db']} dB quieter{untimed}, drift {drift} ppm{passed}"


def _wrapped(head: str, text: str, columns: int) -> list[str]:
    """``text`` behind ``head``, its further lines under its beginning."""
    return textwrap.wrap(
        text, width=columns, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    ) or [head.rstrip()]


def span(seconds: float) -> str:
    """A time for people, its two largest units: ``1 h 3 min``."""
    rest, parts = int(seconds), []
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _columns() -> int:
    return min(80, shutil.get_terminal_size().columns)
