"""The environment of a program that the configuration names: a short list, never a secret of the daemon. Pure."""

from collections.abc import Iterable, Mapping

from lived.credentials import NOT_FOR_WORKERS

ALWAYS = ("PATH", "HOME", "LANG")


def environment(environ: Mapping[str, str], named: Iterable[str] = ()) -> dict[str, str]:
    """The part of ``environ`` that a program gets: ``ALWAYS`` and ``named``, where they are set."""
    wanted = dict.fromkeys((*ALWAYS, *named))
    return {name: environ[name] for name in wanted if name in environ and name not in NOT_FOR_WORKERS}
