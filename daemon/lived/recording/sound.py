"""One run of sound on its way to the recording's rate and clock: untouched where neither has to change."""

from typing import TYPE_CHECKING

from lived.units import BYTES_PER_SAMPLE, Hz, Ms, frames_in

if TYPE_CHECKING:
    from lived.resample import Resampler, Stretcher

_LEAD = Ms(20)
"""Sound that a stretcher is told before it takes over, so that it does not begin with a click."""


class Sound:
    """Mono s16le of rate ``source`` in, of rate ``target`` out. numpy and soxr are imported when one has to compute."""

    def __init__(self, source: Hz, target: Hz) -> None:
        self._target = target
        self._resampler: Resampler | None = None
        self._stretcher: Stretcher | None = None
        self._lead = b""  # the last 20 ms that were given out
        if source != target:
            from lived import resample

            self._resampler = resample.Resampler(source, target, "HQ")

    def push(self, pcm: bytes, stretch: float) -> bytes:
        """What can be given out after ``pcm`` came; once ``stretch`` was not 1, the stretcher stays in the way."""
        if self._resampler:
            pcm = self._resampler.push(pcm)
        return self._stretched(pcm, stretch)

    def flush(self) -> bytes:
        """The rest, at the end of the run."""
        rest = self._resampler.flush() if self._resampler else b""
        if self._stretcher is None:
            return rest
        return self._stretcher.push(rest) + self._stretcher.flush()

    def _stretched(self, pcm: bytes, stretch: float) -> bytes:
        if self._stretcher is None:
            if stretch == 1.0:
                kept = frames_in(_LEAD, self._target) * BYTES_PER_SAMPLE
                self._lead = (self._lead + pcm)[-kept:]
                return pcm
            from lived import resample

            self._stretcher = resample.Stretcher(self._target, self._lead)
        self._stretcher.stretch = stretch
        return self._stretcher.push(pcm)
