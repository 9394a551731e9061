"""Which canceller runs: what the options say, as far as it is installed."""

from lived.config.options import Frontend
from lived_workers.frontend.engines.canceller import Canceller
from lived_workers.frontend.engines.resting import Resting


class Cascade:
    """See Canceller. A linear one first, which leaves less for the second to take the user's words with."""

    def __init__(self, first: Canceller, second: Canceller) -> None:
        self._first, self._second = first, second

    def process(self, near: bytes, far: bytes) -> bytes:
        """See Canceller."""
        return self._second.process(self._first.process(near, far), far)

    def reset(self) -> None:
        """See Canceller."""
        self._first.reset()
        self._second.reset()


def canceller(options: Frontend) -> tuple[Canceller | None, str]:
    """(None where there is none; what is missing and what that means, in a sentence, "" = nothing)."""
    try:
        from lived_workers.frontend.engines.aec3 import LATE, Aec3
    except ImportError:
        return None, "No echo is cancelled: install lived[echo]."
    if not options.linear_stage:
        return Resting(Aec3(), LATE), ""
    from lived_workers.frontend.engines.speex import Speex, SpeexMissingError

    try:
        return Resting(Cascade(Speex(), Aec3()), LATE), ""
    except SpeexMissingError:
        return Resting(Aec3(), LATE), "A user who talks over a loud reply is heard badly: install libspeexdsp1."
