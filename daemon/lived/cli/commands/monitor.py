"""livectl monitor: levels, state and talk, as they are now."""

import click

from lived.cli.options import Exit, Options, common, pass_options
from lived.units import SECOND, Ns

_LEVELS_EVERY = Ns(SECOND)


@click.command()
@click.option("--once", is_flag=True, help="Listen for a second, print state and levels, and end.")
@common
@pass_options
def monitor(options: Options, once: bool) -> int:
    """Show how loud every stream is, how the conversation stands, and what is said. Ctrl-C or q ends it.

    It only listens, and waits for a daemon that is not running. Where the output is no terminal it prints a line for
    whatever happens, and the levels every second.
    """
    from lived.cli.watch.runs import has_terminal

    try:
        if once or options.json or not has_terminal():
            _lines(options, once)
        else:
            _pictures(options)
    except KeyboardInterrupt:
        pass  # it has no other end
    return Exit.DONE


def _pictures(options: Options) -> None:
    from lived.cli.watch.attach import Rhythm
    from lived.cli.watch.draw_monitor import lines
    from lived.cli.watch.monitoring import Monitor
    from lived.cli.watch.runs import REDRAW, STATUS_EVERY, on_screen, time_of_day

    watcher, clock = Monitor(), time_of_day()
    on_screen(
        options,
        watcher,
        Rhythm(frame=REDRAW, status=STATUS_EVERY, prompt=False, patient=True),
        lambda now, columns, rows, glyphs: lines(watcher.view(now), columns, rows, clock, glyphs),
    )


def _lines(options: Options, once: bool) -> None:
    from lived.cli.output import raise_if_nobody_reads
    from lived.cli.watch.attach import Attached, Rhythm
    from lived.cli.watch.journal import Journal, Json, Words
    from lived.cli.watch.runs import STATUS_EVERY, finder, time_of_day

    journal = Journal(Json() if options.json else Words(time_of_day()), click.echo)
    rhythm = Rhythm(frame=_LEVELS_EVERY, status=STATUS_EVERY, prompt=False, patient=not once)
    frames = 0

    def second(now: Ns) -> bool:
        nonlocal frames
        frames += 1
        raise_if_nobody_reads()
        (journal.second if frames > 1 else journal.begin)(now)
        return not (once and frames > 1)

    Attached(finder(options), journal, rhythm).run(second)
