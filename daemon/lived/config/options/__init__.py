"""Every option of lived, each written once: type, range, default, unit and help stand in one place.

lived.example.toml, docs/configuration.md, ``livectl config show`` and the sentences about wrong values are all
made from these fields. The structs are frozen and survive ``msgspec.json``: workers get the configuration whole
and never read a file. Nothing here reads a file, the environment or a clock.
"""

from lived.config.options.audio import Audio
from lived.config.options.config import Config
from lived.config.options.conversation import Conversation, Price, Usage
from lived.config.options.daemon import Daemon, Simulator
from lived.config.options.field import INSTRUCTION_BYTES, NAME_CHARACTERS, PATH_CHARACTERS
from lived.config.options.frontend import Bargein, Frontend, Speech, Uplink, Wake
from lived.config.options.live import Live
from lived.config.options.subscribers import Hook, Metrics, Record, Worker
from lived.config.options.tools import Camera, Mcp, Tool, Toolbox
from lived.config.options.turns import Generation, Safety, Vad

__all__ = [
    "INSTRUCTION_BYTES",
    "NAME_CHARACTERS",
    "PATH_CHARACTERS",
    "Audio",
    "Bargein",
    "Camera",
    "Config",
    "Conversation",
    "Daemon",
    "Frontend",
    "Generation",
    "Hook",
    "Live",
    "Mcp",
    "Metrics",
    "Price",
    "Record",
    "Safety",
    "Simulator",
    "Speech",
    "Tool",
    "Toolbox",
    "Uplink",
    "Usage",
    "Vad",
    "Wake",
    "Worker",
]
