"""Room for everybody who attaches: open files."""

import resource

CONNECTIONS = 65_536
"""ZeroMQ ends a process that cannot accept one more connection. A program has 1,024 files at the most unless somebody
raised that, so this is what many of them can open at once; what is not open costs nothing."""


def make() -> None:
    """Let this process have as many files open as it may, up to ``CONNECTIONS``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = CONNECTIONS if hard == resource.RLIM_INFINITY else min(CONNECTIONS, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
