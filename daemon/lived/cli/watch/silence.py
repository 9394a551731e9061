"""How long it takes from the order to be silent to silence. Pure."""

from dataclasses import dataclass

from lived.delays import Delays
from lived.units import MICROSECOND, MILLISECOND, Ns, Turn
from lived.wire.events import AnyEvent, Cut, CutDone


@dataclass(frozen=True)
class Cuts:
    """Since the beginning; None = none yet."""

    cuts: int
    """In the middle of a reply."""
    last_ms: float | None
    p50_ms: float | None
    max_ms: float | None


class Silence:
    """Pairs cuts with their ends. A cut is ordered twice or late, by anyone: the first order of a turn counts."""

    def __init__(self) -> None:
        self._delays = Delays()
        self._count = 0
        self._last: Ns | None = None
        self._ordered: tuple[Turn, Ns] | None = None

    def event(self, event: AnyEvent) -> None:
        """Take what belongs to a cut."""
        match event:
            case Cut(turn=turn, time=time) if self._ordered is None or turn > self._ordered[0]:
                self._ordered = (turn, time)
            case CutDone(turn=turn, heard_turn=heard, silent_at=silent) if self._ordered and self._ordered[0] <= turn:
                if heard:
                    self._note(Ns(max(0, silent - self._ordered[1])))
                self._ordered = None
            case _:
                pass

    def cuts(self) -> Cuts:
        """So far."""
        if self._last is None:
            return Cuts(0, None, None, None)
        p50, longest = (us * MICROSECOND / MILLISECOND for us in self._delays.quantiles_us(0.5, 1.0))
        return Cuts(self._count, round(self._last / MILLISECOND, 1), round(p50, 1), round(longest, 1))

    def _note(self, span: Ns) -> None:
        self._count, self._last = self._count + 1, span
        self._delays.add(span)
