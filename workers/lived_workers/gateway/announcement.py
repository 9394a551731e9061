"""Said aloud when there is no API key, once after the device has started: whoever stands in front of a device without a
screen has nothing else to go by. A recording that comes with the project (``announcement/README.md``)."""

import logging
import wave
from collections.abc import Callable
from pathlib import Path

from lived.clock import monotonic_ns
from lived.wire.events import Heartbeat
from lived_workers.gateway.downlink import Downlink
from lived_workers.gateway.greeting import boot
from lived_workers.gateway.happenings import Complete, Generated, Sound
from lived_workers.gateway.store import write_safely

log = logging.getLogger("lived.gateway")

RECORDING = Path(__file__).parent / "announcement" / "no_key.wav"
"""24 kHz, mono, s16le."""


class Announcement:
    """One gateway's. A reply like another, that can be cut and is recorded; without words, which the first real session
    would be told of."""

    def __init__(self, downlink: Downlink, state_dir: Path, wanted: Callable[[], bool]) -> None:
        """``wanted``: whether there is a conversation, and no key for it."""
        self._downlink, self._wanted = downlink, wanted
        self._mark = state_dir / "announced"
        self._done = False

    def beat(self, heartbeat: Heartbeat) -> None:
        """A worker lives. What is published before playback has opened a loudspeaker for the first time would be lost,
        and with it the only time that it is said."""
        if self._done or heartbeat.worker != "playback" or not heartbeat.counters.get("opened") or not self._wanted():
            return
        self._done = True
        if self._is_new():
            self._say()

    def _is_new(self) -> bool:
        now = boot()
        try:
            if self._mark.read_bytes() == now:
                return False
        except OSError:
            pass  # never said, or it cannot be known
        if problem := write_safely(self._mark, now, durable=False):
            log.warning("Cannot write %s (%s): this may be said twice; make it writable.", self._mark, problem)
        return True

    def _say(self) -> None:
        now = monotonic_ns()
        with wave.open(str(RECORDING)) as recording:
            pcm = recording.readframes(recording.getnframes())
        for happening in (Sound(pcm), Generated(), Complete("")):
            self._downlink.take(happening, now)
