"""One device of PortAudio as a callback stream: opened in the best format it takes, watched, closed without waiting.

PortAudio's clock is CLOCK_REALTIME here: only differences inside one callback are used, added to CLOCK_MONOTONIC.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec

from lived.clock import monotonic_ns
from lived.errors import DeviceError
from lived.soundcard import portaudio, realtime
from lived.soundcard.claim import Claim, taken
from lived.soundcard.device import DeviceInfo, Direction, choose
from lived.units import SECOND, Hz

_SANE = 2.0
"""Seconds. An ADC or DAC time further off than this is one that the card does not know."""

_SERVER = 9
"""A device with so many channels is a sound server or converter, which mixes to what is asked for."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a card."""

    device: str
    """``default``, a name or a part of one, or an ALSA card id."""
    rates: tuple[Hz, ...]
    """Hz, the best first; the card's own is tried too, unless ``only`` says not to."""
    only: bool = False
    channels: int = 0
    """At least so many channels; 0: mono from a server, all that hardware has."""
    block_ms: int
    latency_ms: int = 0
    """0: what the card calls its low latency."""
    realtime: bool = False
    remedy: str = ""
    """How to have another device, for sentences; "": by audio.input or audio.output."""


class Listener(Protocol):
    """Who is given a microphone's blocks."""

    def opened(self, rate: Hz, channels: int) -> None:
        """Blocks will look like this. Before the first block, in the thread that opens."""

    def heard(self, pcm: bytes, adc: int, overflowed: bool) -> None:
        """One block; ``adc`` is CLOCK_MONOTONIC ns of its first frame. In the card's thread."""


class Feeder(Protocol):
    """Who is asked for a loudspeaker's blocks."""

    def opened(self, rate: Hz, channels: int) -> None:
        """Blocks are to look like this."""

    def fill(self, frames: int, dac: int, underflowed: bool) -> bytes:
        """The next block; its first frame passes the DAC at ``dac`` ns. In the card's thread."""


class Card:
    """A ``Back`` (lived.device) on PortAudio. ``CardInput`` and ``CardOutput`` say which way."""

    direction: Direction
    kind: str
    """For sentences."""

    def __init__(self, wish: Wish, other: Listener | Feeder) -> None:
        self._wish = wish
        self._other = other
        self._stream: Any = None
        self._claim = Claim(-1)
        self._used = False
        self._asked = not wish.realtime  # written by the card's thread
        self.refused = ""
        """Why there is no real-time priority. Written by the card's thread."""
        self.frames = 0
        self.ended = ""
        self.trouble = ""

    def open(self) -> str:
        """Find the device by its name, which stays, and open it.

        Raises:
            DeviceError: missing, busy, or it takes none of the formats.
        """
        if self._used:
            portaudio.refresh()
        self._used = True
        found = choose(portaudio.listed(), self._wish.device, self.direction)
        if not found:
            raise DeviceError(self._missing())
        device = found[0]
        others = f" (the first of {len(found)} that match '{self._wish.device}')" if len(found) > 1 else ""
        self.frames, self.ended = 0, ""
        self._claim = Claim.of(device, self.direction)
        try:
            rate, channels = self._open_best(device)
        except DeviceError:
            self._claim.release()
            raise
        self._other.opened(rate, channels)
        with portaudio.quiet():
            self._stream.start()
        return f"{device.name}{others} at {rate} Hz, {channels} channel{'s' if channels > 1 else ''}"

    def close(self) -> None:
        """Abort: stopping would wait for a device that may never ask again."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        sd = portaudio.load()
        with portaudio.quiet(), contextlib.suppress(sd.PortAudioError):
            stream.abort()
        with portaudio.quiet(), contextlib.suppress(sd.PortAudioError):
            stream.close()
        self._claim.release()

    def _missing(self) -> str:
        if self._wish.device == "default":
            remedy = self._wish.remedy or f"set audio.{self.direction}"
            return f"There is no {self.kind}: plug one in, or {remedy}."
        return f"No {self.kind} matches '{self._wish.device}': plug it in, or see 'livectl devices' for others."

    def _open_best(self, device: DeviceInfo) -> tuple[Hz, int]:
        sd = portaudio.load()
        failure: Exception | None = None
        for rate, channels in self._formats(device):
            try:
                with portaudio.quiet():
                    self._stream = self._make(sd, device.index, rate, channels)
            except sd.PortAudioError as error:
                failure = error
                if error.args[1] not in portaudio.WRONG_FORMAT:
                    break
            else:
                return rate, channels
        raise DeviceError(self._refused(device, failure)) from failure

    def _refused(self, device: DeviceInfo, error: Exception | None) -> str:
        code = error.args[1] if error and len(error.args) > 1 else 0
        if code == portaudio.UNAVAILABLE:
            user = portaudio.user_of(device, self.direction)
            if user.startswith("lived-"):
                return f"The {self.kind} {taken(device)}"
            remedy = f", or {self._wish.remedy}" if self._wish.remedy else ""
            by = f"'{user}' uses it" if user else "another program uses it"
            return f"The {self.kind} '{device.name}' is busy: {by}; close that program{remedy}."
        if code in portaudio.WRONG_FORMAT:
            tried = ", ".join(str(r) for r, _ in self._formats(device))
            return f"The {self.kind} '{device.name}' takes none of the sample rates {tried} Hz."
        why = portaudio.sentence(error) if error else "no reason given"
        return f"The {self.kind} '{device.name}' cannot be opened ({why})."

    def _formats(self, device: DeviceInfo) -> Iterator[tuple[Hz, int]]:
        most = device.channels(self.direction)
        own = () if self._wish.only else (Hz(48_000), Hz(device.default_rate), Hz(44_100))
        wanted = self._wish.channels or (1 if most >= _SERVER else most)
        counts = dict.fromkeys(n for n in (min(wanted, most), 1, 2, most) if self._wish.channels <= n <= most)
        for rate in dict.fromkeys((*self._wish.rates, *own)):
            for count in counts:
                yield rate, count

    def _make(self, sd: Any, index: int, rate: Hz, channels: int) -> Any:
        raise NotImplementedError

    def _settings(self, index: int, rate: Hz, channels: int) -> dict[str, Any]:
        return {
            "device": index,
            "samplerate": rate,
            "channels": channels,
            "dtype": "int16",
            "blocksize": rate * self._wish.block_ms // 1000,
            "latency": self._wish.latency_ms / 1000 or "low",
            "finished_callback": self._finished,
        }

    def _finished(self) -> None:
        """PortAudio's thread ends: somebody pulled the plug, or we closed (then nobody looks any more)."""
        self.ended = f"The {self.kind} is gone: plug it in again."

    def _ask_for_realtime(self) -> None:
        self._asked = True
        self.refused = realtime.ask()


def _since(then: float, now: float, otherwise: float) -> int:
    """Nanoseconds from ``now`` to ``then`` in PortAudio's seconds; ``otherwise`` when the card does not know."""
    distance = then - now
    return int((distance if -_SANE < distance < _SANE else otherwise) * SECOND)


class CardInput(Card):
    """A microphone."""

    direction: Direction = "input"
    kind = "microphone"

    def __init__(self, wish: Wish, listener: Listener) -> None:
        super().__init__(wish, listener)
        self._heard = listener.heard

    def _make(self, sd: Any, index: int, rate: Hz, channels: int) -> Any:
        heard: Callable[[bytes, int, bool], None] = self._heard

        def callback(data: Any, frames: int, time: Any, status: Any) -> None:
            now = monotonic_ns()
            if not self._asked:
                self._ask_for_realtime()
            age = _since(time.inputBufferAdcTime, time.currentTime, -frames / rate)
            heard(data[:], now + age, status.input_overflow)
            self.frames += frames

        return sd.RawInputStream(callback=callback, **self._settings(index, rate, channels))


class CardOutput(Card):
    """A loudspeaker."""

    direction: Direction = "output"
    kind = "loudspeaker"

    def __init__(self, wish: Wish, feeder: Feeder) -> None:
        super().__init__(wish, feeder)
        self._fill = feeder.fill

    def _make(self, sd: Any, index: int, rate: Hz, channels: int) -> Any:
        fill: Callable[[int, int, bool], bytes] = self._fill

        def callback(data: Any, frames: int, time: Any, status: Any) -> None:
            now = monotonic_ns()
            if not self._asked:
                self._ask_for_realtime()
            ahead = _since(time.outputBufferDacTime, time.currentTime, frames / rate)
            data[:] = fill(frames, now + ahead, status.output_underflow)
            self.frames += frames

        return sd.RawOutputStream(callback=callback, **self._settings(index, rate, channels))
