"""``python -m lived.manuals``: write the manual pages of a source tree anew."""

import sys
from pathlib import Path

from lived.manuals import FOLDER, PAGES


def main(arguments: list[str]) -> int:
    """Write all pages below the folder ``arguments[0]``, or the current one. 0 done, 1 failed, 2 usage."""
    root = Path(arguments[0] if arguments else ".")
    if len(arguments) > 1 or not (root / "pyproject.toml").is_file():
        sys.stderr.write(
            "usage: python -m lived.manuals [FOLDER]: FOLDER, or the current one, must be lived's source tree\n"
        )
        return 2
    for name, text in PAGES.items():
        path = root / FOLDER / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(), encoding="ascii")
        except OSError as error:
            sys.stderr.write(f"{path} cannot be written ({error.strerror}); make it writable.\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
