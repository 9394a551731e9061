"""What the daemon knows of itself, from events; what ``livectl status`` and systemd are told. No I/O."""

from collections.abc import Iterable
from typing import Any

import msgspec

from lived import __version__
from lived.floor import FloorKeeper
from lived.supervisor.member import Member
from lived.supervisor.states import State
from lived.units import MIC_RATE, NO_TURN, Frames, Ns, Turn, seconds, span_of
from lived.wire.chunk import VERSION
from lived.wire.events import AnyEvent, Cut, Idle, Loss, SessionState, Spent, Swapped, ToolsOffered, TurnBegan

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
        self.swaps = 0
        self._unheard = 0  # frames of the user's sound that the model never heard
        self.asleep = False
        """Hung up because nobody spoke; typed text or a button goes on."""
        self.spent: Spent | None = None

    def take(self, event: AnyEvent) -> bool:
        """Remember ``event``; whether it changed the floor."""
        match event:
            case SessionState():
                self.session = event
                self.asleep &= event.state == "off"
            case Idle(awake=awake):
                self.asleep = not awake
            case Spent():
                self.spent = event
            case TurnBegan(turn=turn):
                self.turn = max(self.turn, turn)
            case Cut(turn=turn):
                self.cut = max(self.cut, turn)
            case Swapped():
                self.swaps += 1
            case Loss(frames=frames, worker=worker):
                self.lost_frames += frames
                self._unheard += frames if worker == "gateway" else 0
            case ToolsOffered():
                self.tools = event
            case _:
                pass
        return self.floor.take(event)

    def to_cut(self) -> Turn:
        """The turn that an order "be silent" means now; 0 when everything is cut already."""
        return self.turn if self.turn > self.cut else NO_TURN

    def state(self, members: Iterable[Member]) -> tuple[str, str]:
        """(starting, ready, degraded or off; one sentence)."""
        essential = [c for c in members if c.spec.essential]
        for member in essential:
            if member.state in (State.FATAL, State.BACKOFF):
                return "degraded", f"{member.name}: {member.text}"
        if any(member.state is not State.RUNNING for member in essential):
            return "starting", "starting"
        return self._conversation(essential) if self.conversing else ("off", _IN_WORDS["off"])

    def _conversation(self, essential: list[Member]) -> tuple[str, str]:
        """While there is one."""
        for member in essential:
            if not member.ready and member.text:
                return "degraded", f"{member.name}: {member.text}"
        if self.asleep:
            return "ready", "asleep, because nobody spoke"
        if not all(member.ready for member in essential) or self.session.state != "open":
            return "starting", self.session.text or "opening the sound card and the session"
        return "ready", self._words()

    def _words(self) -> str:
        words = _IN_WORDS[self.floor.floor]
        return f"{words}, microphone muted" if self.muted else words

    def status(self, members: Iterable[Member], now: Ns) -> dict[str, Any]:
        """The ``status`` of docs/protocol.md, less what the process knows of itself."""
        members = list(members)
        state, text = self.state(members)
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
                "swaps": self.swaps,
                "lost_ms": round(1000 * seconds(span_of(Frames(self._unheard), MIC_RATE))),
            },
            "usage": _usage(self.spent),
            "workers": [_worker(member, now) for member in members],
            "lost_frames": self.lost_frames,
        }


def _usage(spent: Spent | None) -> dict[str, Any]:
    """Empty until the gateway has said how things stand."""
    return msgspec.structs.asdict(spent) if spent else {}


def _worker(member: Member, now: Ns) -> dict[str, Any]:
    return {
        "name": member.name,
        "state": member.state.value,
        "ready": member.ready,
        "text": member.text,
        "pid": member.pid,
        "restarts": member.restarts,
        "since_s": round(seconds(Ns(now - member.since)), 1),
        "counters": member.counters,
    }
