"""An energy detector on the audio clock: how long something was loud decides, never when it arrived.

The states and what leads from one to the next:

    SILENT     --loud window-->                       CANDIDATE
    CANDIDATE  --loud for commit_ms in all-->         SPEAKING   (reports START)
    CANDIDATE  --quiet for CANDIDATE_GAP_MS-->        SILENT     (a knock, a cough)
    SPEAKING   --quiet for silence_ms, or flushed-->  SILENT     (reports END)
"""

from enum import StrEnum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

WINDOWS_PER_SECOND: Final = 100
WINDOW_S: Final = 1 / WINDOWS_PER_SECOND
CANDIDATE_GAP_MS: Final = 100
"""Quiet that a beginning may contain: the closure of a "t" is under 100 ms."""
_QUIETEST_DB: Final = -120.0


class VadSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Levels in dBFS (RMS of 10 ms without its DC part), times in ms of audio."""

    start_db: float = -42.0
    end_db: float = -46.0
    commit_ms: int = 160
    """Loud time that makes it speech: over 100 (a knock must not interrupt), under 400 (a word must)."""
    silence_ms: int = 800


class VadState(StrEnum):
    """See the table in the module's docstring."""

    SILENT = "silent"
    CANDIDATE = "candidate"
    SPEAKING = "speaking"


class Start(msgspec.Struct, frozen=True):
    """Speech began: `offset_s` of the audio received, in a chunk that arrived at `arrived` (the caller's clock)."""

    offset_s: float
    arrived: float


class End(msgspec.Struct, frozen=True):
    """Speech ended: `offset_s` is the audio received so far, `voice_end_s` where the voice was last loud."""

    offset_s: float
    voice_end_s: float


def levels(windows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """dBFS of each row of samples (full scale ±32768), its DC part removed."""
    power = np.asarray(windows.var(axis=1) / 32768.0**2)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_QUIETEST_DB / 10))))


class Vad:
    """One stream's detector. Owned by one task; no clock but that of the samples it is fed."""

    def __init__(self, settings: VadSettings) -> None:
        self._settings = settings
        self._rest = b""
        self._rate = 0
        self._offset_s = 0.0
        self._onset = Start(0.0, 0.0)
        self._loud_ms = 0.0
        self._last_loud_s = 0.0
        self.state = VadState.SILENT

    @property
    def offset_s(self) -> float:
        """Seconds of audio received, unfinished window included."""
        return self._offset_s + (len(self._rest) / 2 / self._rate if self._rate else 0.0)

    def feed(self, pcm: bytes, rate: int, now: float) -> list[Start | End]:
        """What `pcm` (s16le mono, `rate` Hz), arrived at `now`, brings to light. May be cut anywhere between frames."""
        if rate != self._rate:
            self._offset_s = self.offset_s
            self._rest, self._rate = b"", rate
        window = max(1, rate // WINDOWS_PER_SECOND)
        data = self._rest + pcm
        whole = len(data) // (2 * window)
        self._rest = data[whole * window * 2 :]
        if not whole:
            return []
        samples = np.frombuffer(data, "<i2", count=whole * window).astype(np.float64).reshape(whole, window)
        found: list[Start | End] = []
        for level in levels(samples).tolist():
            event = self._window(level, window / rate, now)
            if event is not None:
                found.append(event)
        return found

    def flush(self) -> list[Start | End]:
        """The stream pauses: speech under way ends here, a mere beginning is forgotten."""
        speaking = self.state is VadState.SPEAKING
        self.state = VadState.SILENT
        return [End(self.offset_s, self._last_loud_s)] if speaking else []

    def _window(self, level: float, length_s: float, now: float) -> Start | End | None:
        begin, self._offset_s = self._offset_s, self._offset_s + length_s
        threshold = self._settings.end_db if self.state is VadState.SPEAKING else self._settings.start_db
        if level >= threshold:
            return self._loud(begin, length_s, now)
        quiet_ms = (self._offset_s - self._last_loud_s) * 1000
        if self.state is VadState.CANDIDATE and quiet_ms > CANDIDATE_GAP_MS:
            self.state = VadState.SILENT
        elif self.state is VadState.SPEAKING and quiet_ms >= self._settings.silence_ms - 1e-6:
            self.state = VadState.SILENT
            return End(self._offset_s, self._last_loud_s)
        return None

    def _loud(self, begin: float, length_s: float, now: float) -> Start | None:
        self._last_loud_s = self._offset_s
        if self.state is VadState.SILENT:
            self.state, self._onset, self._loud_ms = VadState.CANDIDATE, Start(begin, now), 0.0
        self._loud_ms += length_s * 1000
        if self.state is VadState.CANDIDATE and self._loud_ms >= self._settings.commit_ms - 1e-6:
            self.state = VadState.SPEAKING
            return self._onset
        return None
