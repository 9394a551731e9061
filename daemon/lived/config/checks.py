"""What one field alone cannot tell: options that exclude each other, names of voices, forms of addresses. Pure."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from lived.config.options import Config
from lived.config.voices import canonical, nearest_voice

LOWEST_RATE = 8000
"""Hz. Below it no card works and no speech is understood."""


class Problem(NamedTuple):
    """Options that cannot be used.

    With one key ``expected`` completes "expected …", with two it says how they must relate.
    """

    keys: tuple[str, ...]
    expected: str


def problem(config: Config) -> Problem | None:
    """The first thing that is wrong with ``config`` as a whole, or None."""
    return next((found for check in CHECKS if (found := check(config)) is not None), None)


def settled(config: Config) -> Config:
    """``config`` with names as the server spells them."""
    voice = canonical(config.live.voice) or config.live.voice
    if voice == config.live.voice:
        return config
    return msgspec.structs.replace(config, live=msgspec.structs.replace(config.live, voice=voice))


def _devices(config: Config) -> Problem | None:
    for key, device in (("audio.input", config.audio.input), ("audio.output", config.audio.output)):
        if not device.strip() or device == "file:":
            return Problem((key,), '"default", a device name, an ALSA card id, "file:PATH" or "null"')
    if config.audio.input.startswith("file:") and config.audio.input == config.audio.output:
        return Problem(("audio.input", "audio.output"), "must be different files")
    return None


def _rates(config: Config) -> Problem | None:
    for key, rate in (("audio.input_rate", config.audio.input_rate), ("audio.output_rate", config.audio.output_rate)):
        if 0 < rate < LOWEST_RATE:
            return Problem((key,), f"0 or a whole number from {LOWEST_RATE} (Hz)")
    return None


def _voice(config: Config) -> Problem | None:
    if canonical(config.live.voice) is not None:
        return None
    close = nearest_voice(config.live.voice)
    advice = f"; did you mean {close}?" if close else " (docs/configuration.md lists the voices)"
    return Problem(("live.voice",), f'one of the 30 voices, a locale id such as "en-us-tavi", or ""{advice}')


def _compression(config: Config) -> Problem | None:
    live = config.live
    if live.compression and live.compression_target_tokens >= live.compression_trigger_tokens:
        keys = ("live.compression_target_tokens", "live.compression_trigger_tokens")
        return Problem(keys, "the target must be smaller than the trigger")
    return None


def _base_url(config: Config) -> Problem | None:
    if not config.live.base_url:
        return None
    # the SDK always connects with TLS, whatever the scheme; and the address is shown in logs and in status
    expected = Problem(("live.base_url",), "https://HOST[:PORT][/PATH] without user name, password or query")
    try:
        url = urlsplit(config.live.base_url)
        port = url.port
    except ValueError:
        return expected
    blank = any(character.isspace() for character in config.live.base_url)
    extras = "@" in url.netloc or url.query or url.fragment or port == 0
    return expected if blank or extras or url.scheme not in ("https", "wss") or not url.hostname else None


def _model(_config: Config) -> Problem | None:
    """The one place for what depends on the model: what 3.8 refuses, what extended thinking demands. Nothing yet."""
    return None


CHECKS: tuple[Callable[[Config], Problem | None], ...] = (
    _devices,
    _rates,
    _voice,
    _compression,
    _base_url,
    _model,
)
"""In this order; the first problem is the one that is told."""
