"""livectl top as lines: for a terminal, and as plain text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.text import Text

from lived.cli.commands.status import span
from lived.cli.watch.draw import FANCY, NO_ANSWER, WAITING, Glyphs, clipped, headline, wrapped
from lived.cli.watch.flow import Arrivals
from lived.cli.watch.processes import Usage
from lived.cli.watch.tally import Row, TopView

_MB = 1_000_000
_HEAD = "bold"
_SECTION = 10

_WORDS = {
    "uplink_messages": "uplink {} messages",
    "reply_s": "reply {} s",
    "uplink_p50_ms": "uplink p50 {} ms",
    "uplink_p99_ms": "p99 {} ms",
    "handover_p50_ms": "handover p50 {} ms",
    "handover_p99_ms": "p99 {} ms",
    "overflows": "overflows {}",
    "underflows": "underflows {}",
    "underruns": "underruns {}",
    "capture_frames": "capture {}",
    "gateway_frames": "gateway {}",
    "playback_frames": "playback {}",
    "full_frames": "full {}",
    "stale_frames": "stale {}",
}
"""Each figure of ``tally.FIGURES`` behind the name of its section."""

Column = tuple[str, int, str]
"""Heading, width, side."""

_PROCESS: tuple[Column, ...] = (("process", 11, "<"), ("pid", 8, ">"), ("cpu %", 7, ">"), ("pss MB", 8, ">"))
_PROCESS += (("  state", 12, "<"), ("restarts", 8, ">"), ("since", 13, ">"))
_STREAM: tuple[Column, ...] = (("stream", 11, "<"), ("chunks", 8, ">"), ("age p50", 9, ">"), ("p99 ms", 8, ">"))
_STREAM += (("max", 7, ">"), ("lost", 9, ">"), ("missed", 8, ">"), ("intended", 11, ">"))


def lines(view: TopView, usage: Mapping[int, Usage], columns: int, glyphs: Glyphs = FANCY) -> list[Text]:
    """At most ``columns`` cells each; columns of tables that have no room are left out from the right."""
    if not view.attached:
        return wrapped(Text(WAITING, style="bold"), columns)
    return [
        *wrapped(headline(view.state, view.text), columns),
        *wrapped(Text(glyphs.dot.join(_facts(view)), style="dim"), columns),
        Text(),
        *_table(_PROCESS, _processes(view.processes, usage, glyphs), columns),
        Text(),
        *_table(_STREAM, [_stream(stream, glyphs) for stream in view.streams], columns),
        Text(),
        *_sections(view, columns, glyphs),
    ]


def _facts(view: TopView) -> Iterator[str]:
    yield f"lived {view.version}"
    yield f"up {span(view.uptime_s)}"
    if not view.answers:
        yield NO_ANSWER


def _processes(rows: Sequence[Row], usage: Mapping[int, Usage], glyphs: Glyphs) -> Iterator[tuple[str, ...]]:
    nothing = Usage(None, None)
    known = [usage.get(row.pid, nothing) if row.pid is not None else nothing for row in rows]
    for row, (cpu, pss) in zip(rows, ((used.cpu_percent, used.pss_bytes) for used in known), strict=True):
        yield (
            row.name,
            glyphs.none if row.pid is None else str(row.pid),
            _number(cpu, glyphs),
            _number(None if pss is None else pss / _MB, glyphs),
            f"  {row.state}",
            str(row.restarts),
            span(row.since_s),
        )
    cpus = [used.cpu_percent for used in known if used.cpu_percent is not None]
    sizes = [used.pss_bytes / _MB for used in known if used.pss_bytes is not None]
    yield "all", "", _number(sum(cpus) if cpus else None, glyphs), _number(sum(sizes) if sizes else None, glyphs)


def _stream(stream: Arrivals, glyphs: Glyphs) -> tuple[str, ...]:
    ages = (stream.age_p50_ms, stream.age_p99_ms, stream.age_max_ms)
    frames = (stream.lost_frames, stream.missed_frames, stream.intended_frames)
    figures = [*(_number(age, glyphs) for age in ages), *(f"{count:,}" for count in frames)]
    return (stream.stream.value, str(stream.chunks), *figures)


def _table(heads: Sequence[Column], rows: Iterable[Sequence[str]], columns: int) -> Iterator[Text]:
    shown, used = [], 0
    for head in heads:
        used += head[1]
        if used > columns:
            break
        shown.append(head)
    yield Text(_cells([name for name, _, _ in shown], shown), style=_HEAD)
    for row in rows:
        yield Text(_cells(row, shown))


def _cells(values: Sequence[str], columns: Sequence[Column]) -> str:
    return "".join(
        clipped(value, width) if side == "<" else value.rjust(width)[:width]
        for value, (_, width, side) in zip(values, columns, strict=False)
    ).rstrip()


def _sections(view: TopView, columns: int, glyphs: Glyphs) -> Iterator[Text]:
    for name, figures in view.figures.items():
        words = [_WORDS[figure].format(_number(value, glyphs)) for figure, value in figures.items()]
        if name == "drops":
            words.append(f"lost {view.lost_frames:,} frames")
        yield from _section(name, words, columns)
    yield from _section("cuts", list(_cuts(view, glyphs)), columns)
    yield from _section("session", list(_link(view)), columns)
    for row in view.processes:
        if row.state not in ("running", "starting") and row.text:
            yield from _section(row.name, [row.text], columns)
    if view.unreadable:
        yield from _section("bus", [f"{view.unreadable:,} messages that are none"], columns)


def _section(name: str, words: Sequence[str], columns: int) -> Iterator[Text]:
    indent = Text(" " * _SECTION)
    for number, part in enumerate(wrapped(Text(", ".join(words)), columns - _SECTION)):
        yield (indent if number else Text(clipped(name, _SECTION), style=_HEAD)) + part


def _cuts(view: TopView, glyphs: Glyphs) -> Iterator[str]:
    cuts = view.cuts
    yield str(cuts.cuts)
    if cuts.cuts:
        yield f"to silence last {_number(cuts.last_ms, glyphs)} ms"
        yield f"p50 {_number(cuts.p50_ms, glyphs)} ms"
        yield f"max {_number(cuts.max_ms, glyphs)} ms"


def _link(view: TopView) -> Iterator[str]:
    link = view.link
    yield link.state
    yield f"connection {link.connection}"
    causes = ", ".join(f"{cause} {count}" for cause, count in sorted(link.causes.items()))
    yield f"swaps {link.swaps}" + (f" ({causes})" if causes else "")
    yield f"broken {link.connections_lost}"
    yield f"words lost {link.lost_ms / 1000:.1f} s"


def _number(value: float | None, glyphs: Glyphs) -> str:
    if value is None:
        return glyphs.none
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
