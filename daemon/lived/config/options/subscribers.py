"""Options: who listens to the conversation: recordings, metrics, hooks, workers of your own."""

from typing import Annotated, Any, Literal

import msgspec

from lived.config.options.field import PATH_CHARACTERS, option

RECORDABLE = ("mic", "voice", "model", "speaker", "stereo")
"""The streams, and the user and the model side by side."""

TAKEN = (
    "camera",
    "capture",
    "frontend",
    "gateway",
    "hooks",
    "lived",
    "metrics",
    "playback",
    "recorder",
    "simulator",
    "supervisor",
    "tools",
    "web",
)
"""Names that a worker of somebody's own cannot have."""

_NAME = r"\A[a-z][a-z0-9_-]{0,31}\Z"
_MODULE = r"\A[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\Z"
_EVENT = r"\A[a-z]+(\.[a-z]+)?\Z"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recording that always runs (extra ``lived[record]``)."""

    directory: Annotated[
        str, option('Folder of the recordings; "" = none are made', max_length=PATH_CHARACTERS, path="path")
    ] = ""
    streams: Annotated[
        tuple[str, ...],
        option(
            'What is recorded, a file each: "mic", "voice", "model", "speaker", or "stereo" '
            "(left what was heard from the user, right what was played)",
            max_length=5,
        ),
    ] = ("stereo",)
    format: Annotated[Literal["opus", "flac", "wav"], option("Kind of file: small, smaller without loss, or plain")] = (
        "flac"
    )
    segment_minutes: Annotated[
        float, option("A new file after so long; 0 = only when it is large", unit="min", ge=0, le=1440)
    ] = 60.0
    segment_mb: Annotated[int, option("A new file at this size", unit="MB", ge=1, le=4000)] = 1000
    keep_days: Annotated[float, option("Older recordings are deleted; 0 = never", unit="d", ge=0, le=3650)] = 30.0
    keep_percent: Annotated[
        int, option("Most of the disk that recordings may take; the oldest go first", unit="%", ge=1, le=95)
    ] = 20
    transcript: Annotated[bool, option("Write beside it what was said (JSON lines and WebVTT)")] = True


class Metrics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures for Prometheus (extra ``lived[metrics]``)."""

    listen: Annotated[
        str,
        option(
            'Where they are served, such as "127.0.0.1:9464"; "" = nowhere',
            pattern=r"\A(\S+:\d{1,5})?\Z",
            max_length=256,
            expected="an address and a port, such as 127.0.0.1:9464",
        ),
    ] = ""

    @property
    def address(self) -> tuple[str, int]:
        """Host, without the brackets of IPv6, and port of ``listen``."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class Hook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that is run when something happens: a light, a relay."""

    event: Annotated[
        str,
        option(
            'Type of the event (docs/protocol.md), such as "floor" or "mic"; "session" = all of "session. ..."',
            pattern=_EVENT,
            max_length=64,
            expected="the type of an event, such as floor",
        ),
    ]
    command: Annotated[
        tuple[str, ...],
        option(
            "Program with its arguments; no shell; the event comes as JSON on its stdin", max_length=64, path="command"
        ),
    ]
    match: Annotated[dict[str, Any], option('Only events with these fields, such as {floor = "model"}')] = {}
    timeout_s: Annotated[float, option("Longest run; then it is killed", unit="s", ge=0.1, le=600)] = 5.0


class Worker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A worker of your own, run by the daemon (examples/custom_worker)."""

    name: Annotated[
        str,
        option(
            "Its name", pattern=_NAME, max_length=32, expected="a-z, 0-9, - and _, beginning with a letter, at most 32"
        ),
    ]
    module: Annotated[
        str,
        option("Python module that is run (python -m)", pattern=_MODULE, max_length=256, expected="a module's name"),
    ]
    path: Annotated[
        str, option("Folder that has the module, when it is not installed", max_length=PATH_CHARACTERS, path="path")
    ] = ""
    settings: Annotated[dict[str, Any], option("Whatever it wants to be told")] = {}
