"""A complete example for each list of tables: the example file and the manual show them, a test loads them."""

from lived.config.options import Hook, Mcp, Tool, Worker

INTRODUCTIONS = {
    "tools": (
        "A function that the model may call: a program of yours. It gets the arguments as one JSON object on its "
        "standard input and prints the answer, as JSON or as text. Write one [[tools]] for each."
    ),
    "mcp": (
        "A server of tools that speaks the Model Context Protocol: a program (command) or an address (url). "
        "Write one [[mcp]] for each."
    ),
    "hooks": (
        "A program that is run when something happens, to show it: a light, a relay. The event comes as JSON on its "
        "standard input, its fields as LIVED_EVENT_... in the environment. Write one [[hooks]] for each."
    ),
    "workers": (
        "A worker of your own that the daemon runs, watches and restarts like its own. It is not given the key. "
        "Write one [[workers]] for each."
    ),
}

SPECIMENS: dict[str, Tool | Mcp | Hook | Worker] = {
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
    "hooks": Hook(event="floor", match={"floor": "model"}, command=("/usr/local/bin/ring", "speaking")),
    "workers": Worker(name="doorbell", module="doorbell", path="/opt/doorbell", settings={"pin": 17}),
}
"""By name of the list."""
