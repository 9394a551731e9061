"""Puts a simulator together and runs it, for the command line and for the worker alike."""

import os
import uuid
from asyncio import Event
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import msgspec

from lived_workers.simulator.control import Control, control_socket, make_way
from lived_workers.simulator.faults import ScenarioError, nearest
from lived_workers.simulator.journal import Journal
from lived_workers.simulator.profiles import PROFILES, Profile, profile_of
from lived_workers.simulator.resumption import Sessions
from lived_workers.simulator.scenario import Scenario, handle_lifetime, load_scenario
from lived_workers.simulator.script import Script
from lived_workers.simulator.server import Host, certificate, listen
from lived_workers.simulator.settings import Settings
from lived_workers.simulator.speech import Recordings, Speech

READY_FILE: Final = "simulator.json"


class Ready(msgspec.Struct, frozen=True):
    """Where everything is, once it is there; DIR/simulator.json holds the same."""

    port: int
    plain_port: int | None
    ca_file: str
    control: str
    journal: str
    heard: str
    spoken: str
    pid: int


def _write_ready(directory: Path, ready: Ready) -> None:
    """At once or not at all: who waits for the file must never read half of it."""
    draft = directory / f".{READY_FILE}.{os.getpid()}"
    draft.write_bytes(msgspec.json.encode(ready) + b"\n")
    draft.replace(directory / READY_FILE)


def _profile(settings: Settings, scenario: Scenario) -> Profile:
    model = scenario.model or settings.model
    profile = profile_of(model)
    if profile is None:
        raise ScenarioError(f"unknown model `{model}`{nearest(model, (p.prefix for p in PROFILES))}")
    return profile


def _ready(port: int, plain_port: int | None, ca_file: Path, control: Path, journal: Journal) -> Ready:
    return Ready(
        port=port,
        plain_port=plain_port,
        ca_file=str(ca_file),
        control=str(control),
        journal=str(journal.path),
        heard=str(journal.heard_path),
        spoken=str(journal.spoken_path),
        pid=os.getpid(),
    )


def _new_handle() -> str:
    return str(uuid.uuid4())


async def serve(settings: Settings, ready: Callable[[Ready], None]) -> None:
    """Run until cancelled; calls `ready` once, when clients can connect.

    Raises ScenarioError for a scenario or model that makes no sense, OSError for a port, a socket or a file that
    cannot be had.
    """
    recordings = Recordings()
    scenario = load_scenario(settings.scenario, recordings.names) if settings.scenario else Scenario()
    profile = _profile(settings, scenario)
    script = Script(scenario, settings.mode, recordings.answers)
    speech = Speech(recordings, script)
    directory = settings.dir
    control = directory / "control.sock"
    make_way(control)  # before anything else is touched: the files of a running simulator are not ours
    (directory / READY_FILE).unlink(missing_ok=True)
    async with AsyncExitStack() as stack:
        journal = stack.enter_context(Journal(directory))
        sessions = Sessions(scenario.old_socket, _new_handle, handle_lifetime(scenario))
        host = Host(script, sessions, speech, journal, profile, settings.key)
        await speech.prepare(scenario.reply)
        await stack.enter_async_context(control_socket(Control(host, script, journal, recordings.names), control))
        context, ca_file = certificate(directory)
        port = await stack.enter_async_context(listen(host, settings.host, settings.port, context))
        plain_port = None
        if settings.plain_port is not None:
            plain_port = await stack.enter_async_context(listen(host, settings.host, settings.plain_port, None))
        told = _ready(port, plain_port, ca_file, control, journal)
        stack.callback((directory / READY_FILE).unlink, missing_ok=True)
        _write_ready(directory, told)
        ready(told)
        await Event().wait()
