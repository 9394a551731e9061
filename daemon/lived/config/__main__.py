"""``python -m lived.config``: write lived.example.toml and docs/configuration.md of a source tree anew."""

import sys
from pathlib import Path

from lived.config.explain import EXAMPLE_FILE, MANUAL_FILE, example, manual


def main(arguments: list[str]) -> int:
    """Write both files below the folder ``arguments[0]``, or the current one. 0 done, 1 failed, 2 usage."""
    root = Path(arguments[0] if arguments else ".")
    if len(arguments) > 1 or not (root / "pyproject.toml").is_file():
        sys.stderr.write(
            "usage: python -m lived.config [FOLDER]: FOLDER, or the current one, must be lived's source tree\n"
        )
        return 2
    for name, text in ((EXAMPLE_FILE, example()), (MANUAL_FILE, manual())):
        try:
            (root / name).write_text(text, encoding="utf-8")
        except OSError as error:
            sys.stderr.write(f"{root / name} cannot be written ({error.strerror}); make it writable.\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
