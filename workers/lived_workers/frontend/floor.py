"""The level below which a sound does not fall: of a room, its noise. Pure."""

_RISES = 1.002
"""Each block of 10 ms: it doubles in 3.5 s, so it follows a room that gets louder, and no word."""


class Floor:
    """Follows one sound."""

    def __init__(self, blocks: int, power: float) -> None:
        """``blocks`` of 10 ms are taken together: the least of few is less than the mean of noise by some dB."""
        self._blocks, self._sum, self._count = blocks, 0.0, 0
        self.power = power
        """Mean square, of full scale 32,768."""

    def take(self, power: float) -> None:
        """The mean square of the next 10 ms."""
        self._sum += power
        self._count += 1
        if self._count == self._blocks:
            self.power = min(self.power * _RISES**self._blocks, max(1.0, self._sum / self._blocks))
            self._sum, self._count = 0.0, 0
