"""Text as man(7) wants it: escaped, in paragraphs, in lists. Everything is ASCII, whatever the reader's locale."""

import inspect
import re
from collections.abc import Iterable

from lived import __version__

_MARKED = re.compile(r"`([^`]+)`")


def escaped(text: str) -> str:
    """One line of running text, every character as itself: no control line, no escape, hyphens that can be copied."""
    text = text.replace("\\", "\\[rs]").replace("-", "\\-").replace("'", "\\[aq]").replace("`", "\\[ga]")
    text = "".join(
        c if c.isascii() else f"\\[u{ord(c):04X}]" for c in text.replace("^", "\\[ha]").replace("~", "\\[ti]")
    )
    return f"\\&{text}" if text.startswith(".") else text


def bold(text: str) -> str:
    """``text``, escaped, in bold."""
    return f"\\fB{escaped(text)}\\fP"


def running(text: str) -> str:
    """Prose on one line; what stands between backticks is bold."""
    parts = _MARKED.split(" ".join(text.split()))
    line = "".join(bold(part) if index % 2 else escaped(part) for index, part in enumerate(parts))
    return f"\\&{line}" if line.startswith(".") else line


def title(name: str, section: int) -> str:
    """The first line of a page; the version in its foot, and no date, which would differ from build to build."""
    return f'.TH {escaped(name.upper())} {section} "" "lived {__version__}" "lived"\n'


def heading(text: str) -> str:
    """A section."""
    return f".SH {_quoted(text)}\n"


def subheading(text: str) -> str:
    """A part of a section."""
    return f".SS {_quoted(text)}\n"


def prose(text: str) -> str:
    r"""Paragraphs, divided by empty lines; one that begins with ``\b`` keeps its lines, as click has it."""
    blocks = re.split(r"\n\s*\n", inspect.cleandoc(text).partition("\f")[0].strip())
    return "".join(_literal(block[1:]) if block.startswith("\b") else f".PP\n{running(block)}\n" for block in blocks)


def entry(term: str, text: str) -> str:
    """One of a list: ``term`` is roff already, ``text`` is not."""
    return f".TP\n{term}\n{running(text)}\n"


def entries(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of words in bold, each with its meaning."""
    return "".join(entry(bold(term), text) for term, text in pairs)


def literal(text: str) -> str:
    """Lines that stay as they are: an example."""
    return f".PP\n.RS 4\n{_literal(text)}.RE\n"


def _literal(text: str) -> str:
    lines = "\n".join(escaped(line) for line in text.strip("\n").splitlines())
    return f".nf\n{lines}\n.fi\n"


def _quoted(text: str) -> str:
    return '"' + escaped(text).replace('"', "\\[dq]") + '"'
