"""A word is told once each time it is said: its likelihood stays high for up to 1.3 s behind it. Pure."""

REARM_BLOCKS = 30
"""Blocks of 10 ms (300 ms) without the word until it may be heard again."""


class Once:
    """One for each word."""

    def __init__(self) -> None:
        self._quiet = REARM_BLOCKS

    def take(self, *, heard: bool) -> bool:
        """Whether the word is to be told now; ``heard``: the engine finds it in the next block."""
        tell = heard and self._quiet >= REARM_BLOCKS
        self._quiet = 0 if heard else self._quiet + 1
        return tell
