"""A thread that stands in for a sound card's: calls at the pace of real time, from absolute deadlines."""

import threading
import time
from collections.abc import Callable

from lived.clock import monotonic_ns
from lived.soundcard import realtime
from lived.units import SECOND, Hz, Ns, seconds


class Pace:
    """When block ``n`` of a stream is due. Pure: an absolute deadline cannot drift."""

    def __init__(self, rate: Hz, block: int, start: Ns) -> None:
        """Blocks of ``block`` frames at ``rate``; frame 0 passes at ``start``."""
        self._rate = rate
        self._block = block
        self._start = start

    def begins(self, n: int) -> Ns:
        """When the first frame of block ``n`` passes."""
        return Ns(self._start + n * self._block * SECOND // self._rate)


class PacedThread:
    """Calls ``block(n, begins)`` when block ``n`` is due: after its last frame passed (``recorded``: as a
    microphone does), or before its first one (as a loudspeaker asks)."""

    def __init__(
        self, pace: Pace, block: Callable[[int, Ns], None], recorded: bool, name: str, realtime: bool = False
    ) -> None:
        """``realtime``: ask for the priority that a card's thread asks for; only where ``block`` does no I/O."""
        self._realtime = realtime
        self._pace = pace
        self._block = block
        self._lead = 1 if recorded else 0
        self._ending = False  # written by close(), read by the thread
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End; returns when the thread has."""
        self._ending = True
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        if self._realtime:
            realtime.ask()  # without it the pace is a little less even: nothing to tell anybody
        n = 0
        while not self._ending:
            wait = self._pace.begins(n + self._lead) - monotonic_ns()
            if wait > 0:
                time.sleep(seconds(Ns(wait)))  # at most one block: close() waits no longer
                continue
            self._block(n, self._pace.begins(n))
            n += 1
