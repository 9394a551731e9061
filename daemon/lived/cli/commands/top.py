"""livectl top: processes, queues, ages, losses and delays, as they are now."""

import dataclasses

import click

from lived.cli.options import Exit, Options, common, pass_options, say
from lived.cli.watch.tally import Tally, TopView
from lived.units import MILLISECOND, SECOND, Ns

_SOON = Ns(500 * MILLISECOND)
"""What the first figures of a terminal speak of: nobody wants to look at dashes for long."""

_ASK_EVERY = Ns(SECOND)
"""As old as processes and counters in a picture may be, which costs the daemon one answer."""

_COLUMNS = 80
"""Of plain text."""


@click.command()
@click.option("-b", "--batch", is_flag=True, help="Print plain text, one picture below the other, for ever.")
@click.option("-n", "--number", type=click.IntRange(min=1), metavar="N", help="As -b, and end after N pictures.")
@click.option(
    "-d",
    "--delay",
    type=click.FloatRange(0.2, 3600),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two pictures.",
)
@common
@pass_options
def top(options: Options, batch: bool, number: int | None, delay: float) -> int:
    """Show what the daemon's processes cost, how old sound is when it arrives, and what went wrong.

    CPU and ages are those of the time between two pictures. Ctrl-C or q ends it. It only listens. Where the output is
    no terminal, it prints as with -b.
    """
    from lived.cli.watch.runs import has_terminal

    try:
        if batch or number or options.json or not has_terminal():
            _print(options, number, Ns(int(delay * SECOND)))
        else:
            _pictures(options, Ns(int(delay * SECOND)))
    except KeyboardInterrupt:
        pass  # without -n it has no other end
    return Exit.DONE


class _Looks:
    """At model and kernel together."""

    def __init__(self) -> None:
        from lived.cli.watch.processes import Processes, Usage

        self.tally = Tally()
        self.view = self.tally.view()
        self.usage: dict[int, Usage] = {}
        self._processes = Processes()

    def look(self, now: Ns) -> TopView:
        """Renew ``view`` and ``usage``."""
        self.view = self.tally.view()
        pids = [row.pid for row in self.view.processes if row.pid is not None]
        self.usage = self._processes.look(pids[0], pids, now) if pids else {}
        return self.view


def _pictures(options: Options, delay: Ns) -> None:
    from rich.text import Text

    from lived.cli.watch.attach import Rhythm
    from lived.cli.watch.draw import Glyphs
    from lived.cli.watch.draw_top import lines
    from lived.cli.watch.runs import REDRAW, on_screen

    looks = _Looks()
    due, patience = Ns(0), min(delay, _SOON)

    def draw(now: Ns, columns: int, _rows: int, glyphs: Glyphs) -> list[Text]:
        nonlocal due, patience
        if now >= due or looks.tally.is_attached != looks.view.attached:
            looks.look(now)
            due, patience = Ns(now + patience), delay
        return lines(looks.view, looks.usage, columns, glyphs)

    rhythm = Rhythm(frame=REDRAW, status=min(delay, _ASK_EVERY), prompt=True, patient=True)
    on_screen(options, looks.tally, rhythm, draw)


def _print(options: Options, number: int | None, delay: Ns) -> None:
    from lived.cli.watch.attach import Attached, Rhythm
    from lived.cli.watch.draw_top import lines
    from lived.cli.watch.runs import finder

    looks = _Looks()
    printed = -1  # the first look is what the first picture is compared with

    def frame(now: Ns) -> bool:
        nonlocal printed
        view = looks.look(now)
        if printed >= 0:
            words = "\n".join(line.plain for line in lines(view, looks.usage, _COLUMNS))
            say(options, f"{words}\n", _data(looks) if options.json else {})
        printed += 1
        return printed != number

    rhythm = Rhythm(frame=delay, status=min(delay, _ASK_EVERY), prompt=True, patient=False)
    Attached(finder(options), looks.tally, rhythm).run(frame)


def _data(looks: _Looks) -> dict[str, object]:
    """The view, with what each process costs beside it."""
    data = dataclasses.asdict(looks.view)
    for row in data["processes"]:
        usage = looks.usage.get(row["pid"])
        row.update(dataclasses.asdict(usage) if usage else {"cpu_percent": None, "pss_bytes": None})
    return data
