"""A real supervisor over troublemakers: ``python -m fakes.troubled DIR [SECTION.KEY=VALUE ...]``."""

import os
import sys
from pathlib import Path

from lived.config import Config
from lived.config.load import load
from lived.credentials import scrubbed
from lived.log import configure
from lived.supervisor import Keyring, Notifier, Starter, Supervisor, Surroundings
from lived.supervisor.member import Spec

SECRET = "AIzaTroubledSecret0123456789"  # noqa: S105 (what must never be seen)


def main() -> int:
    """Run until told to stop."""
    folder, overrides = Path(sys.argv[1]), sys.argv[2:]

    def reread() -> Config:
        file = folder / "lived.toml"
        return load(file if file.exists() else None, overrides, {})

    config = reread()
    configure(config.daemon.log_level, "lived")
    keys = Keyring(lambda _: SECRET, (), handed_over=False)
    keys.look(config)
    around = Surroundings(folder / "run", folder / "state", Starter(scrubbed(os.environ)), keys, reread)
    specs = tuple(Spec(name, "fakes.troublemaker") for name in ("capture", "playback", "gateway"))
    return Supervisor(config, around, specs, Notifier(os.environ)).run()


if __name__ == "__main__":
    sys.exit(main())
