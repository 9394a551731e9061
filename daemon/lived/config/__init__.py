"""The configuration: one valid, frozen ``Config`` out of files, environment and command line.

options.py has every option, once. Workers get a ``Config`` as JSON and need no other name from here.
"""

from lived.config.files import find
from lived.config.load import load, load_with_sources
from lived.config.options import Audio, Config, Conversation, Daemon, Live, Simulator, Vad
from lived.config.schema import changed
from lived.config.sources import Source

__all__ = [
    "Audio",
    "Config",
    "Conversation",
    "Daemon",
    "Live",
    "Simulator",
    "Source",
    "Vad",
    "changed",
    "find",
    "load",
    "load_with_sources",
]
