"""What the daemon knows of itself, from events; what ``livectl status`` and systemd are told. No I/O."""

from collections.abc import Iterable
from typing import Any

from lived import __version__
from lived.floor import FloorKeeper
from lived.supervisor.child import Child
from lived.supervisor.states import State
from lived.units import NO_TURN, Ns, Turn, seconds
from lived.wire.chunk import VERSION
from lived.wire.events import AnyEvent, Cut, Loss, SessionState, ToolsOffered, TurnBegan

_IN_WORDS = {"off": "no conversation", "nobody": "listening", "user": "the user speaks", "model": "the model speaks"}


class Picture:
    """The newest of everything, and the one sentence that sums it up."""

    def __init__(self, began: Ns, conversing: bool, muted: bool, volume: int) -> None:
        self.began = began
        self.conversing, self.muted, self.volume = conversing, muted, volume
        self.floor = FloorKeeper()
        self.session = SessionState(state="off")
        self.turn = NO_TURN
        """The newest turn that began."""
        self.cut = NO_TURN
        self.lost_frames = 0
        self.tools = ToolsOffered(complete=False)

    def take(self, event: AnyEvent) -> bool:
        """Remember ``event``; whether it changed the floor."""
        match event:
            case SessionState():
                self.session = event
            case TurnBegan(turn=turn):
                self.turn = max(self.turn, turn)
            case Cut(turn=turn):
                self.cut = max(self.cut, turn)
            case Loss(frames=frames):
                self.lost_frames += frames
            case ToolsOffered():
                self.tools = event
            case _:
                pass
        return self.floor.take(event)

    def to_cut(self) -> Turn:
        """The turn that an order "be silent" means now; 0 when everything is cut already."""
        return self.turn if self.turn > self.cut else NO_TURN

    def state(self, children: Iterable[Child]) -> tuple[str, str]:
        """(starting, ready, degraded or off; one sentence)."""
        essential = [c for c in children if c.spec.essential]
        for child in essential:
            if child.state in (State.FATAL, State.BACKOFF):
                return "degraded", f"{child.name}: {child.text}"
        if any(child.state is not State.RUNNING for child in essential):
            return "starting", "starting"
        if not self.conversing:
            return "off", _IN_WORDS["off"]
        for child in essential:
            if not child.ready and child.text:
                return "degraded", f"{child.name}: {child.text}"
        if not all(child.ready for child in essential) or self.session.state != "open":
            return "starting", self.session.text or "opening the sound card and the session"
        return "ready", self._words()

    def _words(self) -> str:
        words = _IN_WORDS[self.floor.floor]
        return f"{words}, microphone muted" if self.muted else words

    def status(self, children: Iterable[Child], now: Ns) -> dict[str, Any]:
        """The ``status`` of docs/protocol.md, less what the process knows of itself."""
        children = list(children)
        state, text = self.state(children)
        return {
            "version": __version__,
            "protocol": VERSION,
            "uptime_s": round(seconds(Ns(now - self.began)), 1),
            "state": state,
            "text": text,
            "conversing": self.conversing,
            "muted": self.muted,
            "volume": self.volume,
            "floor": self.floor.floor.value,
            "turn": self.turn,
            "session": {
                "state": self.session.state,
                "text": self.session.text,
                "connection": self.session.connection,
                "resumed": self.session.resumed,
            },
            "workers": [_worker(child, now) for child in children],
            "lost_frames": self.lost_frames,
        }


def _worker(child: Child, now: Ns) -> dict[str, Any]:
    return {
        "name": child.name,
        "state": child.state.value,
        "ready": child.ready,
        "text": child.text,
        "pid": child.pid,
        "restarts": child.restarts,
        "since_s": round(seconds(Ns(now - child.since)), 1),
        "counters": child.counters,
    }
