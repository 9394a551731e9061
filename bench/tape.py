"""A recorder beside the program under test: the same ruler for every program.

It records a device of the virtual sound card, and tells for each sample when it passed the (software) converter.
"""

import time
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import sounddevice

from bench.figures import Samples

BLOCK_MS = 10
"""lived's device period as it comes (audio.block_ms)."""
AROUND = 20
"""Blocks before and after one whose reports count for its time: 0.2 s each way."""

Floats = npt.NDArray[np.float64]


def card_delay_ms(device: str, rate: int) -> float:
    """What the card holds when it is given blocks of ``BLOCK_MS``: from handing one over to its first frame at the DAC.

    Nobody can take that back, so every cut is later by it; whatever the program does.
    """
    delays: list[float] = []

    def silence(out: Any, _frames: int, times: Any, _status: sounddevice.CallbackFlags) -> None:
        out[:] = bytes(len(out))
        delays.append(times.outputBufferDacTime - times.currentTime)

    stream = sounddevice.RawOutputStream(
        samplerate=rate,
        blocksize=rate * BLOCK_MS // 1000,
        device=device,
        channels=1,
        dtype="int16",
        latency="low",
        callback=silence,
    )
    stream.start()
    time.sleep(1.0)
    stream.abort()
    stream.close()
    return 1000 * float(np.median(delays[len(delays) // 2 :]))


class Tape:
    """Records one device from ``start`` to ``stop``; then ``sound`` and ``time_of`` tell what was when."""

    def __init__(self, device: str, rate: int) -> None:
        self.rate = rate
        self.sound: Samples = np.zeros(0, dtype=np.int16)
        self.overflows = 0
        self._blocks: list[bytes] = []  # appended to by the sound thread until stop
        # (frames before the block, ADC time of its first frame in ns, when it was handed over in ns)
        self._seen: list[tuple[int, float, int]] = []
        self._frames = 0
        self._stream = sounddevice.RawInputStream(
            samplerate=rate,
            blocksize=rate * BLOCK_MS // 1000,
            device=device,
            channels=1,
            dtype="int16",
            latency="low",
            callback=self._hear,
        )

    def __enter__(self) -> Self:
        self._stream.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.abort()
        self._stream.close()
        self.sound = np.frombuffer(b"".join(self._blocks), dtype=np.int16)
        self._starts = np.array([frames for frames, _, _ in self._seen], dtype=np.float64)
        self._times = self._starts * 1e9 / self.rate + self._offsets()

    def _offsets(self) -> Floats:
        """What to add to a sample's age to have its time, at the beginning of each block.

        The null sink's clock is up to 0.2 % slow and steps by some ms when a stream opens, so one number does
        not do; and a single report wanders by a block, so it is the median of the reports around it.
        """
        raw = np.array([at for _, at, _ in self._seen]) - self._starts * 1e9 / self.rate
        around = np.pad(raw, AROUND, mode="edge")
        return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(around, 2 * AROUND + 1), axis=1))

    def time_of(self, index: int) -> float:
        """CLOCK_MONOTONIC ns at which sample ``index`` passed the converter. After the recording."""
        return float(np.interp(index, self._starts, self._times))

    def index_at(self, when: float) -> int:
        """The sample that passed the converter at ``when`` (CLOCK_MONOTONIC ns). After the recording."""
        return round(float(np.interp(when, self._times, self._starts)))

    def _hear(self, data: Any, frames: int, times: Any, status: sounddevice.CallbackFlags) -> None:
        now = time.monotonic_ns()
        self.overflows += bool(status)
        # PortAudio's clock is another one: only differences within one callback mean anything
        self._seen.append((self._frames, now + (times.inputBufferAdcTime - times.currentTime) * 1e9, now))
        self._blocks.append(bytes(data))
        self._frames += frames
