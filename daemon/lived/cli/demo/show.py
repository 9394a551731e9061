"""The conversation as it happens, for a person: transcripts as they come, states in between."""

from collections.abc import Callable

from lived.units import MILLISECOND, SECOND, Ns
from lived.wire.events import (
    AnyEvent,
    Cut,
    CutDone,
    FloorChanged,
    Loss,
    SessionState,
    Transcript,
    Underrun,
)

_WHO = {"user": "user ", "model": "lived"}
_FLOOR = {"user": "the user speaks", "model": "the model is heard", "nobody": "listening"}


class Show:
    """Writes pieces of text; a transcript's line stays open for its next piece. Belongs to one thread."""

    def __init__(self, write: Callable[[str], None], began: Ns) -> None:
        """``write`` puts text out as it is; times are told since ``began``."""
        self._write = write
        self._began = began
        self._open: tuple[str, int] | None = None
        """Side and turn of the line that may go on."""
        self._cut_at: Ns | None = None

    def event(self, event: AnyEvent, now: Ns) -> None:
        """Show ``event`` if it is something to see."""
        match event:
            case Transcript():
                self._transcript(event, now)
            case SessionState(state=state, text=text):
                self.line(now, f"session {state}{f': {text}' if text else ''}")
            case FloorChanged(floor=floor) if floor in _FLOOR:
                self.line(now, _FLOOR[floor])
            case Cut(cause=cause, time=time):
                self._cut_at = self._cut_at or time
                self.line(now, f"cut, ordered by {cause}")
            case CutDone(silent_at=silent, heard_turn=heard) if heard and self._cut_at is not None:
                self.line(now, f"silent {max(0.0, (silent - self._cut_at) / MILLISECOND):.1f} ms after the order")
            case Underrun():
                self.line(now, "sound came too late")
            case Loss(stream=stream, frames=frames):
                self.line(now, f"{frames} frames of {stream} are lost")
            case _:
                pass

    def line(self, now: Ns, text: str) -> None:
        """A line of its own, with its time."""
        self.end()
        self._write(f"{self._time(now)}         · {text}\n")

    def end(self) -> None:
        """End the line that is open, if one is."""
        if self._open is not None:
            self._write("\n")
            self._open = None

    def _transcript(self, event: Transcript, now: Ns) -> None:
        if self._open != (event.side, event.turn):
            self.end()
            self._write(f"{self._time(now)}  {_WHO.get(event.side, event.side)}  {event.text.lstrip()}")
            self._open = (event.side, event.turn)
        else:
            self._write(event.text)

    def _time(self, now: Ns) -> str:
        return f"{(now - self._began) / SECOND:5.1f} s"
