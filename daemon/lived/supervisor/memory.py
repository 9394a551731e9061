"""What survives a restart of the daemon: mute, because privacy must; volume, because people expect it."""

import logging
import os
from pathlib import Path

import msgspec

log = logging.getLogger("lived.supervisor")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Set by ``livectl``, kept in ``state_dir/settings.json``."""

    muted: bool = False
    volume: int | None = None
    configured_volume: int | None = None
    """What the configuration said when ``volume`` was set: a changed configuration wins over an old knob."""


class Memory:
    """Reads and writes the file; a disk that cannot be written is said once and costs only the memory."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / "settings.json"
        self._complained = False

    def recall(self, configured_volume: int) -> Settings:
        """The settings to begin with; defaults where there is no usable file."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=Settings)
        except FileNotFoundError:
            return Settings(volume=configured_volume)
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("%s cannot be used (%s): mute and volume begin as configured", self._path, error)
            return Settings(volume=configured_volume)
        if kept.volume is None or kept.configured_volume != configured_volume:
            return Settings(muted=kept.muted, volume=configured_volume)
        return kept

    def keep(self, settings: Settings) -> None:
        """Write atomically."""
        scratch = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            scratch.write_bytes(msgspec.json.encode(settings))
            os.replace(scratch, self._path)  # noqa: PTH105
        except OSError as error:
            if not self._complained:
                self._complained = True
                log.warning(
                    "mute and volume will not survive a restart: cannot write %s (%s)", self._path, error.strerror
                )
