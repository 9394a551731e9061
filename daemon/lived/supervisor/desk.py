"""Who answers at the door: one method for each request of docs/protocol.md, and what is wrong with a request."""

import logging
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from lived.bus import DoorServer
from lived.clock import monotonic_ns
from lived.errors import DoorError, WireError
from lived.units import SECOND, Ns
from lived.wire import Failure, Reply, decode_request
from lived.wire.door import FailureCode

log = logging.getLogger("lived.supervisor")

LONGEST_INSTRUCTION = 60_000
"""Bytes: what the configuration takes, and room for the rest of the request."""

LONGEST_TEXT = 8_000
"""Characters of typed input: far more than anybody types, far less than an order may carry."""

LONGEST_ARGUMENTS = 60_000
"""Bytes of the JSON that a tool is called with: it has to fit into an event of 65,536."""

REQUESTS_A_TURN = 50
"""Requests answered before the supervisor looks after everything else again."""

QUIET = Ns(10 * SECOND)
"""How long nothing is logged of further bad requests: a flood of them is no reason to fill a disk."""


class RefusalError(DoorError):
    """Raised by a method to say no."""

    code: FailureCode

    def __init__(self, code: FailureCode, text: str) -> None:
        super().__init__(code, text)


class Orders(Protocol):
    """What the desk can have done; the supervisor does it."""

    def status(self) -> dict[str, Any]:
        """All that is known."""

    def converse(self, on: bool) -> None:
        """Begin or end the conversation."""

    def interrupt(self) -> int:
        """Silence the model; the turn that was cut or 0."""

    def mute(self, on: bool | None) -> bool:
        """Set or toggle (None); how it is now."""

    def volume(self, percent: int | None, change: int) -> int:
        """Set, change or ask; how it is now."""

    def say(self, text: str) -> None:
        """Typed input."""

    def talk(self, on: bool | None) -> bool:
        """Hold the button, let it go, or toggle (None); how it is now."""

    def instruct(self, text: str) -> None:
        """A new system instruction."""

    def show(self, mime: str, data: str) -> tuple[int, int]:
        """Show the model an image (base64); width and height."""

    def tools(self) -> dict[str, Any]:
        """All functions that can be called."""

    def tool(self, name: str, args: dict[str, Any]) -> str:
        """Run one; the id of the call."""

    def restart(self, worker: str) -> None:
        """Stop and start one worker."""

    def reload(self) -> dict[str, Any]:
        """Read the configuration again."""


Args = dict[str, Any]


class Desk:
    """Turns requests into orders and answers."""

    def __init__(self, door: DoorServer, orders: Orders, shutdown: Callable[[], None]) -> None:
        self._door = door
        self._do = orders
        self._end = shutdown
        self.bad_requests = 0
        self._complained: tuple[Ns, int] | None = None  # when, and of how many bad requests in all
        self._ops: dict[str, Callable[[Args], dict[str, Any]]] = {
            "status": lambda _: orders.status(),
            "start": lambda _: self._converse(True),
            "stop": lambda _: self._converse(False),
            "interrupt": lambda _: {"turn": orders.interrupt()},
            "mute": self._mute,
            "volume": self._volume,
            "say": self._say,
            "talk": self._talk,
            "instruct": self._instruct,
            "show": self._show,
            "tools": lambda _: orders.tools(),
            "tool": self._tool,
            "restart": self._restart,
            "reload": lambda _: orders.reload(),
            "shutdown": lambda _: self._shutdown(),
        }

    @property
    def known(self) -> frozenset[str]:
        """The requests there are."""
        return frozenset(self._ops)

    def serve(self) -> None:
        """Answer what is waiting; never waits, never raises for what came from outside."""
        for _ in range(REQUESTS_A_TURN):
            try:
                got = self._door.receive()
            except WireError as error:
                self._complain(error)
                continue
            if got is None:
                return
            envelope, body = got
            self._door.reply(envelope, self._answer(body))

    def _answer(self, body: bytes) -> Reply:
        try:
            request = decode_request(body)
            op = self._ops.get(request.op)
            if op is None:
                known = ", ".join(sorted(self._ops))
                raise RefusalError("unknown_op", f"There is no request {request.op[:40]!r}; known are: {known}.")
            return Reply(ok=True, result=op(request.args))
        except WireError as error:
            self._complain(error)
            return Reply(ok=False, error=Failure(code="bad_request", text=str(error)))
        except RefusalError as refusal:
            return Reply(ok=False, error=Failure(code=refusal.code, text=str(refusal)))

    def _complain(self, error: WireError) -> None:
        self.bad_requests += 1
        now = monotonic_ns()
        if self._complained is None or now - self._complained[0] >= QUIET:
            more = self.bad_requests - 1 - self._complained[1] if self._complained else 0
            log.warning("at the door: %s%s", error, f" ({more} more like it before)" if more else "")
            self._complained = now, self.bad_requests

    def _converse(self, on: bool) -> dict[str, Any]:
        self._do.converse(on)
        return {"conversing": on}

    def _mute(self, args: Args) -> dict[str, Any]:
        wanted = args.get("on")
        if not isinstance(wanted, bool) and wanted != "toggle":
            raise RefusalError("bad_request", "mute needs 'on': true, false or \"toggle\".")
        return {"muted": self._do.mute(wanted if isinstance(wanted, bool) else None)}

    def _volume(self, args: Args) -> dict[str, Any]:
        percent, change = args.get("percent"), args.get("change", 0)
        if percent is not None and not _whole(percent, 0, 100):
            raise RefusalError("bad_request", f"A volume is a whole number from 0 to 100, not {percent!r}.")
        if not _whole(change, -100, 100):
            raise RefusalError("bad_request", f"A change of volume is a whole number from -100 to 100, not {change!r}.")
        return {"percent": self._do.volume(percent, change)}

    def _say(self, args: Args) -> dict[str, Any]:
        text = args.get("text")
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
            raise RefusalError("bad_request", f"say needs 'text': 1 to {LONGEST_TEXT} characters.")
        self._do.say(text)
        return {}

    def _talk(self, args: Args) -> dict[str, Any]:
        wanted = args.get("on")
        if not isinstance(wanted, bool) and wanted != "toggle":
            raise RefusalError("bad_request", "talk needs 'on': true, false or \"toggle\".")
        return {"on": self._do.talk(wanted if isinstance(wanted, bool) else None)}

    def _instruct(self, args: Args) -> dict[str, Any]:
        text = args.get("text")
        if not isinstance(text, str) or len(text.encode()) > LONGEST_INSTRUCTION:
            raise RefusalError("bad_request", f"instruct needs 'text': at most {LONGEST_INSTRUCTION} bytes.")
        self._do.instruct(text)
        return {}

    def _show(self, args: Args) -> dict[str, Any]:
        mime, data = args.get("mime"), args.get("data")
        if not isinstance(mime, str) or not isinstance(data, str):
            raise RefusalError("bad_request", "show needs 'mime' (image/jpeg or image/png) and 'data' (base64).")
        width, height = self._do.show(mime, data)
        return {"width": width, "height": height}

    def _tool(self, args: Args) -> dict[str, Any]:
        name, given = args.get("name"), args.get("args", {})
        if not isinstance(name, str) or not isinstance(given, dict):
            raise RefusalError("bad_request", "tool needs 'name', and 'args': an object.")
        if len(msgspec.json.encode(given)) > LONGEST_ARGUMENTS:
            raise RefusalError("bad_request", f"The arguments of a tool have {LONGEST_ARGUMENTS} bytes at most.")
        return {"call": self._do.tool(name, given)}

    def _restart(self, args: Args) -> dict[str, Any]:
        worker = args.get("worker")
        if not isinstance(worker, str):
            raise RefusalError("bad_request", "restart needs 'worker': the name of one.")
        self._do.restart(worker)
        return {}

    def _shutdown(self) -> dict[str, Any]:
        self._end()
        return {}


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
