"""A complete example for each list of tables: the example file and the manual show them, a test loads them."""

from lived.config.options import Mcp, Tool

INTRODUCTIONS = {
    "tools": (
        "A function that the model may call: a program of yours. It gets the arguments as one JSON object on its "
        "standard input and prints the answer, as JSON or as text. Write one [[tools]] for each."
    ),
    "mcp": (
        "A server of tools that speaks the Model Context Protocol: a program (command) or an address (url). "
        "Write one [[mcp]] for each."
    ),
}

SPECIMENS: dict[str, Tool | Mcp] = {
    "tools": Tool(
        name="get_weather",
        description="The weather of a town, now. Call it whenever the user asks about the weather.",
        command=("/usr/local/bin/weather", "--json"),
        parameters={
            "type": "object",
            "properties": {"town": {"type": "string", "description": "Name of the town"}},
            "required": ["town"],
        },
    ),
    "mcp": Mcp(name="home", command=("/usr/local/bin/home-mcp", "--read-only")),
}
"""By name of the list."""
