"""The thread of the conversation over its sessions: handle, transcript, and how the next session begins with them."""

import logging
import time
from pathlib import Path
from typing import NamedTuple

from lived.config import Config, Live
from lived.errors import ConfigError
from lived.models import profile_of
from lived_workers.gateway.history import History, Turn, parse
from lived_workers.gateway.reconnect import BELOW, Rung
from lived_workers.gateway.setup import Wanted
from lived_workers.gateway.store import Session as SavedSession
from lived_workers.gateway.store import Store

log = logging.getLogger("lived.gateway")

APOLOGY = (
    "The connection was lost, and with it everything that was said so far. Tell the user in one short sentence that you"
    " have lost the thread, and ask what to go on with."
)
"""To the model, which says it in its own words and language."""

SEED_INSTRUCTION = "What was said before in this conversation:"
"""For a model that takes no history: it goes to the end of the instruction."""


class Opening(NamedTuple):
    """How a session begins."""

    rung: Rung
    handle: str
    """A secret; "" = a new session."""
    seed: list[Turn]
    """What it is told of the past."""
    apology: str
    """What it is to tell the user; "" = nothing."""

    def __repr__(self) -> str:
        return f"Opening({self.rung}, {len(self.seed)} turns)"


class Thread:
    """One conversation's memory. The newest handle is good for one rung, the transcript for the next."""

    def __init__(self, store: Store, live: Live) -> None:
        self._store = store
        self.history = History(live.reseed_characters)
        self._model, self._resumption, self._limit = live.model, live.resumption, live.reseed_characters
        self._file = live.history_file
        self._handle = ""
        self._old = False  # more than what a file said: there was a session that can be missed

    def remember(self) -> None:
        """Go on with the conversation of a former process, if the server can still know it."""
        if self._resumption:
            self._handle = self._store.session(self._model, time.time())
        self.history.load(self._store.history(time.time()))
        self._old = bool(self._handle or self.history)

    def begin(self) -> None:
        """A conversation begins: with what a file says of the time before, unless there is something to go on with."""
        if not self._file or self._handle or self.history:
            return
        try:
            self.history.load(parse(Path(self._file).read_bytes(), self._file))
        except OSError as error:
            log.warning("Cannot read live.history_file %s (%s): correct it.", self._file, error.strerror)
        except ConfigError as error:
            log.warning("%s", error)

    def take(self, handle: str, resumable: bool) -> None:
        """What the server said about resuming."""
        if resumable and self._resumption:
            self._handle = handle
            self._store.keep(SavedSession(handle, self._model, time.time()))

    def opening(self, rung: Rung) -> Opening:
        """How to begin, ``rung`` or what is below it for want of a handle or a transcript."""
        if rung is Rung.RESUMED:
            if self._handle:
                return Opening(rung, self._handle, [], "")
            rung = BELOW[rung]
        if rung is Rung.RESEEDED:
            seed = self.history.turns(self._limit)
            if seed:
                return Opening(rung, "", seed, "")
        return Opening(Rung.FORGOTTEN, "", [], APOLOGY if self._old and self.history else "")

    def opened(self, opening: Opening) -> None:
        """A session began so: whatever handle there was belongs to another one."""
        self._old = True
        if not opening.handle:
            self.drop_handle()

    def drop_handle(self) -> None:
        """The session cannot be resumed."""
        self._handle = ""
        self._store.drop_session()

    def forget(self) -> None:
        """The conversation is over."""
        self.drop_handle()
        self.history.clear()
        self._store.drop_history()
        self._old = False

    def tick(self) -> None:
        """Write down what was said since the last time."""
        if self.history.changed:
            self.history.changed = False
            self._store.keep_history(self.history.lines(), time.time())


def wanted_by(opening: Opening, config: Config, instruction: str = "") -> Wanted:
    """What the setup has to ask for; ``instruction`` takes the place of the configured one, "" leaves that. A model
    that takes no history is told it as part of its instruction."""
    if opening.seed and not profile_of(config.live.model).history_config:
        told = "\n".join(f"{turn.role}: {turn.text}" for turn in opening.seed)
        return Wanted(instruction=f"{instruction or config.live.instruction}\n\n{SEED_INSTRUCTION}\n{told}".strip())
    return Wanted(handle=opening.handle, instruction=instruction, seed=bool(opening.seed))
