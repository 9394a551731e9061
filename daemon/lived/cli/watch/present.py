"""How the daemon is, in words: from its status, and from what it says in between. Pure."""

from lived.cli.watch.safe import printable
from lived.cli.watch.watcher import Status
from lived.wire.events import AnyEvent, FloorChanged, MicChanged, SessionState, VolumeChanged

_FLOOR = {"off": "no conversation", "nobody": "listening", "user": "the user speaks", "model": "the model speaks"}
_STATE = {"ready": "Ready", "starting": "Starting", "degraded": "Degraded", "off": "Off"}


class Present:
    """The newest of everything that has a state."""

    def __init__(self) -> None:
        self.state = "starting"
        """starting, ready, degraded, off."""
        self.text = ""
        self.floor = "off"
        self.muted = False
        self.volume = 100
        self.session = "off"
        self.session_text = ""
        self.connection = 0

    def status(self, status: Status) -> None:
        """All at once."""
        self.state, self.text = str(status.get("state", "")), printable(str(status.get("text", "")))
        self.floor = str(status.get("floor", ""))
        self.muted, self.volume = bool(status.get("muted")), int(status.get("volume", 0))
        session = status.get("session") or {}
        self.session, self.session_text = str(session.get("state", "")), printable(str(session.get("text", "")))
        self.connection = int(session.get("connection", 0))

    def event(self, event: AnyEvent) -> None:
        """Something of it changed."""
        match event:
            case FloorChanged(floor=floor):
                self.floor = floor
            case MicChanged(muted=muted):
                self.muted = muted
            case VolumeChanged(percent=percent):
                self.volume = percent
            case SessionState(state=state, text=text, connection=connection):
                self.session, self.session_text, self.connection = state, printable(text), connection
            case _:
                pass

    def headline(self) -> tuple[str, str]:
        """(one word, a sentence without its full stop); either may be empty."""
        word = _STATE.get(self.state, printable(self.state))
        if self.state == "off":
            return word, "no conversation, begin one with 'livectl start'"
        if self.state == "ready" and self.floor != "off":
            return word, floor_words(self.floor)
        return word, self.text.rstrip(".")

    def facts(self) -> list[str]:
        """The rest of it, a few words each."""
        return [
            "microphone muted" if self.muted else "microphone on",
            f"volume {self.volume} %",
            f"session {session_words(self.session, self.connection)}",
        ]


def floor_words(floor: str) -> str:
    """Who may be heard."""
    return _FLOOR.get(floor, printable(floor))


def session_words(state: str, connection: int) -> str:
    """The session's state, and which connection it has if it is not the first."""
    return printable(state) + (f" (connection {connection})" if connection > 1 and state == "open" else "")
