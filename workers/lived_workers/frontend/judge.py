"""Whether the echo is cancelled well enough to trust what is left. Pure.

Every half second in which something was played is judged by its energy: a good one lost enough to the canceller, or is
as quiet as the room. A user who talks over a reply makes some of them look bad: one in which the microphone hears much
more than the echo was before proves nothing, for a while. What is still counted is many: it takes most of ten seconds
of replies to lose trust, and five to win it at first.
"""

from collections import deque
from math import inf, log10

from lived.pcm import energy
from lived.units import BYTES_PER_SAMPLE
from lived_workers.frontend.floor import Floor

WINDOW = 50
"""Blocks of 10 ms."""
AUDIBLE = 100.0**2
"""Mean square of a reference that can be heard: -50 dBFS. Quieter windows prove nothing."""
GOOD_DB = 8.0
"""Echo return loss enhancement (ERLE) of a canceller that works: it has 20 to 40 dB, one that lost its echo 0 to 5."""
NEAR_FLOOR = 4.0
"""6 dB: what is left is hardly louder than the room."""
LOUDER = 2.0
"""3 dB more than the loudspeaker makes: somebody talks. Syllables alone differ by less, over half a second."""
DOUBTED = 20
"""Bad windows in a row that may be the user's (10 s of replies talked over); then the loudspeaker has become louder."""
FIRST = 5
"""Windows until there is a first judgement."""
LEARNED = 10
"""Windows until one is trusted: a linear filter has learned a room after 5 s of replies, and lets words pass before."""
REMEMBERED = 20
POOR_SHARE = 0.25
FINE_SHARE = 0.5
"""Of good ones; in between it stays as it was."""

_NOISE_BLOCKS = 10
"""The room's noise is taken of 100 ms."""


class Judge:
    """Follows one canceller."""

    def __init__(self) -> None:
        self._near = self._far = self._left = self._blocks = 0
        self._floor, self._noise = Floor(1, AUDIBLE), Floor(_NOISE_BLOCKS, inf)
        self._good: deque[bool] = deque(maxlen=REMEMBERED)
        self._erle: deque[float] = deque(maxlen=REMEMBERED)
        self._gain: deque[float] = deque(maxlen=REMEMBERED)
        self._doubted = 0
        self.trusted = False
        """What is left is the user's."""
        self.poor = False
        """It has been bad for long: echo passes."""

    @property
    def erle_db(self) -> float:
        """The middle one of the last ten seconds of replies; 0 before there were any."""
        return sorted(self._erle)[len(self._erle) // 2] if self._erle else 0.0

    @property
    def noise_db(self) -> float:
        """The room when nobody speaks and nothing is played, over one step of 16 bits. Without an end before anything
        was heard."""
        return 10 * log10(self._noise.power)

    @property
    def diverged_percent(self) -> int:
        """Share of the last ten seconds of replies that was not cancelled."""
        return round(100 * (1 - sum(self._good) / len(self._good))) if self._good else 0

    def take(self, near: bytes, far: bytes, left: bytes) -> None:
        """10 ms: what the microphone heard, what was played, what is left; 16 kHz mono s16le."""
        frames = len(near) // BYTES_PER_SAMPLE
        heard, remains = energy(near), energy(left)
        self._noise.take(heard / frames)
        self._floor.take(remains / frames)
        self._near += heard
        self._far += energy(far)
        self._left += remains
        self._blocks += 1
        if self._blocks == WINDOW:
            self._close(frames * WINDOW)

    def reset(self) -> None:
        """Another card: nothing is known."""
        self.distrust()
        self._gain.clear()
        self._doubted = 0
        self.poor = False

    def distrust(self) -> None:
        """What was good may not be any more."""
        self._good.clear()
        self._erle.clear()
        self.trusted = False

    def _close(self, frames: int) -> None:
        near, far, left = self._near / frames, self._far / frames, self._left / frames
        self._near = self._far = self._left = self._blocks = 0
        if far < AUDIBLE:
            return
        erle = 10 * log10(max(near, 1.0) / max(left, 1.0))
        good = erle >= GOOD_DB or left <= self._floor.power * NEAR_FLOOR
        if not good and self._talked_over(near / far):
            return
        self._erle.append(erle)
        self._good.append(good)
        if good:
            self._doubted = 0
            self._gain.append(near / far)
        if len(self._good) < FIRST:
            return
        share = sum(self._good) / len(self._good)
        if share >= FINE_SHARE:
            self.trusted, self.poor = len(self._good) >= LEARNED, False
        elif share < POOR_SHARE:
            self.trusted, self.poor = False, True

    def _talked_over(self, gain: float) -> bool:
        """Whether more is heard than the echo of what is played, as it was in good windows."""
        if not self._gain or gain <= LOUDER * sorted(self._gain)[len(self._gain) // 2]:
            return False
        self._doubted += 1
        return self._doubted <= DOUBTED
