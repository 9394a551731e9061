"""One MCP server: connected, asked for its tools, connected again when it has gone. The one door to the package mcp."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx2
import mcp
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
from mcp.types import (
    CONNECTION_CLOSED,
    EmbeddedResource,
    TextContent,
    TextResourceContents,
    ToolListChangedNotification,
)

from lived import __version__
from lived.config.attached import headers
from lived.config.options import Mcp
from lived.errors import InputError
from lived.programs import environment
from lived.wire.events import Function
from lived_workers.tools import answers
from lived_workers.tools.program import Surroundings
from lived_workers.tools.tool import Args, More, Response, Tool, ToolError

log = logging.getLogger("lived.tools")

DELAYS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Before the next try to connect: most servers are back soon, or not before somebody looks."""

CONNECT_S = 20.0
"""A program may have to be started by it (npx), on a slow card."""

LOOK_S = 60.0
"""How often a server is asked for its tools although nothing has happened: for those that do not tell of changes, and
to notice one that is gone before the model does."""

PAGES = 20
"""Of its list of tools: one without end must not keep us."""

LISTEN_AGAIN_S = 5.0

WORDS = 300
"""Characters of a server's complaint that are passed on."""

TROUBLE = (
    mcp.MCPError,
    SubscriptionLost,
    httpx2.HTTPError,
    OSError,
    ValueError,
    RuntimeError,
    TimeoutError,
    InputError,
)
"""What connecting and asking may end with: the server's errors, the connection's, pydantic's (a ValueError), anyio's
(RuntimeError), and a file of headers that cannot be read."""


class McpServer:
    """One server of the configuration. ``run`` is its life; ``tools`` what it has, or had when it was last there."""

    def __init__(self, configured: Mcp, around: Surroundings, changed: Callable[[], None]) -> None:
        """``changed`` is called when ``tools`` or ``trouble`` are others than before."""
        self.name = configured.name
        self.tools: tuple[Tool, ...] = ()
        self.trouble = ""
        """Why it is not there, for status; "" when it is."""
        self._configured = configured
        self._around = around
        self._changed = changed
        self._client: mcp.Client | None = None
        self._look = asyncio.Event()
        self._lost = asyncio.Event()
        self._answered = asyncio.Event()

    async def run(self) -> None:
        """Connect, for ever."""
        failures = 0
        while True:
            reason = "it has ended"
            try:
                await self._connected()
            except* TROUBLE as group:
                reason = _reason(group)
            failures = 0 if self._client is not None else failures + 1
            self._client = None
            self._failed(reason)
            await asyncio.sleep(DELAYS_S[min(failures, len(DELAYS_S) - 1)])

    async def answered(self) -> None:
        """Wait until it has answered for the first time, or failed to."""
        await self._answered.wait()

    async def _connected(self) -> None:
        """One connection, until it ends."""
        self._lost.clear()
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(CONNECT_S):
                client = await stack.enter_async_context(self._dial())
                await self._list(client)
            log.info("MCP server %s: connected", self.name)
            async with asyncio.TaskGroup() as tasks:
                listening = tasks.create_task(self._listen(client))
                await self._attend(client)
                listening.cancel()

    def _dial(self) -> mcp.Client:
        transport = self._http() if self._configured.url else self._program()
        return mcp.Client(
            _noticed(transport, self._lose),
            message_handler=self._hear,
            client_info=mcp.Implementation(name="lived", version=__version__),
            cache=None,
        )

    def _program(self) -> Any:
        command, *arguments = self._configured.command
        parameters = mcp.StdioServerParameters(
            command=command,
            args=arguments,
            env=environment(self._around.environ, self._configured.environment),
            cwd=self._around.folder,
        )
        return stdio_client(parameters, errlog=sys.stderr)

    @asynccontextmanager
    async def _http(self) -> AsyncIterator[Any]:
        path = self._configured.headers_file
        given = headers(Path(path)) if path else {}
        # an answer may take its time: the patience for it is timeout_s, and the caller's
        patience = httpx2.Timeout(CONNECT_S, read=None)
        async with (
            httpx2.AsyncClient(headers=given, timeout=patience) as http,
            streamable_http_client(self._configured.url, http_client=http) as streams,
        ):
            yield streams

    # -- its tools -----------------------------------------------------------------------------

    async def _attend(self, client: mcp.Client) -> None:
        """Ask for its tools whenever they may have changed; return when the connection is gone."""
        while not self._lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._look.wait()
            if not self._lost.is_set():
                async with asyncio.timeout(self._configured.timeout_s):
                    await self._list(client)

    async def _listen(self, client: mcp.Client) -> None:
        """Servers of the newest protocol tell those who ask of changes; older ones tell everybody (``_hear``)."""
        while True:
            try:
                async with client.listen(tools_list_changed=True) as changes:
                    async for _ in changes:
                        self._look.set()
            except (ListenNotSupportedError, mcp.MCPError):
                return
            except SubscriptionLost:
                self._look.set()
            await asyncio.sleep(LISTEN_AGAIN_S)

    async def _hear(self, message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._look.set()

    async def _list(self, client: mcp.Client) -> None:
        self._look.clear()
        found: list[Tool] = []
        cursor: str | None = None
        for _ in range(PAGES):
            page = await client.list_tools(cursor=cursor, cache_mode="refresh")
            found += [self._tool(tool) for tool in page.tools if self._allowed(tool.name)]
            cursor = page.next_cursor
            if cursor is None:
                break
        same = [tool.function for tool in found] == [tool.function for tool in self.tools] and not self.trouble
        self.tools, self.trouble, self._client = tuple(found), "", client
        self._answered.set()
        if not same:
            self._changed()

    def _allowed(self, name: str) -> bool:
        return not self._configured.allow or name in self._configured.allow

    def _tool(self, tool: mcp.Tool) -> Tool:
        async def run(args: Args, _more: More) -> Response:
            return await self._call(tool.name, args)

        function = Function(
            name=tool.name,
            description=tool.description or tool.title or tool.name,
            parameters=dict(tool.input_schema),
            behavior=self._configured.behavior,
        )
        return Tool(function, run, self._configured.timeout_s, self._configured.scheduling, origin=self.name)

    # -- calls ---------------------------------------------------------------------------------

    async def _call(self, name: str, args: Args) -> Response:
        if self._client is None:
            raise ToolError(f"{name} cannot be used now: {self.trouble}.")
        try:
            result = await self._client.call_tool(name, args)
        except mcp.MCPError as error:
            if error.code == CONNECTION_CLOSED:
                self._lose()
            raise ToolError(f"{name} failed: {error.message[:WORDS].rstrip('.')}.") from error
        except TROUBLE as error:
            self._lose()
            raise ToolError(f"{name} failed: {_reason(error)}.") from error
        text = "\n".join(_text(block) for block in result.content)
        if result.is_error:
            raise ToolError(f"{name} failed: {text[:WORDS].rstrip('.')}.")
        return answers.from_value(text if result.structured_content is None else result.structured_content)

    def _lose(self) -> None:
        """The connection is gone, or might as well be."""
        self._lost.set()
        self._look.set()

    def _failed(self, reason: str) -> None:
        trouble = f"MCP server {self.name} cannot be reached ({reason})"
        self._answered.set()
        if trouble != self.trouble:
            log.warning("%s", trouble)
            self.trouble = trouble
            self._changed()


def _text(block: mcp.types.ContentBlock) -> str:
    if isinstance(block, TextContent):
        return block.text
    if isinstance(block, EmbeddedResource) and isinstance(block.resource, TextResourceContents):
        return block.resource.text
    return f"[{block.type}, which cannot be passed on]"


def _reason(error: BaseException) -> str:
    """The first thing that went wrong, in a few words; nothing of an address, which may hold a secret."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, TimeoutError | httpx2.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx2.TransportError):
        return "no connection"
    if isinstance(error, mcp.MCPError | InputError):
        return str(error)[:WORDS].rstrip(".")
    return type(error).__name__


@asynccontextmanager
async def _noticed(transport: Any, ended: Callable[[], None]) -> AsyncIterator[Any]:
    """``transport``, whose end is told."""
    async with transport as (read, write):
        yield _Noticed(read, ended), write


class _Noticed:
    """A stream to read from; what it is asked is passed on, and its end is told."""

    def __init__(self, stream: Any, ended: Callable[[], None]) -> None:
        self._stream, self._ended = stream, ended

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> "_Noticed":
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._stream.__anext__()
        except Exception:
            self._ended()
            raise

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> Any:
        return await self._stream.__aexit__(*error)
