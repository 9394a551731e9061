"""What the card gives to what the stream carries: one channel at 16 kHz. Loads numpy and soxr only if it must."""

from collections.abc import Callable

from lived.units import MIC_RATE, Hz


class Converter:
    """One uninterrupted stretch of sound; a new stretch takes a new converter, without a memory of earlier sound."""

    def __init__(self, rate: Hz, channels: int, pick: int) -> None:
        """From interleaved s16le at ``rate``. ``pick`` is the channel to hear, counted from 1; 0 mixes all."""
        self._to_mono = _to_mono(channels, pick)
        self._resampler = None
        if rate != MIC_RATE:
            from lived.resample import Resampler

            # going up there is nothing to alias, so the quality that withholds nothing will do
            self._resampler = Resampler(rate, MIC_RATE, "LQ" if rate > MIC_RATE else "QQ")

    def push(self, pcm: bytes) -> bytes:
        """Mono s16le at 16 kHz; the resampler holds some of it back."""
        mono = self._to_mono(pcm) if self._to_mono else pcm
        return self._resampler.push(mono) if self._resampler else mono

    def flush(self) -> bytes:
        """What was held back: the stretch is over."""
        return self._resampler.flush() if self._resampler else b""


def _to_mono(channels: int, pick: int) -> Callable[[bytes], bytes] | None:
    if channels == 1:
        return None
    if pick:
        return lambda pcm: memoryview(pcm).cast("h")[pick - 1 :: channels].tobytes()
    from lived.resample import mixed

    return lambda pcm: mixed(pcm, channels)
