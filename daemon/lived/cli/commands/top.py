"""livectl top: processes, queues, ages, losses and delays, as they are now."""

import click

from lived.cli.options import Exit, Options, common, pass_options, say
from lived.units import SECOND, Ns

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


def _pictures(options: Options, delay: Ns) -> None:
    from lived.cli.watch.attach import Rhythm
    from lived.cli.watch.looks import Looks
    from lived.cli.watch.runs import REDRAW, on_screen

    looks = Looks(delay)
    rhythm = Rhythm(frame=REDRAW, status=min(delay, _ASK_EVERY), prompt=True, patient=True)
    on_screen(options, looks.tally, rhythm, looks.draw)


def _print(options: Options, number: int | None, delay: Ns) -> None:
    from lived.cli.watch.attach import Attached, Rhythm
    from lived.cli.watch.looks import Looks
    from lived.cli.watch.runs import finder

    looks = Looks(delay)
    printed = -1  # the first look is what the first picture is compared with

    def frame(now: Ns) -> bool:
        nonlocal printed
        looks.look(now)
        if printed >= 0:
            say(options, looks.words(_COLUMNS), looks.data())
        printed += 1
        return printed != number

    rhythm = Rhythm(frame=delay, status=min(delay, _ASK_EVERY), prompt=True, patient=False)
    Attached(finder(options), looks.tally, rhythm).run(frame)
