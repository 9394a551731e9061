"""Rings of LEDs on SPI: APA102 (DotStar) and WS2812 (NeoPixel). A ring has ``show``, ``clear`` and ``close``."""

from collections.abc import Sequence
from typing import Any, Protocol

Pixel = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

DARK: Pixel = (0, 0, 0)


class Ring(Protocol):
    """What the program needs of one."""

    def show(self, pixels: Sequence[Pixel]) -> None:
        """Light them all at once."""

    def clear(self) -> None:
        """Dark."""

    def close(self) -> None:
        """Dark, and let go of the bus."""


def apa102(pixels: Sequence[Pixel], brightness: int = 31) -> bytes:
    """The bytes for a ring of APA102: zeros, each LED as brightness (0 to 31), blue, green, red, and one more clock for
    every two LEDs, since each passes the data on half a clock late."""
    lit = b"".join(bytes((0xE0 | brightness, blue, green, red)) for red, green, blue in pixels)
    return bytes(4) + lit + bytes(4 + len(pixels) // 16)


_WS2812_BYTE = [
    int("".join("110" if value >> bit & 1 else "100" for bit in range(7, -1, -1)), 2) for value in range(256)
]


def ws2812(pixels: Sequence[Pixel]) -> bytes:
    """The bytes for a ring of WS2812 on MOSI at 2.4 MHz: each bit is three, long or short; then 300 us of silence."""
    order = (value for red, green, blue in pixels for value in (green, red, blue))
    return b"".join(_WS2812_BYTE[value].to_bytes(3, "big") for value in order) + bytes(90)


_KINDS = {"apa102": (apa102, 8_000_000), "ws2812": (ws2812, 2_400_000)}


class SpiRing:
    """A ring at /dev/spidev0.0 (README.md: what a Raspberry Pi has to be told for that)."""

    def __init__(self, kind: str, length: int, spi: Any = None) -> None:
        """``kind``: apa102 or ws2812. ``spi`` stands in for the bus in tests."""
        self._encode, speed = _KINDS[kind]
        self._length = length
        if spi is None:
            import spidev  # only a Pi has it

            spi = spidev.SpiDev(0, 0)
            spi.max_speed_hz = speed
        self._spi = spi

    def show(self, pixels: Sequence[Pixel]) -> None:
        """Light them all at once."""
        self._spi.writebytes2(self._encode(pixels))

    def clear(self) -> None:
        """Dark."""
        self.show([DARK] * self._length)

    def close(self) -> None:
        """Dark, and let go of the bus."""
        self.clear()
        self._spi.close()
