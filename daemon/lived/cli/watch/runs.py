"""What both commands do: find the daemon, take the terminal, draw until Ctrl-C."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.text import Text

from lived.cli.door import candidates, first
from lived.cli.options import Options
from lived.cli.watch.attach import Attached, Rhythm
from lived.cli.watch.draw import ASCII, FANCY, Glyphs
from lived.cli.watch.screen import Screen
from lived.cli.watch.watcher import Watcher
from lived.clock import monotonic_ns
from lived.units import MILLISECOND, SECOND, Ns

REDRAW = Ns(200 * MILLISECOND)
"""Five times a second: a bar that moves smoothly enough, and little for a terminal to take."""

STATUS_EVERY = Ns(2 * SECOND)

Draw = Callable[[Ns, int, int, Glyphs], Sequence[Text]]
"""Time, columns, rows, characters that the terminal has; the lines."""


def finder(options: Options) -> Callable[[], Path | None]:
    """Looks for this call's daemon, as often as it is asked.

    Raises:
        LivedError: the configuration that was named on the command line cannot be used.
    """
    places = candidates(options)
    return lambda: first(places)


def has_terminal() -> bool:
    """Whether pictures can be drawn; else lines are written."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")


def on_screen(options: Options, watcher: Watcher, rhythm: Rhythm, draw: Draw) -> None:
    """Draw until Ctrl-C, or the key q."""
    attached = Attached(finder(options), watcher, rhythm)
    asked_to_end = False

    def key() -> None:
        nonlocal asked_to_end
        asked_to_end = os.read(sys.stdin.fileno(), 64)[-1:] in (b"q", b"Q", b"")

    def frame(now: Ns) -> bool:
        screen.show(draw(now, *screen.size, ASCII if screen.plain else FANCY))
        return not (asked_to_end or screen.gone)

    with Screen() as screen:
        if screen.keys is not None:
            attached.also(screen.keys, key)
        attached.run(frame)


def time_of_day() -> Callable[[Ns], str]:
    """CLOCK_MONOTONIC to hours, minutes and seconds of this place, by the clock as it is set now."""
    offset = time.time_ns() - monotonic_ns()
    return lambda at: time.strftime("%H:%M:%S", time.localtime((at + offset) / SECOND))
