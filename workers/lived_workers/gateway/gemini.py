"""The SDK's door: the only importer of google-genai. Everything that can go wrong with a connection leaves here as
``LinkLostError``; the key leaves here never.

Importing this module takes half a second: the gateway does it in a thread, while it already answers the daemon.
"""

import asyncio
import base64
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

from google.auth.exceptions import GoogleAuthError
from google.genai import errors, types
from websockets.exceptions import WebSocketException

from lived.config import Config
from lived.models import profile_of
from lived.units import MIC_RATE
from lived_workers.gateway.acknowledged import Connection
from lived_workers.gateway.causes import lost_by
from lived_workers.gateway.client import client_for
from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.messages import Message, Text
from lived_workers.gateway.pings import Answered
from lived_workers.gateway.setup import Wanted, live_config
from lived_workers.gateway.spelling import spell
from lived_workers.gateway.target import Target
from lived_workers.gateway.thread import Opening

MOST_BAD_FRAMES = 20
"""In a row. One is a server's slip; so many are another protocol."""

# what the SDK raises for one frame that it cannot read (live protocol: unknown message, wrong type, not JSON); the
# connection lives on. Nothing of ours runs inside that call, so these are never our own faults.
_BAD_FRAME = (TypeError, ValueError, LookupError, AttributeError, RecursionError)
_GONE = (errors.APIError, GoogleAuthError, WebSocketException, OSError, TimeoutError)

_MIME = f"audio/pcm;rate={MIC_RATE}"
_AUDIO = '{"realtime_input": {"audio": {"data": "%s", "mime_type": "' + _MIME + '"}}}'
"""What the SDK makes of 20 ms of sound, byte for byte (tests/gateway/test_audio_frame.py). It takes the SDK 80 us,
50 times a second: validation, two conversions and a search for what JSON cannot hold."""


class Door:
    """A client of the Live API for one configuration."""

    def __init__(self, config: Config, target: Target, key: str) -> None:
        """Make the client: a tenth of a second. Raises LinkLostError, as ``client_for``."""
        self._config = config
        self._client = client_for(config, target, key)
        self._key = key

    @contextlib.asynccontextmanager
    async def session(self, wanted: Wanted, counters: Counter[str]) -> AsyncIterator["Session"]:
        """Connect and set up; hang up on leaving.

        Raises:
            LinkLostError: it did not work, or the connection ended inside.
        """
        live = self._config.live
        config = types.LiveConnectConfig(**live_config(self._config, wanted))
        async with contextlib.AsyncExitStack() as stack:
            last = stack.enter_context(contextlib.ExitStack())  # left when the SDK has closed its own socket
            try:
                async with asyncio.timeout(live.setup_timeout_s):
                    sdk = await stack.enter_async_context(
                        self._client.aio.live.connect(model=live.model, config=config)
                    )
                    session = Session(sdk, self._config, counters, self._key)
                    last.callback(session.connection.close)
                    await session.set_up()
            except (*_GONE, *_BAD_FRAME) as error:
                raise lost_by(error, self._key) from None
            try:
                yield session
            finally:
                if not session.aborted:
                    session.connection.polite()


class Session:
    """One open connection."""

    def __init__(self, sdk: Any, config: Config, counters: Counter[str], key: str) -> None:
        self._sdk = sdk
        self._config = config
        self._counters = counters
        self._key = key
        self.connection = Connection(_fd_of(sdk))
        """The kernel's figures."""
        self.aborted = False
        self._latency = 0.0
        self._send_frame: Callable[[str], Awaitable[None]] | None = getattr(getattr(sdk, "_ws", None), "send", None)
        """Of the SDK's own WebSocket, behind a private name: None when that has changed."""

    async def set_up(self) -> None:
        """Return when the server has said setupComplete: connect() takes any first frame for it."""
        if self._sdk.setup_complete is not None:
            return
        async with contextlib.aclosing(self.messages()) as messages:
            async for message in messages:
                if message.setup_complete is not None:
                    return

    async def messages(self) -> AsyncGenerator[types.LiveServerMessage, None]:
        """Everything that the server says, for ever.

        Raises:
            LinkLostError: the connection ended, or sends garbage.
        """
        bad = 0
        while True:
            turn = self._sdk.receive()  # ends with each turn, and with each bad frame
            while True:
                try:
                    message = await anext(turn, None)
                except _GONE as error:
                    raise lost_by(error, self._key) from None
                except _BAD_FRAME as error:
                    self._counters["bad_frames"] += 1
                    bad += 1
                    if bad >= MOST_BAD_FRAMES:
                        raise LinkLostError(Cause.GARBAGE, reason=type(error).__name__) from None
                    break
                if message is None:
                    break
                bad = 0
                yield message

    async def send_audio(self, pcm: bytes) -> None:
        """Sound of 16 kHz.

        Raises:
            LinkLostError: the connection has ended; ``messages`` knows why.
        """
        if self._send_frame is None:
            await self._call("send_realtime_input", audio=types.Blob(data=pcm, mime_type=_MIME))
            return
        try:
            await self._send_frame(_AUDIO % base64.urlsafe_b64encode(pcm).decode())
        except _GONE as error:
            raise lost_by(error, self._key) from None

    async def send(self, message: Message) -> None:
        """Anything but sound. Raises as ``send_audio``."""
        said = spell(message, self._config)
        if said is not None:
            await self._call(said.method, **said.arguments)

    async def ping(self) -> Answered:
        """Ask whether the server reads; tells later whether the answer has come. Raises as ``send_audio``."""
        ping = getattr(getattr(self._sdk, "_ws", None), "ping", None)
        if ping is None:
            return lambda: False
        try:
            answer = await ping()
        except _GONE as error:
            raise lost_by(error, self._key) from None
        return lambda: answer.done() and not answer.cancelled() and answer.exception() is None

    async def tell(self, opening: Opening) -> None:
        """What came before, and what the user is to be told of it. Raises as ``send_audio``."""
        if opening.seed and profile_of(self._config.live.model).history_config:
            turns = [types.Content(role=turn.role, parts=[types.Part(text=turn.text)]) for turn in opening.seed]
            await self._call("send_client_content", turns=turns, turn_complete=True)  # history: no reply to this
        if opening.apology:
            await self.send(Text(opening.apology))

    def ponged(self) -> bool:
        """Whether the server has answered a ping since this was asked last."""
        latency = getattr(getattr(self._sdk, "_ws", None), "latency", 0.0)  # of the newest pong: never twice the same
        new, self._latency = latency != self._latency, latency
        return new

    def abort(self) -> None:
        """No goodbye when this is left: nobody would hear it."""
        self.aborted = True
        with contextlib.suppress(AttributeError):
            self._sdk._ws.transport.abort()

    async def _call(self, method: str, **arguments: Any) -> None:
        try:
            await getattr(self._sdk, method)(**arguments)
        except _GONE as error:
            raise lost_by(error, self._key) from None


def _fd_of(sdk: Any) -> int | None:
    """The session's socket, behind two private names of SDK and websockets: None when they have changed."""
    try:
        return int(sdk._ws.transport.get_extra_info("socket").fileno())
    except (AttributeError, TypeError, ValueError):
        return None
