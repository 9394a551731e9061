"""The echo reference: what the loudspeaker played, laid onto the microphone's frames.

`speaker` has DAC times, `mic` has ADC times, both of CLOCK_MONOTONIC: so what was played while a frame was recorded is
known. The two cards' clocks differ by up to some hundred ppm; a loop of second order follows that: where the reference
is read moves on with the microphone's frames at the measured ratio, and is pulled towards where the times say it should
be, the less the longer it was followed. Where they are far apart (a card was reopened, ran dry, or lost sound:
positions and times tell), it goes there at once. What was not played is silence.

Times wander by milliseconds (a sound server's do) while the sound does not. So while the echo itself is found in the
microphone's sound (``delay``), that leads, and the times only tell where to wait for the next reply.

The reference is early by ``LEAD``: a canceller finds an echo that comes up to some 100 ms after its reference, and none
that comes before it. Nothing here waits, and time is a parameter.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lived.resample import Resampler
from lived.units import BYTES_PER_SAMPLE, MIC_RATE, MILLISECOND, MODEL_RATE, SECOND, Epoch, Ns, Position
from lived.wire import FLAG_MUTED, Chunk

LEAD = Ns(20 * MILLISECOND)
"""Two cards' times are wrong by some 10 ms, and what they leave out (a driver's own buffer) makes the echo later.
PortAudio hands sound over 30 ms before it is played: so this much of the future is known when the microphone's sound
arrives, and nothing has to wait for it."""

FAR = 160.0
"""Frames of 16 kHz (10 ms): further off is no drift. One time may be, by noise ..."""
FAR_BLOCKS = 20
"""... but not 200 ms of them: a card stood still and nobody said so. Where one does it is followed at once."""

_FRESH, _SETTLED = 1000, 6000
"""Blocks of 10 ms that count: place and ratio are those of the line through the errors of so many. 10 s at first and
behind a jump, then more with each block, up to 60 s: times wander, and a canceller minds nothing but the sound."""
_FRESH_LOOKS, _SETTLED_LOOKS = 4, 40
"""The same of places at which the echo was found, two a second: 2 to 20 s. They are right to a frame."""
LED = 300
"""Blocks for which the echo leads after it was found (3 s): a user who talks over it hides it now and then."""
MOST_DRIFT = 3e-4
"""Cards differ by 200 ppm at the most."""

EARLIEST, LATEST = -MIC_RATE * 3 // 100, MIC_RATE
"""Frames (-30 ms, 1 s) between which the delay is: an echo that is earlier than the times say has its reference when it
is told, 30 ms before it is played."""

_KEPT = 1 << 16
"""Frames of 16 kHz: 4 s. `speaker` is at most a second ahead, and `mic` a second behind."""

Samples = NDArray[np.float32]


class _Line:
    """How much of an error is taken over, so that places are those of the line through the last n of them."""

    def __init__(self, fresh: int, settled: int) -> None:
        self._fresh, self._settled = fresh, settled
        self.n = fresh

    def gains(self) -> tuple[float, float]:
        """For the next error: of the place, and of the ratio."""
        n = self.n
        self.n = min(n + 1, self._settled)
        return 2 * (2 * n - 1) / (n * (n + 1)), 6 / (n * (n + 1))

    def renew(self) -> None:
        """Another line begins."""
        self.n = self._fresh


class Reference:
    """Takes `speaker` as it comes; gives what was played while a chunk of `mic` was recorded."""

    def __init__(self, drift: float = 0.0, delay: int = 0) -> None:
        """``drift``, ``delay``: as they were learned before."""
        self._ring = np.zeros(_KEPT, np.float32)  # by place modulo _KEPT
        self._end = 0  # place behind the last frame of the ring. A place is a frame of 16 kHz since the clock's zero
        self._sounds_until = 0  # place behind the last frame that is not silent
        self._resampler = Resampler(MODEL_RATE, MIC_RATE)
        self._expected = (Epoch(0), Position(0))
        self._fed = 0  # frames of 24 kHz into this run
        self._run = 0  # place of the run's first frame
        self._late = 0.0  # ns: how much later than its place the run is played
        self._cursor: float | None = None
        self._followed = (Epoch(0), Position(0))
        self._far = 0
        self._broken = False  # the loudspeaker's positions
        self._times, self._looks = _Line(_FRESH, _SETTLED), _Line(_FRESH_LOOKS, _SETTLED_LOOKS)
        self._led = 0  # blocks for which the echo leads yet
        self._since = 0  # frames since the echo was found
        self._tuned = False  # the drift is the echo's: times say less
        self.drift = drift
        """How much faster the loudspeaker's card is than the microphone's: 1e-4 = 100 ppm."""
        self.delay: float = delay
        """Frames of 16 kHz by which the echo comes later than both cards' times tell."""
        self.jumps = 0

    def move(self, delay: float) -> bool:
        """The echo comes by ``delay`` later than the times tell. False when that is known."""
        delay = max(EARLIEST, min(delay, LATEST))
        moved, self.delay = delay - self.delay, delay
        if self._cursor is not None:
            self._cursor -= moved  # and where the times put it has moved as much: they are as right as before
        return moved != 0

    def lead(self, error: float) -> None:
        """The echo was found, ``error`` frames later behind its reference than it was: that was read too soon."""
        if self._cursor is None:
            return
        if self._led:
            place, ratio = self._looks.gains()
            self._cursor -= place * error
            self._turn(-ratio * error / self._since)
            self._tuned = True
        else:  # the times led since: back to where the canceller has learned it
            self._cursor -= error
        self._led, self._since = LED, 0

    def heard(self, chunk: Chunk) -> None:
        """The next chunk of `speaker`."""
        if (chunk.epoch, chunk.position) != self._expected or chunk.flags & FLAG_MUTED:
            self._begin(chunk.time)
        self._expected = (chunk.epoch, chunk.end)
        place = self._run + self._fed * MIC_RATE / MODEL_RATE
        self._late = chunk.time - place * SECOND / MIC_RATE
        self._fed += chunk.frames
        self._put(np.frombuffer(self._resampler.push(chunk.pcm), np.int16).astype(np.float32))

    def covers(self, chunk: Chunk) -> bool:
        """Whether all is known that was played while ``chunk`` of `mic` was recorded, and as much more as is wanted."""
        place = self._place_at(chunk.time)
        if self._cursor is not None and self._led:
            place = max(place, self._cursor)
        return place + chunk.frames + 2 <= self._end

    def of(self, chunk: Chunk) -> bytes:
        """For ``chunk`` of `mic`: as many frames, 16 kHz mono s16le."""
        wanted = self._place_at(chunk.time)
        cursor = self._cursor
        self._far = 0 if cursor is None or abs(wanted - cursor) <= FAR else self._far + 1
        broken = self._broken or (chunk.epoch, chunk.position) != self._followed
        broken = broken or (self._far >= FAR_BLOCKS and not self._led)
        self._followed, self._broken = (chunk.epoch, chunk.end), False
        if cursor is None or (broken and self._far):
            self.jumps += cursor is not None
            cursor, self._far, self._led = wanted, 0, 0
            self._times.renew()
        step = self._step(wanted - cursor, chunk.frames)
        self._cursor = cursor + step * chunk.frames
        if cursor - 2 > self._sounds_until:  # nothing is played: most of a day
            return bytes(chunk.frames * BYTES_PER_SAMPLE)
        return self._read(cursor + step * np.arange(chunk.frames))

    def _step(self, error: float, frames: int) -> float:
        """From one frame to the next, in a block that begins ``error`` frames from where the times put it."""
        place, ratio = self._times.gains()
        self._since += frames
        if self._led:
            self._led -= 1
            self.delay = max(EARLIEST, min(self.delay + place * error, LATEST))
            return 1 + self.drift
        if abs(error) <= FAR and not self._tuned:  # further off is no drift: nothing is learned from it
            self._turn(ratio * error / frames)
        return 1 + self.drift + place * min(FAR, max(-FAR, error)) / frames

    def _turn(self, by: float) -> None:
        self.drift = min(MOST_DRIFT, max(-MOST_DRIFT, self.drift + by))

    def _place_at(self, time: Ns) -> float:
        """Of what is played ``LEAD`` after ``time``, and heard ``delay`` later."""
        return (time + LEAD - self._late) * MIC_RATE / SECOND - self.delay

    def _begin(self, time: Ns) -> None:
        """What comes now does not follow on what came: its place is by its time."""
        self._put(np.frombuffer(self._resampler.flush(), np.int16).astype(np.float32))
        self._resampler = Resampler(MODEL_RATE, MIC_RATE)
        place = max(self._end, time * MIC_RATE // SECOND)
        self._put(np.zeros(min(place - self._end, _KEPT), np.float32), at=place)
        self._run, self._fed = place, 0
        self._broken = True  # where it is read may be another place from now on

    def _put(self, samples: Samples, at: int | None = None) -> None:
        """Behind what is there; with ``at``, so that they end there."""
        first = self._end if at is None else at - len(samples)
        self._ring[np.arange(first, first + len(samples)) % _KEPT] = samples
        self._end = first + len(samples)
        if samples.any():
            self._sounds_until = self._end

    def _read(self, places: "NDArray[np.floating[Any]]") -> bytes:
        """Between frames: the cubic through four of them (Catmull-Rom), 60 dB exact below 4 kHz."""
        whole = np.floor(places).astype(np.int64)
        t = (places - whole).astype(np.float32)
        a, b, c, d = (self._at(whole + n) for n in (-1, 0, 1, 2))
        between = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        pcm: bytes = np.clip(np.rint(between), -32_768, 32_767).astype(np.int16).tobytes()
        return pcm

    def _at(self, places: NDArray[np.int64]) -> Samples:
        known = (places < self._end) & (places >= self._end - _KEPT)
        return np.where(known, self._ring[places % _KEPT], np.float32(0))
