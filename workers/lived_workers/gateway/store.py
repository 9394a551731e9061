"""What outlives the gateway: the handle of its session and what was said in it, the turn ids it has given out; how far
it heard `mic`, and what was typed and is not with the server yet.

The former are files in the state directory (they survive a reboot), the latter in the runtime directory, all of them
0600. None may stop a conversation: a directory that cannot be written is a warning.
"""

import contextlib
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import msgspec

from lived.ledger import Ledger
from lived.units import MIC_RATE, MILLISECOND, SECOND, Epoch, Ms, Ns, Position, Turn, frames_in
from lived_workers.gateway.history import Line

log = logging.getLogger("lived.gateway")

TURNS_RESERVED = 1_000
"""Ids taken at once: the file is written once in that many turns, and after a crash at most so many are skipped."""

HANDLE_LIFETIME_S = 2 * 3600
"""The server forgets a session two hours after its last connection."""

HANDLE_EVERY = Ns(1 * SECOND)
"""Handles may come once a second; a newer one is not written sooner, to spare the SD card."""


IN_FLIGHT = frames_in(Ms(300), MIC_RATE)
"""A connection that works has at most a round trip of sound unacknowledged, and the kernel delivers that also for a
process that was killed. More than this is stuck: then only what was acknowledged counts."""


class Session(msgspec.Struct, frozen=True):
    """session.json. No repr: the handle is a secret."""

    handle: str
    model: str
    saved_at: float
    """Seconds since 1970: it has to be judged after a reboot."""

    def __repr__(self) -> str:
        return f"Session(model={self.model!r})"


class _Kept(msgspec.Struct, frozen=True):
    """history.json: in a file of its own, since handles come once a second and sentences seldom."""

    lines: list[Line]
    saved_at: float
    """Seconds since 1970."""


class Place(NamedTuple):
    """How far `mic` has safely gone."""

    epoch: Epoch
    position: Position


class Store:
    """One gateway's memory on disk."""

    def __init__(self, runtime_dir: Path, state_dir: Path) -> None:
        """Open or make the files.

        Raises:
            RuntimeDirError: the runtime directory cannot be used; nothing works without it.
        """
        self._ledger = Ledger(runtime_dir / "gateway.ledger", ("boot", "epoch", "position", "handed", "turn", "said"))
        boot = _boot()
        if self._ledger["boot"] != boot:  # epochs are times since boot: those of an earlier one mean nothing
            self._ledger["epoch"] = self._ledger["position"] = self._ledger["handed"] = 0
            self._ledger["said"] = 0
            self._ledger["boot"] = boot
        self._turns_file = state_dir / "turns"
        self._session_file = state_dir / "session.json"
        self._history_file = state_dir / "history.json"
        self._texts_file = runtime_dir / "gateway.texts"
        self._texts: list[str] | None = None  # as they stand in the file; unknown
        self._next_turn = self._reserved = 0
        self._warned = False
        self._session: Session | None = None
        self._unsaved = False
        self._saved_at = Ns(0)

    # how far `mic` was heard

    @property
    def place(self) -> Place | None:
        """Where to go on; None when there is no such place."""
        epoch, heard, handed = self._ledger["epoch"], self._ledger["position"], self._ledger["handed"]
        if not epoch:
            return None
        return Place(Epoch(epoch), Position(handed if heard < handed <= heard + IN_FLIGHT else heard))

    def heard(self, epoch: int, position: int) -> None:
        """Everything before ``position`` has reached the server."""
        if self._ledger["epoch"] != epoch:
            self._ledger["epoch"] = 0  # a kill between the two stores leaves "unknown", not a wrong place
            self._ledger["handed"] = 0
            self._ledger["position"] = position
            self._ledger["epoch"] = epoch
        self._ledger["position"] = position

    def handed(self, epoch: int, position: int) -> None:
        """Everything before ``position`` is with the kernel, which sends it whatever becomes of this process."""
        if self._ledger["epoch"] == epoch:
            self._ledger["handed"] = position

    def taken_back(self) -> None:
        """The connection is gone: what was not heard will be sent again."""
        self._ledger["handed"] = 0

    def forget_place(self) -> None:
        """The conversation is over."""
        self._ledger["epoch"] = 0

    # turn ids

    def new_turn(self) -> Turn:
        """An id larger than any given out before on this device."""
        if self._next_turn >= self._reserved:
            self._reserve()
        turn = self._next_turn
        self._next_turn += 1
        return Turn(turn)

    def _reserve(self) -> None:
        known = _number_in(self._turns_file)
        # the ledger knows better when the state directory was emptied or cannot be written
        first = max(self._next_turn, known or 0, self._ledger["turn"], 1)
        if known is None and first == 1 and self._turns_file.exists():
            first = time.time_ns() // MILLISECOND  # unreadable: larger than any count of turns
        self._reserved = first + TURNS_RESERVED
        problem = write_safely(self._turns_file, b"%d\n" % self._reserved, durable=True)
        if problem:
            self._warn(f"Cannot keep the turn numbers in {self._turns_file} ({problem}): make it writable.")
            first = max(first, time.time_ns() // MILLISECOND)
            self._reserved = first + TURNS_RESERVED
        self._ledger["turn"] = self._reserved
        self._next_turn = first

    # the session's handle

    def session(self, model: str, now: float) -> str:
        """The handle of a session with ``model`` that the server still knows at ``now`` (s since 1970), or ""."""
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            found = msgspec.json.decode(self._session_file.read_bytes(), type=Session)
            if found.model == model and 0 <= now - found.saved_at < HANDLE_LIFETIME_S:
                return found.handle
        return ""

    def keep(self, session: Session) -> None:
        """Remember the newest handle; ``tick`` writes it."""
        self._session, self._unsaved = session, True

    def drop_session(self) -> None:
        """The session is not to be resumed."""
        self._session, self._unsaved = None, False
        self._remove(self._session_file)

    def tick(self, now: Ns) -> None:
        """Write the newest handle when it is time."""
        if self._unsaved and now - self._saved_at >= HANDLE_EVERY:
            self.save(now)

    def save(self, now: Ns) -> None:
        """Write the newest handle now."""
        if self._unsaved and self._session is not None:
            # not durable: after a power cut an older handle does as well, and a card is spared
            self._write(self._session_file, msgspec.json.encode(self._session), "the session")
        self._unsaved, self._saved_at = False, now

    # what was said

    def history(self, now: float) -> list[Line]:
        """The lines of a conversation that was going on less than two hours before ``now`` (s since 1970)."""
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            found = msgspec.json.decode(self._history_file.read_bytes(), type=_Kept)
            if 0 <= now - found.saved_at < HANDLE_LIFETIME_S:
                return found.lines
        return []

    def keep_history(self, lines: list[Line], now: float) -> None:
        """Write them; ``now`` is in seconds since 1970."""
        self._write(self._history_file, msgspec.json.encode(_Kept(lines, now)), "what was said")

    def drop_history(self) -> None:
        """The conversation is over: nobody is to read it later."""
        self._remove(self._history_file)

    # what was typed

    def texts(self) -> list[str]:
        """What a former process was told to type and did not get through."""
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return msgspec.json.decode(self._texts_file.read_bytes(), type=list[str])
        return []

    def is_new(self, number: int) -> bool:
        """Whether no process of this boot was told the text with this number; 0 always is."""
        return not number or number > self._ledger["said"]

    def said(self, number: int) -> None:
        """The text with this number is kept (``keep_texts``), or was refused."""
        self._ledger["said"] = max(number, self._ledger["said"])

    def keep_texts(self, texts: list[str]) -> None:
        """What is typed and not with the server; the same list again costs nothing."""
        if texts == self._texts:
            return
        self._texts = texts
        if texts:
            self._write(self._texts_file, msgspec.json.encode(texts), "typed text")
        else:
            self._remove(self._texts_file)

    def _write(self, path: Path, content: bytes, what: str) -> None:
        problem = write_safely(path, content, durable=False)
        if problem:
            self._warn(f"Cannot keep {what} in {path} ({problem}): make it writable.")

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._warn(f"Cannot remove {path} ({error.strerror}): remove it by hand.")

    def _warn(self, sentence: str) -> None:
        if not self._warned:
            log.warning(sentence)
        self._warned = True


def write_safely(path: Path, content: bytes, durable: bool) -> str:
    """Replace ``path`` as a whole, mode 0600; ``durable``: it is on the disk on return. What went wrong, or ""."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _number_in(path: Path) -> int | None:
    try:
        return int(path.read_bytes()[:32])
    except (OSError, ValueError):
        return None


def _boot() -> int:
    """A number for this run of the kernel; 0 where it does not say."""
    with contextlib.suppress(OSError, ValueError):
        return int(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip().replace("-", "")[:16], 16)
    return 0
