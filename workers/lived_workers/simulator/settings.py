"""What a simulator is started with."""

from pathlib import Path

import msgspec

from lived_workers.simulator.profiles import DEFAULT_MODEL
from lived_workers.simulator.script import Mode


class Settings(msgspec.Struct, frozen=True):
    """All of it; `dir` must exist and be writable."""

    dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    """TLS; 0 = any free one."""
    plain_port: int | None = None
    """Without TLS, for raw clients; None = no such port."""
    scenario: Path | None = None
    mode: Mode = Mode.SPEECH
    model: str = DEFAULT_MODEL
    """Whose manners count before a client has named its model."""
    key: str | None = None
    """The one key that is taken; None takes any."""

    def __repr__(self) -> str:
        return f"Settings(dir={self.dir}, port={self.port}, mode={self.mode})"  # the key is a secret
