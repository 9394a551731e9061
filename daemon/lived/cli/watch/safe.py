"""Text that others wrote, made harmless for a terminal. Pure."""

import unicodedata

_UNSAFE = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
"""Unicode categories: control codes (escape sequences begin with one), marks that turn the direction of writing,
halves of characters, separators of lines."""


def printable(text: str) -> str:
    """``text`` in one line, with a space for each character that a terminal could take for an order."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if unicodedata.category(character) in _UNSAFE else character for character in text)
