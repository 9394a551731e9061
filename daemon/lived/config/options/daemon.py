"""Options: the daemon itself, and the stand-in for the Live API."""

from typing import Annotated, Literal

import msgspec

from lived.config.options.field import PATH_CHARACTERS, option


class Daemon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The supervisor and its workers."""

    runtime_dir: Annotated[
        str,
        option(
            'Folder of the sockets; "" takes the usual one (docs/configuration.md, Folders)',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
    state_dir: Annotated[
        str,
        option(
            'Folder of what outlives a restart; "" takes the usual one (docs/configuration.md, Folders)',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], option("Least important message shown")] = "info"
    door_group: Annotated[
        str,
        option(
            'Group that may control the daemon; "" for nobody but its own user',
            pattern=r"\A([A-Za-z_][A-Za-z0-9_.-]*)?\Z",
            max_length=32,
            expected="the name of a group",
        ),
    ] = "lived"
    hang_s: Annotated[
        float, option("A worker without progress for so long is hung and replaced", unit="s", ge=0.5, le=600)
    ] = 10.0
    start_s: Annotated[float, option("A worker has so long to become ready", unit="s", ge=0.5, le=600)] = 20.0
    stop_s: Annotated[
        float, option("Patience at each step of stopping a worker: ask, dump, kill", unit="s", ge=0.1, le=60)
    ] = 3.0
    realtime: Annotated[bool, option("Ask for real-time priority for the sound thread")] = True


class Simulator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stand-in for the Live API: demo and tests, no key needed."""

    enabled: Annotated[bool, option("Run the stand-in, and talk to it instead of Google")] = False
    port: Annotated[int, option("Local port; 0 takes a free one", ge=0, le=65_535)] = 0
    scenario: Annotated[
        str, option("File that scripts replies and faults (TOML)", max_length=PATH_CHARACTERS, path="path")
    ] = ""
    mode: Annotated[
        Literal["speech", "parrot", "marks"],
        option('What it answers: "speech", what it heard ("parrot"), numbered samples ("marks")'),
    ] = "speech"
    dir: Annotated[
        str,
        option(
            'Folder of its journal and certificate; "" takes simulator in runtime_dir',
            max_length=PATH_CHARACTERS,
            path="path",
        ),
    ] = ""
