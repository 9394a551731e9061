"""One program taken over one course, recorded from outside."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bench.course import Course
from bench.figures import Samples
from bench.subjects import Lived, Server, Subject
from bench.tape import Tape
from fakes.relay import Relay
from fakes.simulator import Simulator
from fakes.soundcard import MIC, MONITOR, VirtualSoundcard
from lived.cli.demo.lateness import Lateness

SETTLE_S = 2.0
"""From the first sound that reaches the stand-in to the beginning of the course: imports and caches are over."""


BEHIND = 10
"""Nice."""

AFTERWARDS_S = 2.0
"""From the end of the user's sound to the end of the recording: what was kept back has left by then."""


@dataclass
class Record:
    """Everything that was seen of one program on one course. Times: CLOCK_MONOTONIC ns."""

    name: str
    mic: Tape
    speaker: Tape
    entries: list[dict[str, Any]] = field(default_factory=list)
    heard: Samples | None = None
    spoken: Samples | None = None
    cpu: dict[str, dict[str, float]] = field(default_factory=dict)
    """For each window: percent of one core of each process."""
    memory: dict[str, float] = field(default_factory=dict)
    """MB (10^6 bytes) of each process."""
    notes: dict[str, Any] = field(default_factory=dict)
    lateness_ms: float = 0.0
    """p99 of how late the machine woke an idle timer meanwhile."""


Kind = Callable[[Server, Path, Mapping[str, str]], Subject]
"""Starts a program under test."""


@dataclass(frozen=True)
class Trouble:
    """What is made difficult during a course."""

    hogs: int = 0
    """Processes that do nothing but burn a core each."""
    away: tuple[float, float] | None = None
    """The network is gone from this second of the course to that: connections are reset, new ones refused."""


def take(kind: Kind, course: Course, card: VirtualSoundcard, folder: Path, trouble: Trouble = Trouble()) -> Record:
    """Run the course."""
    folder.mkdir(parents=True)
    with (
        Simulator(folder / "stand-in", course.scenario) as stand_in,
        Relay(stand_in.port) as relay,
    ):
        port = relay.port if trouble.away else stand_in.port
        server = Server(f"https://127.0.0.1:{port}", str(stand_in.ca_file))
        subject = kind(server, folder, card.environ)
        try:
            stand_in.wait_for("audio", timeout=20)
            # a real server is another machine: this one must not push the program off the processor while it sends
            os.setpriority(os.PRIO_PROCESS, stand_in.process.pid, BEHIND)
            if isinstance(subject, Lived):
                subject.attend()
            time.sleep(SETTLE_S)
            with Tape(MIC, 16_000) as mic, Tape(MONITOR, 24_000) as speaker, _busy(trouble.hogs):
                record = Record(subject.name, mic, speaker)
                with _away(relay, trouble.away), Lateness() as lateness:
                    _drive(subject, course, card, folder, record)
                record.lateness_ms = lateness.p99_ms
        finally:
            notes = subject.end()
        record.notes, record.entries = notes, stand_in.journal()
        record.heard = np.frombuffer(stand_in.heard(), dtype=np.int16)
        record.spoken = np.frombuffer(stand_in.spoken(), dtype=np.int16)
    return record


def _drive(subject: Subject, course: Course, card: VirtualSoundcard, folder: Path, record: Record) -> None:
    began = time.monotonic()
    card.play(course.write(folder / "user.wav"), wait=False)
    for window, (start_s, end_s) in (("listening", course.listening), ("talking", course.talking)):
        if end_s <= start_s:
            continue
        _until(began + start_s)
        before, at = subject.cpu_s(), time.monotonic()
        _until(began + end_s)
        after, seconds = subject.cpu_s(), time.monotonic() - at
        record.cpu[window] = {part: 100 * (after[part] - before[part]) / seconds for part in before}
    record.memory = subject.memory()
    _until(began + course.seconds + AFTERWARDS_S)


def _until(when: float) -> None:
    time.sleep(max(0.0, when - time.monotonic()))


@contextmanager
def _away(relay: Relay, when: tuple[float, float] | None) -> Iterator[None]:
    if when is None:
        yield
        return

    def leave() -> None:
        relay.refuse()
        relay.reset()

    timers = [threading.Timer(when[0], leave), threading.Timer(when[1], relay.accept)]
    for timer in timers:
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.join()


@contextmanager
def _busy(hogs: int) -> Iterator[None]:
    burning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(hogs)]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


def cold_start_ms(kind: Kind, card: VirtualSoundcard, folder: Path) -> float:
    """From the exec of the program to the first frame that it captured."""
    folder.mkdir(parents=True)
    with Simulator(folder / "stand-in") as stand_in:
        subject = kind(Server(stand_in.base_url, str(stand_in.ca_file)), folder, card.environ)
        try:
            stand_in.wait_for("audio", timeout=20)
            return (subject.first_frame_ns() - subject.exec_ns) / 1e6
        finally:
            subject.end()
