"""MCP servers that really run: as a program, and behind an address."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from fakes.daemon import wait_until
from lived.config.options import Mcp
from lived_workers.tools import mcp_server
from lived_workers.tools.mcp_server import McpServer
from lived_workers.tools.tool import ToolError
from tools.programs import run, surroundings

pytestmark = pytest.mark.processes

HOME = str(Path(__file__).with_name("mcp_home.py"))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a minute."""
    monkeypatch.setattr(mcp_server, "DELAYS_S", (0.05,))
    monkeypatch.setattr(mcp_server, "LOOK_S", 1.0)


def stdio(*more: str, **options: Any) -> Mcp:
    """The server as a program."""
    return Mcp(**({"name": "home", "command": (sys.executable, HOME, "stdio", *more)} | options))


@asynccontextmanager
async def connected(configured: Mcp, folder: Path) -> AsyncIterator[McpServer]:
    """Its life, as the worker would have it."""
    server = McpServer(configured, surroundings(folder), lambda: None)
    life = asyncio.create_task(server.run())
    try:
        async with asyncio.timeout(20):
            await server.answered()
        yield server
    finally:
        life.cancel()
        await asyncio.wait([life])


async def until(condition: Callable[[], object]) -> None:
    """Wait for it, without holding up the loop."""
    await asyncio.to_thread(wait_until, lambda: bool(condition()), 20)


async def ask(server: McpServer, name: str, **args: Any) -> Any:
    """Call one of its tools."""
    tool = next(tool for tool in server.tools if tool.name == name)
    return (await run(tool, args))[1]


def names(server: McpServer) -> set[str]:
    """What it has."""
    return {tool.name for tool in server.tools}


def test_tools_of_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listed with their schemas, called, their failures told; its environment is a short list."""
    monkeypatch.setenv("TOWN", "Berlin")
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaNeverToBeSeen")
    monkeypatch.setenv("OTHER", "x")

    async def look() -> None:
        async with connected(stdio(environment=("TOWN",), behavior="blocking"), tmp_path) as server:
            assert server.trouble == ""
            add = next(tool for tool in server.tools if tool.name == "add")
            assert add.function.description == "Add two numbers."
            assert set(add.function.parameters["properties"]) == {"a", "b"}
            assert (add.function.behavior, add.origin, add.timeout_s) == ("blocking", "home", 30)
            assert await ask(server, "add", a=2, b=3) == {"result": 5}
            with pytest.raises(ToolError, match="the fuse has blown"):
                await ask(server, "broken")
            environ = (await ask(server, "environment"))["result"]
            assert environ["TOWN"] == "Berlin"
            assert not {"GEMINI_API_KEY", "OTHER"} & set(environ)

    asyncio.run(look())


def test_only_what_is_allowed_is_offered(tmp_path: Path) -> None:
    """A server may have tools that a kiosk's guests should not have."""

    async def look() -> None:
        async with connected(stdio(allow=("add", "nothing")), tmp_path) as server:
            assert names(server) == {"add"}

    asyncio.run(look())


def test_a_change_of_its_tools_is_noticed(tmp_path: Path) -> None:
    """It tells, or is asked now and then."""

    async def look() -> None:
        async with connected(stdio(), tmp_path) as server:
            assert await ask(server, "grow", more="lamp") == {"result": "grown"}
            await until(lambda: "lamp" in names(server))
            assert await ask(server, "lamp") == {"result": "lamp"}

    asyncio.run(look())


def test_a_server_that_crashes_is_started_again(tmp_path: Path) -> None:
    """The call that it crashed in is answered with an error, and the next one with an answer."""

    async def look() -> None:
        async with connected(stdio(), tmp_path) as server:
            with pytest.raises(ToolError, match="crash failed"):
                await ask(server, "crash")

            async def works() -> None:
                while True:
                    try:
                        assert await ask(server, "add", a=1, b=1) == {"result": 2}
                        return
                    except ToolError:
                        await asyncio.sleep(0.02)

            async with asyncio.timeout(20):
                await works()
            assert server.trouble == ""

    asyncio.run(look())


def test_a_cancelled_call_is_cancelled_there_too(tmp_path: Path) -> None:
    """Nobody waits: the server is told."""

    async def look() -> None:
        async with connected(stdio(), tmp_path) as server:
            marker = tmp_path / "cancelled"
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await ask(server, "forever", marker=str(marker))
            await until(marker.exists)
            assert await ask(server, "add", a=1, b=2) == {"result": 3}

    asyncio.run(look())


@pytest.mark.parametrize(
    ("configured", "words"),
    [
        (Mcp(name="home", command=("/no/such/program",)), "No such file or directory"),
        (Mcp(name="home", command=(sys.executable, "-c", "raise SystemExit(3)")), "home"),
        (Mcp(name="home", url="http://127.0.0.1:9/mcp"), "home"),
        (Mcp(name="home", url="http://127.0.0.1:9/mcp", headers_file="/no/such/file"), "does not exist"),
    ],
)
def test_a_server_that_is_not_there_is_said(tmp_path: Path, configured: Mcp, words: str) -> None:
    """In one line for status; nothing is offered, and it goes on trying."""

    async def look() -> None:
        async with connected(configured, tmp_path) as server:
            assert server.tools == ()
            assert server.trouble.startswith("MCP server home cannot be reached (")
            assert words in server.trouble

    asyncio.run(look())


def free_port() -> int:
    """One that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(port: int, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The server behind an address."""
    process = subprocess.Popen([sys.executable, HOME, str(port), *more], stderr=subprocess.DEVNULL, env=os.environ)

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(listens, 20)
        yield process
    finally:
        process.kill()
        process.wait()


def test_tools_behind_an_address(tmp_path: Path) -> None:
    """Streamable HTTP, with headers of our own; a server that was restarted with other tools is found again."""
    port = free_port()
    (tmp_path / "headers").write_text("Authorization: Bearer of-good-news\n")
    (tmp_path / "more").write_text("curtain\n")
    configured = Mcp(name="home", url=f"http://127.0.0.1:{port}/mcp", headers_file=str(tmp_path / "headers"))

    async def look() -> None:
        with serving(port):
            server_life = connected(configured, tmp_path)
            server = await server_life.__aenter__()
            assert await ask(server, "add", a=2, b=3) == {"result": 5}
        try:
            await until(lambda: server.trouble)
            assert "add" in names(server)  # it will be back; a call says why it cannot be used now
            with pytest.raises(ToolError, match="add cannot be used now"):
                await ask(server, "add", a=2, b=3)
            with serving(port, str(tmp_path / "more")):
                await until(lambda: "curtain" in names(server))
                assert await ask(server, "curtain") == {"result": "curtain"}
        finally:
            await server_life.__aexit__(None, None, None)

    asyncio.run(look())


def test_headers_arrive(tmp_path: Path) -> None:
    """Those of the file, on each request."""
    (tmp_path / "headers").write_text("Authorization: Bearer of-good-news\n")
    seen: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def look() -> None:
        relay = await asyncio.start_server(listen, "127.0.0.1", 0)
        port = relay.sockets[0].getsockname()[1]
        configured = Mcp(name="home", url=f"http://127.0.0.1:{port}/mcp", headers_file=str(tmp_path / "headers"))
        async with relay, connected(configured, tmp_path) as server:
            assert "cannot be reached" in server.trouble
            assert "of-good-news" not in server.trouble

    asyncio.run(look())
    assert b"authorization: bearer of-good-news" in seen[0].lower()
