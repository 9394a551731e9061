"""livectl: the command line. The only importer of click.

Each command has a file in ``commands``: its options, its request to the daemon, and what a person or a script
reads. Commands are imported when they are called, so that ``livectl status`` pays for nothing else.
"""

from lived.cli.app import main

__all__ = ["main"]
