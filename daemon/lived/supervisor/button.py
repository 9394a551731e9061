"""The button that is held to speak (``live.vad.mode`` manual). Pure: time is a parameter."""

from lived.units import SECOND, Ns

LONGEST = Ns(60 * SECOND)
"""A button that is held for longer is stuck, or whoever holds it has gone: it counts as let go."""


class Button:
    """Held or not."""

    def __init__(self) -> None:
        self._since: Ns | None = None

    @property
    def held(self) -> bool:
        """Whether the user's turn is open."""
        return self._since is not None

    def press(self, on: bool | None, now: Ns) -> bool:
        """Hold, let go or toggle (None); how it is now. Holding what is held begins no new minute."""
        wanted = (not self.held) if on is None else on
        if wanted != self.held:
            self._since = now if wanted else None
        return wanted

    def stuck(self, now: Ns) -> bool:
        """Whether it has been held for too long."""
        return self._since is not None and now - self._since >= LONGEST
