"""An MCP server: ``python mcp_home.py stdio|PORT [FILE]``. Each line of FILE is the name of one more tool."""

import asyncio
import os
import sys
from pathlib import Path

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("home")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def broken() -> str:
    """Always fails."""
    raise ToolError("the fuse has blown")


@server.tool()
def environment() -> dict[str, str]:
    """What it was started with."""
    return dict(os.environ)


@server.tool()
def crash() -> str:
    """Ends the server."""
    os._exit(3)


@server.tool()
async def forever(marker: str) -> str:
    """Never answers; says when it is cancelled."""
    try:
        await asyncio.sleep(600)
    finally:
        Path(marker).touch()  # noqa: ASYNC240
    return ""


@server.tool()
async def grow(more: str, context: Context) -> str:
    """Get one more tool, and tell."""
    server.add_tool(lambda: more, name=more, description="New.")
    await context.session.send_tool_list_changed()
    return "grown"


def main() -> None:
    """Serve."""
    how, *files = sys.argv[1:]
    for name in Path(files[0]).read_text().split() if files else ():
        server.add_tool(lambda name=name: name, name=name, description="From the file.")
    if how == "stdio":
        server.run()
    else:
        server.run("streamable-http", host="127.0.0.1", port=int(how))


if __name__ == "__main__":
    main()
