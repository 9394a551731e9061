"""Logging to stderr: plain lines on a terminal, journal priority prefixes under systemd."""

import logging
import os
import re
import sys

_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_HIDDEN = "[hidden]"
_TOKEN = re.compile(r"auth_tokens/[\w.~%+/=-]+")
"""Ephemeral tokens come and go: they are known by their beginning."""


class _Formatter(logging.Formatter):
    """One line for each line of the message, so that the journal prefixes every one; secrets are replaced."""

    def __init__(self, who: str, secrets: tuple[str, ...], journal: bool) -> None:
        super().__init__()
        self._who = who
        self._secrets = tuple(s for s in secrets if s)
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        text = _TOKEN.sub(_HIDDEN, text)
        if self._journal:
            prefix = f"<{_PRIORITY.get(record.levelno, 6)}>{self._who}: "
        else:
            prefix = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower():7} {self._who}: "
        return "\n".join(prefix + line for line in text.splitlines() or [""])


def under_journal(environ: dict[str, str] | None = None, fd: int = 2) -> bool:
    """Whether ``fd`` is the journal: systemd names its device and inode in JOURNAL_STREAM."""
    named = (os.environ if environ is None else environ).get("JOURNAL_STREAM", "")
    try:
        status = os.fstat(fd)
    except OSError:
        return False
    return named == f"{status.st_dev}:{status.st_ino}"


def last_words(who: str, text: str) -> None:
    """Why ``who`` cannot begin, on stderr: a plain sentence for a person, an error for the journal."""
    prefix = f"<{_PRIORITY[logging.ERROR]}>" if under_journal() else ""
    sys.stderr.write(f"{prefix}{who}: {text}\n")


def configure(level: str, who: str, secrets: tuple[str, ...] = ()) -> None:
    """Send everything of this process to stderr as ``who``, without any of ``secrets``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(who, secrets, under_journal()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("websockets", "google_genai", "httpx", "asyncio", "httpcore", "httpx2", "httpcore2", "mcp"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
