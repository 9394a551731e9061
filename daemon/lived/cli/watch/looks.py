"""What livectl top looks at: the daemon as it tells of itself, and its processes as the kernel does."""

import dataclasses
from typing import Any

from rich.text import Text

from lived.cli.watch.draw import FANCY, Glyphs
from lived.cli.watch.draw_top import lines
from lived.cli.watch.processes import Processes, Usage
from lived.cli.watch.tally import Tally
from lived.units import MILLISECOND, Ns

_SOON = Ns(500 * MILLISECOND)
"""What the first figures of a terminal speak of: nobody wants to look at dashes for long."""


class Looks:
    """One after the other; what is counted between two of them belongs to the second."""

    def __init__(self, delay: Ns) -> None:
        """``delay`` is wanted between two looks."""
        self.tally = Tally()
        self._view = self.tally.view()
        self._usage: dict[int, Usage] = {}
        self._processes = Processes()
        self._delay = delay
        self._due, self._patience = Ns(0), min(delay, _SOON)

    def look(self, now: Ns) -> None:
        """Renew what is drawn."""
        self._view = self.tally.view()
        pids = [row.pid for row in self._view.processes if row.pid is not None]
        self._usage = self._processes.look(pids[0], pids, now) if pids else {}

    def draw(self, now: Ns, columns: int, _rows: int, glyphs: Glyphs = FANCY) -> list[Text]:
        """For a terminal, which asks more often than there is something new."""
        if now >= self._due or self.tally.is_attached != self._view.attached:
            self.look(now)
            self._due, self._patience = Ns(now + self._patience), self._delay
        return lines(self._view, self._usage, columns, glyphs)

    def words(self, columns: int) -> str:
        """The last look as plain text."""
        return "".join(f"{line.plain.rstrip()}\n" for line in lines(self._view, self._usage, columns))

    def data(self) -> dict[str, Any]:
        """The last look for a program, with what each process costs beside it."""
        data = dataclasses.asdict(self._view)
        for row in data["processes"]:
            row.update(dataclasses.asdict(self._usage.get(row["pid"], Usage(None, None))))
        return data
