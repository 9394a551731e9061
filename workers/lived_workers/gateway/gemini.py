"""The SDK's door: the only importer of google-genai. Everything that can go wrong with a connection leaves here as
``LinkLostError``; the key leaves here never.

Importing this module takes half a second: the gateway does it in a thread, while it already answers the daemon.
"""

import asyncio
import base64
import contextlib
import logging
import socket
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

from google import genai
from google.genai import errors, types
from websockets.exceptions import (
    InvalidHandshake,
    InvalidMessage,
    InvalidProxyStatus,
    InvalidStatus,
    ProxyError,
    WebSocketException,
)

from lived.config import Config
from lived.units import MIC_RATE
from lived_workers.gateway.acknowledged import Connection
from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.setup import GOOGLE, live_config, socket_options

MOST_BAD_FRAMES = 20
"""In a row. One is a server's slip; so many are another protocol."""

# what the SDK raises for one frame that it cannot read (live protocol: unknown message, wrong type, not JSON); the
# connection lives on. Nothing of ours runs inside that call, so these are never our own faults.
_BAD_FRAME = (TypeError, ValueError, LookupError, AttributeError, RecursionError)
_GONE = (errors.APIError, WebSocketException, OSError, TimeoutError)

_MIME = f"audio/pcm;rate={MIC_RATE}"
_AUDIO = '{"realtime_input": {"audio": {"data": "%s", "mime_type": "' + _MIME + '"}}}'
"""What the SDK makes of 20 ms of sound, byte for byte (tests/gateway/test_audio_frame.py). It takes the SDK 80 us,
50 times a second: validation, two conversions and a search for what JSON cannot hold."""

logging.getLogger("websockets").setLevel(logging.CRITICAL)  # it logs tracebacks of what is reported here in a sentence


class Door:
    """A client of the Live API for one configuration."""

    def __init__(self, config: Config, base_url: str, ca_file: str, key: str) -> None:
        """Read the certificates and make the client: a tenth of a second.

        Raises:
            LinkLostError: ``ca_file`` cannot be used.
        """
        self._config = config
        options = socket_options(base_url)
        certificates = _certificates(ca_file)
        # verify: for the SDK's HTTP clients, which would each load all certificates once more (1 MB)
        options |= {"ssl": certificates, "verify": certificates}
        # a little shorter than the whole, so that a silent network and a silent server are told apart
        options["open_timeout"] = 0.9 * config.live.setup_timeout_s
        http = types.HttpOptions(
            base_url=base_url or GOOGLE,
            api_version=config.live.api_version,
            client_args={"verify": certificates},
            async_client_args=options,
        )
        self._client = genai.Client(api_key=key, vertexai=False, http_options=http)
        self._key = key

    @contextlib.asynccontextmanager
    async def session(self, handle: str, counters: Counter[str]) -> AsyncIterator["Session"]:
        """Connect and set up; hang up on leaving. ``handle`` "" begins a new session.

        Raises:
            LinkLostError: it did not work, or the connection ended inside.
        """
        live = self._config.live
        config = types.LiveConnectConfig(**live_config(self._config, handle))
        async with contextlib.AsyncExitStack() as stack:
            last = stack.enter_context(contextlib.ExitStack())  # left when the SDK has closed its own socket
            try:
                async with asyncio.timeout(live.setup_timeout_s):
                    sdk = await stack.enter_async_context(
                        self._client.aio.live.connect(model=live.model, config=config)
                    )
                    session = Session(sdk, counters, self._key)
                    last.callback(session.connection.close)
                    await session.set_up()
            except (*_GONE, *_BAD_FRAME) as error:
                raise lost_by(error, self._key) from None
            try:
                yield session
            finally:
                session.connection.polite()


class Session:
    """One open connection."""

    def __init__(self, sdk: Any, counters: Counter[str], key: str) -> None:
        self._sdk = sdk
        self._counters = counters
        self._key = key
        self.connection = Connection(_fd_of(sdk))
        """The kernel's figures."""
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
            await self._send(audio=types.Blob(data=pcm, mime_type=_MIME))
            return
        try:
            await self._send_frame(_AUDIO % base64.urlsafe_b64encode(pcm).decode())
        except _GONE as error:
            raise lost_by(error, self._key) from None

    async def send_text(self, text: str) -> None:
        """Typed input. Raises as ``send_audio``."""
        await self._send(text=text)

    async def end_audio(self) -> None:
        """The microphone is closed for a while. Raises as ``send_audio``."""
        await self._send(audio_stream_end=True)

    async def _send(self, **what: Any) -> None:
        try:
            await self._sdk.send_realtime_input(**what)
        except _GONE as error:
            raise lost_by(error, self._key) from None


def _fd_of(sdk: Any) -> int | None:
    """The session's socket, behind two private names of SDK and websockets: None when they have changed."""
    try:
        return int(sdk._ws.transport.get_extra_info("socket").fileno())
    except (AttributeError, TypeError, ValueError):
        return None


def _certificates(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        why = error.strerror or "no certificates in it"
        raise LinkLostError(
            Cause.SETTING, reason=f"Cannot read live.ca_file {ca_file} ({why}): correct it, or leave it empty."
        ) from None


def lost_by(error: Exception, key: str) -> LinkLostError:
    """``error`` of SDK, WebSocket or socket in our own words, without ``key``."""
    cause, code, reason = _cause_of(error)
    return LinkLostError(cause, code, reason.replace(key, "[hidden]") if key else reason)


def _cause_of(error: Exception) -> tuple[Cause, int, str]:
    match error:
        case errors.APIError():
            code = error.code if isinstance(error.code, int) else 0
            return (Cause.CLOSED if code >= 1000 else Cause.HTTP), code, _reason_of(error)
        case WebSocketException():
            return _cause_of_websocket(error)
        case OSError():
            return _cause_of_socket(error)
        case _:
            return Cause.GARBAGE, 0, type(error).__name__


def _cause_of_websocket(error: WebSocketException) -> tuple[Cause, int, str]:
    match error:
        case InvalidStatus():
            return Cause.HTTP, error.response.status_code, error.response.reason_phrase
        case InvalidProxyStatus() if error.response.status_code == 407:
            return Cause.HTTP, 407, ""
        case ProxyError() | InvalidMessage():
            return Cause.UNREACHABLE, 0, str(error)
        case InvalidHandshake():
            return Cause.GARBAGE, 0, str(error)
        case _:  # it ended while something was sent: the receiving side knows more
            return Cause.CLOSED, 1006, ""


def _cause_of_socket(error: OSError) -> tuple[Cause, int, str]:
    match error:
        case TimeoutError():  # without words it is our own clock, and the connection was made
            return (Cause.UNREACHABLE, 0, "no answer") if error.args else (Cause.TIMEOUT, 0, "")
        case ConnectionRefusedError():
            return Cause.REFUSED, 0, ""
        case socket.gaierror():
            return Cause.NAME, 0, ""
        case ssl.SSLError():
            return Cause.CERTIFICATE, 0, getattr(error, "verify_message", None) or getattr(error, "reason", None) or ""
        case _:
            return Cause.UNREACHABLE, 0, error.strerror or type(error).__name__


def _reason_of(error: errors.APIError) -> str:
    """The close reason; for an error envelope its message."""
    details = error.details
    if isinstance(details, dict):
        inner = details.get("error", details)
        details = inner.get("message", "") if isinstance(inner, dict) else ""
    return str(details or error.message or "")
