"""Options: what the model may call, and what it may see."""

from typing import Annotated, Any, Literal

import msgspec

from lived.config.options.field import INSTRUCTION_BYTES, PATH_CHARACTERS, option

BUILTIN = ("set_volume", "mute", "end_conversation")
"""Tools of lived itself."""

_NAME = r"\A[A-Za-z_][A-Za-z0-9_.-]{0,63}\Z"
_Behavior = Literal["", "blocking", "non_blocking"]
_Scheduling = Literal["when_idle", "interrupt", "silent"]


class Tool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that the model may call."""

    name: Annotated[
        str, option("Name of the function", pattern=_NAME, max_length=64, expected="letters, digits, _ . -, at most 64")
    ]
    description: Annotated[
        str, option("What it does, and when the model should call it", max_length=INSTRUCTION_BYTES, lines=True)
    ]
    command: Annotated[
        tuple[str, ...],
        option(
            "Program with its arguments; no shell; arguments of the call come as JSON on its stdin",
            max_length=64,
            path="command",
        ),
    ]
    parameters: Annotated[dict[str, Any], option("JSON Schema of the arguments")] = {}
    behavior: Annotated[
        _Behavior, option('Whether the model waits ("blocking") or goes on talking; "" leaves it to the server')
    ] = ""
    scheduling: Annotated[
        _Scheduling, option("When the model speaks of the answer (non_blocking): when it is idle, at once, never")
    ] = "when_idle"
    timeout_s: Annotated[float, option("Longest run; then it is killed", unit="s", ge=0.1, le=3600)] = 10.0
    memory_mb: Annotated[int, option("Most memory that it may take", unit="MB", ge=8, le=65_536)] = 256
    output_bytes: Annotated[int, option("Longest answer; the rest is cut off", unit="bytes", ge=64, le=1_048_576)] = (
        16_384
    )
    environment: Annotated[
        tuple[str, ...], option("Variables that it gets from the daemon, besides PATH, HOME and LANG", max_length=64)
    ] = ()


class Mcp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server of tools (Model Context Protocol): a program, or an address."""

    name: Annotated[
        str, option("Name of the server", pattern=_NAME, max_length=64, expected="letters, digits, _ . -, at most 64")
    ]
    command: Annotated[
        tuple[str, ...], option("Program with its arguments, spoken to on stdin", max_length=64, path="command")
    ] = ()
    url: Annotated[str, option("Address (streamable HTTP)", max_length=PATH_CHARACTERS)] = ""
    headers_file: Annotated[
        str, option('File with HTTP headers, one "Name: value" a line', max_length=PATH_CHARACTERS, path="path")
    ] = ""
    environment: Annotated[
        tuple[str, ...], option("Variables that it gets from the daemon, besides PATH, HOME and LANG", max_length=64)
    ] = ()
    allow: Annotated[tuple[str, ...], option("Its tools that the model may call; none = all", max_length=256)] = ()
    behavior: Annotated[
        _Behavior, option('Whether the model waits ("blocking") or goes on talking; "" leaves it to the server')
    ] = ""
    scheduling: Annotated[
        _Scheduling, option("When the model speaks of the answer (non_blocking): when it is idle, at once, never")
    ] = "when_idle"
    timeout_s: Annotated[float, option("Longest wait for an answer", unit="s", ge=0.1, le=3600)] = 30.0


class Toolbox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All tools together."""

    builtin: Annotated[
        tuple[str, ...],
        option('Tools of lived itself that it may call: "set_volume", "mute", "end_conversation"', max_length=16),
    ] = ()
    plugins: Annotated[
        tuple[str, ...], option('Python entry points (group lived.tools) that it may call; "*" = all', max_length=64)
    ] = ()
    parallel: Annotated[int, option("Calls that run at the same time; more wait", ge=1, le=64)] = 8
    same_call_s: Annotated[
        float,
        option(
            "A call with the same name and arguments within so long gets the answer of the first",
            unit="s",
            ge=0,
            le=600,
        ),
    ] = 10.0


class Camera(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the model may see."""

    device: Annotated[
        str,
        option(
            'Camera: "/dev/video0", a part of its name, "folder:PATH" (images, one after the other); "" = none',
            max_length=PATH_CHARACTERS,
            path="folder",
        ),
    ] = ""
    when: Annotated[
        Literal["conversation", "speech"],
        option("When images are taken: all through a conversation, or while somebody speaks and shortly after"),
    ] = "speech"
    fps: Annotated[float, option("Images a second; the server takes one at most", ge=0.02, le=1)] = 1.0
    width: Annotated[int, option("Width that larger images are scaled down to", unit="px", ge=64, le=1920)] = 768
    quality: Annotated[int, option("Quality of the JPEG", unit="%", ge=10, le=95)] = 75
