"""What is said to the model beside sound: typed text, a button that is held, an instruction, images."""

import logging

from lived.clock import monotonic_ns
from lived.supervisor.album import Album
from lived.supervisor.button import Button
from lived.supervisor.desk import RefusalError
from lived.supervisor.hub import Hub
from lived.supervisor.picture import Picture
from lived.units import Ns
from lived.wire.orders import Instruct, Say, Show, Talk

MOST_UNTAKEN = 64
"""Typed texts that no gateway has taken yet: 64 * 8,000 characters at most. One that runs takes them at once, and one
that is started again needs a second or two."""

log = logging.getLogger("lived.supervisor")

_GATEWAY = "gateway"
_NO_CONVERSATION = "There is no conversation: begin one with 'livectl start'."


class Speaking:
    """Checks what is asked for, and passes it on to the gateway."""

    def __init__(self, hub: Hub, picture: Picture) -> None:
        self._hub, self._picture = hub, picture
        self._button = Button()
        self._album = Album(hub.inner)
        self._instruction: str | None = None  # None: nobody has given one since the daemon began
        self._untaken: dict[int, str] = {}  # by number, oldest first

    def repeat(self) -> None:
        """To a gateway that has just begun."""
        if self._instruction is not None:
            self._hub.order(_GATEWAY, Instruct(text=self._instruction))
        if self._button.held:
            self._hub.order(_GATEWAY, Talk(on=True))
        for number, text in self._untaken.items():
            self._hub.order(_GATEWAY, Say(text=text, number=number))

    def taken(self, number: int) -> None:
        """The gateway has this text, and its successor would have it too."""
        self._untaken.pop(number, None)

    def over(self) -> None:
        """The conversation was ended: nobody holds a button, nobody waits for an answer."""
        self.press(False)
        self._untaken.clear()

    def tick(self, now: Ns) -> None:
        """Several times a second: a button that is stuck is let go."""
        if self._button.stuck(now):
            log.warning("the button was held for a minute: it counts as let go")
            self.press(False)

    def say(self, text: str) -> None:
        """Typed input; it wakes a session that is asleep.

        Raises:
            RefusalError: nobody is there to hear it, or too much waits already.
        """
        self._want_session(or_asleep=True)
        if len(self._untaken) >= MOST_UNTAKEN:
            raise RefusalError("refused", "Too much that was typed waits to be sent: try again in a moment.")
        number = monotonic_ns()  # grows across restarts of the daemon too: the gateway's memory may be older
        self._untaken[number] = text
        self._hub.order(_GATEWAY, Say(text=text, number=number))

    def talk(self, on: bool | None) -> bool:
        """Hold the button, let it go, or toggle (None); how it is now.

        Raises:
            RefusalError: nobody is there to hear it.
        """
        if on is not False and not self._button.held:
            if self._picture.muted:
                raise RefusalError("refused", "The microphone is muted: 'livectl unmute' first.")
            if not self._picture.conversing:
                raise RefusalError("refused", _NO_CONVERSATION)
        return self.press(on)

    def press(self, on: bool | None) -> bool:
        """As ``talk``, without asking whether anybody is there."""
        before = self._button.held
        held = self._button.press(on, monotonic_ns())
        if held != before:
            self._hub.order(_GATEWAY, Talk(on=held))
        return held

    def instruct(self, text: str) -> None:
        """A new system instruction, "" = the configured one; until the daemon ends."""
        self._instruction = text
        self._hub.order(_GATEWAY, Instruct(text=text))

    def show(self, mime: str, data: str) -> tuple[int, int]:
        """Show the model an image (base64); width and height.

        Raises:
            RefusalError: nobody is there to see it, or it is no image.
        """
        self._want_session(or_asleep=False)
        shown = self._album.add(mime, data)
        self._hub.order(_GATEWAY, Show(path=str(shown.path), mime=shown.mime))
        return shown.width, shown.height

    def _want_session(self, or_asleep: bool) -> None:
        if not self._picture.conversing:
            raise RefusalError("refused", _NO_CONVERSATION)
        session = self._picture.session
        # between two connections of one session the gateway keeps what is typed
        between = session.state == "connecting" and session.connection > 0
        if session.state != "open" and not (or_asleep and (self._picture.asleep or between)):
            why = self._picture.session.text.rstrip(".") or "it is being opened"
            raise RefusalError("refused", f"The session is not open ({why}): try again in a moment.")
