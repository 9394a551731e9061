"""livectl monitor as lines for a terminal."""

from collections.abc import Callable, Iterator, Sequence

from rich.text import Text

from lived.cli.watch.draw import FANCY, NO_ANSWER, WAITING, Glyphs, clipped, headline, wrapped
from lived.cli.watch.levels import Level
from lived.cli.watch.monitoring import MonitorView
from lived.cli.watch.talk import Line
from lived.units import Ns
from lived.wire import Stream

FLOOR_DB = -60.0
"""The left end of a bar: the noise of a quiet room."""

HOT_DB, LOUD_DB = -1.0, -9.0
"""Above the first sound is about to be clipped, above the second it is loud."""

_NAME = 9
_FIGURES = 16
_LEAST_BAR = 6

_STYLE = {"user": "cyan", "model": "magenta"}

TimeOfDay = Callable[[Ns], str]
"""CLOCK_MONOTONIC to what a clock on the wall shows."""


def lines(view: MonitorView, columns: int, rows: int, time_of_day: TimeOfDay, glyphs: Glyphs = FANCY) -> list[Text]:
    """At most ``rows`` lines of at most ``columns`` cells; what was said last is at the bottom."""
    top = _top(view, columns, glyphs)
    room = rows - len(top)
    return [*top, *_talk(view.lines, columns, room, time_of_day)][:rows]


def _top(view: MonitorView, columns: int, glyphs: Glyphs) -> list[Text]:
    if not view.attached:
        return [*wrapped(Text(WAITING, style="bold"), columns), Text(glyphs.rule * columns, style="dim")]
    facts = [*view.facts, *([] if view.answers else [NO_ANSWER])]
    return [
        *wrapped(headline(view.word, view.sentence), columns),
        *wrapped(Text(glyphs.dot.join(facts), style="dim"), columns),
        Text(" " * _NAME + _scale(columns - _NAME - _FIGURES) + "   peak     RMS ", style="dim"),
        *(_level(stream, level, view.muted, columns, glyphs) for stream, level in view.levels),
        Text(glyphs.rule * columns, style="dim"),
    ]


def _scale(width: int) -> str:
    """What the bars below it mean."""
    scale = ""
    for decibel in (-60, -40, -20):
        scale = scale.ljust(_cells(decibel, width)) + str(decibel)
    return clipped(f"{scale} dBFS", width) if len(scale) + 5 <= width else " " * max(0, width)


def _level(stream: Stream, level: Level, muted: bool, columns: int, glyphs: Glyphs) -> Text:
    """Name, bar, figures in dBFS."""
    text = Text(clipped(stream.value, _NAME))
    width = columns - _NAME - _FIGURES
    if muted and stream is Stream.MIC:
        text.append(clipped("muted", width), style="yellow")
    elif width >= _LEAST_BAR:
        _bar(text, level, width, glyphs)
    text.append(f"{_decibel(level.peak, glyphs)} {_decibel(level.rms, glyphs)} ", style="" if level.flowing else "dim")
    return text


def _bar(text: Text, level: Level, width: int, glyphs: Glyphs) -> None:
    """RMS is solid, what the peak is above it lighter; a mark stays at the highest peak for a while."""
    rms, peak, hold = (_cells(value, width) for value in (level.rms, level.peak, level.hold))
    bar = (glyphs.full * rms).ljust(peak, glyphs.part).ljust(width, glyphs.empty if level.flowing else " ")
    if hold:
        bar = bar[: hold - 1] + glyphs.hold + bar[hold:]
    loudest = level.hold if level.hold is not None else FLOOR_DB
    style = "red" if loudest >= HOT_DB else "yellow" if loudest >= LOUD_DB else "green"
    reached = max(peak, hold)
    text.append(bar[:reached], style=style)
    text.append(bar[reached:], style="dim")


def _cells(value: float | None, width: int) -> int:
    if value is None or value <= FLOOR_DB:
        return 0
    return max(1, min(width, round(width * (1 - value / FLOOR_DB))))


def _decibel(value: float | None, glyphs: Glyphs) -> str:
    return f"{glyphs.none:>7}" if value is None else f"{value:7.1f}"


def _talk(said: Sequence[Line], columns: int, room: int, time_of_day: TimeOfDay) -> list[Text]:
    """The last ``room`` lines of it."""
    found: list[Text] = []
    for line in reversed(said):
        if len(found) >= room:
            break
        found = [*_line(line, columns, time_of_day), *found]
    return found[-room:] if room > 0 else []


def _line(line: Line, columns: int, time_of_day: TimeOfDay) -> Iterator[Text]:
    who = clipped(line.side, 6)
    head = f"{time_of_day(line.at)} {who}" if columns >= 60 else who
    text = Text(line.text)
    if line.cut:
        text.append(" [cut]", style="bold red")
    indent = Text(" " * len(head))
    for number, part in enumerate(wrapped(text, columns - len(head))):
        yield (indent if number else Text(head, style=_STYLE.get(line.side, ""))) + part
