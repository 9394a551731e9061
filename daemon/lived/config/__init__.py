"""The configuration: one valid, frozen ``Config`` out of files, environment and command line.

options/ has every option, once. Workers are handed a ``Config`` and need nothing else from here; what reads files
(load.py) is imported by name, so that a sound process does not pay a megabyte for it.
"""

from lived.config.options import (
    Audio,
    Camera,
    Config,
    Conversation,
    Daemon,
    Generation,
    Hook,
    Live,
    Mcp,
    Metrics,
    Price,
    Record,
    Safety,
    Simulator,
    Tool,
    Toolbox,
    Usage,
    Vad,
    Worker,
)

__all__ = [
    "Audio",
    "Camera",
    "Config",
    "Conversation",
    "Daemon",
    "Generation",
    "Hook",
    "Live",
    "Mcp",
    "Metrics",
    "Price",
    "Record",
    "Safety",
    "Simulator",
    "Tool",
    "Toolbox",
    "Usage",
    "Vad",
    "Worker",
]
