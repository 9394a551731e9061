"""The supervisor's loop. Start and stop stand here as mirror images."""

import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lived.bus import Endpoints, Poller
from lived.clock import monotonic_ns
from lived.config import Config
from lived.errors import ExitCode, WireError
from lived.sdnotify import Notifier
from lived.supervisor.child import Child
from lived.supervisor.controls import Controls
from lived.supervisor.crew import Crew
from lived.supervisor.desk import Desk, RefusalError
from lived.supervisor.guest import Guest
from lived.supervisor.hub import Hub
from lived.supervisor.keyring import Keyring, News
from lived.supervisor.lock import Lock
from lived.supervisor.member import Limits, Member, Spec
from lived.supervisor.memory import Memory
from lived.supervisor.process import Starter
from lived.supervisor.roster import HOLDS_THE_KEY
from lived.supervisor.states import State
from lived.units import SECOND, Ns
from lived.wire import decode_event
from lived.wire.events import AnyEvent, FloorChanged, Health, Heartbeat, Hello, SayTaken, WorkerState
from lived.wire.orders import Introduce, Stop

log = logging.getLogger("lived.supervisor")

TICK_MS = 100
"""How often deaths, delays and ladders are looked at while there are any; news arrive at once."""

QUIET_MS = 250
"""The same while all workers run: then there are only hanging ones to find, and a watchdog to tell."""

ASLEEP = Ns(2 * SECOND)
"""A turn of the loop that took so long was no turn: the machine slept or the supervisor was stopped."""


@dataclass(frozen=True)
class Surroundings:
    """What the supervisor is given by its program: everything that is not configuration."""

    runtime_dir: Path
    state_dir: Path
    starter: Starter | None
    """Where worker processes come from; None: each is a unit of its own."""
    keys: Keyring
    """What the gateway is given."""
    reread: Callable[[], Config]
    """Reads the configuration again. Raises ConfigError, InputError."""

    def __repr__(self) -> str:
        return f"Surroundings({self.runtime_dir})"


class Supervisor:
    """Runs workers, forwards the buses, answers the door, keeps the floor, speaks to systemd."""

    def __init__(self, config: Config, around: Surroundings, specs: tuple[Spec, ...], notifier: Notifier) -> None:
        """Make the sockets; nothing runs yet.

        Raises:
            RuntimeDirError: another daemon is alive, or a socket cannot be made.
        """
        endpoints = Endpoints(around.runtime_dir)
        endpoints.make()
        self._lock = Lock(around.runtime_dir)
        self._hub = Hub(endpoints, config.daemon.door_group)
        self._around = around
        self._notifier = notifier
        self._poller = Poller()
        self._controls = Controls(config, around.reread, around.keys, self._hub, Memory(around.state_dir), notifier)
        limits = Limits.of(config.daemon.start_s, config.daemon.hang_s, config.daemon.stop_s)
        starter = around.starter
        members = (Child(spec, starter.start, limits) if starter else Guest(spec, limits) for spec in specs)
        self._crew = Crew(members, self._launch, self._poller)
        self._controls.crew = self._crew
        self._picture = self._controls.picture
        self._desk = Desk(self._hub.door, self._controls, self._end)
        self._stopping = False
        self._was_ready = False
        self._health: Health | None = None
        self._last_turn = monotonic_ns()
        self._exit_code = ExitCode.DONE

    def run(self) -> int:
        """Run until told to stop; returns the exit code."""
        signals = self._catch_signals()
        self._hub.register(self._poller)
        self._poller.add(self._hub.door, self._desk.serve)
        self._poller.add(self._hub.heard, self._listen)
        self._poller.add(signals, lambda: self._handle_signals(signals))
        for member in self._crew:
            member.on_change = self._tell
            self._crew.start(member, monotonic_ns())

        while not (self._stopping and self._crew.ended()):
            self._poller.wait(QUIET_MS if self._crew.running() else TICK_MS)
            self._turn(monotonic_ns())

        self._hub.close()
        self._lock.release()
        log.info("ended")
        return self._exit_code

    def shutdown(self, why: str = "stopping") -> None:
        """End the daemon; asked a second time, at once. ``why`` is what systemd shows meanwhile and afterwards."""
        if self._stopping:
            self._crew.kill()
            return
        self._stopping = True
        log.info("stopping")
        self._notifier.send("STOPPING=1", f"STATUS={why}")
        self._crew.stop(monotonic_ns())

    def _end(self) -> None:
        """Asked for at the door."""
        if self._around.starter is None:
            raise RefusalError("refused", "The workers are units of their own: 'systemctl stop lived.target' ends all.")
        self.shutdown()

    def _launch(self, worker: str) -> bytes:
        secret = self._around.keys.secret if worker in HOLDS_THE_KEY else ""
        return self._controls.launch(worker, secret, self._around.runtime_dir, self._around.state_dir)

    # -- one turn of the loop ------------------------------------------------------------------

    def _turn(self, now: Ns) -> None:
        if now - self._last_turn > ASLEEP:
            log.warning("the supervisor slept for %.1f s", (now - self._last_turn) / SECOND)
            for member in self._crew:
                member.excuse(now)
        self._last_turn = now
        self._crew.tick(now, lambda name: self._hub.order(name, Stop()))
        self._controls.tick(now)
        self._judge()
        self._await_key(now)
        if not self._stopping:
            self._report(now)

    def _judge(self) -> None:
        """A worker that must not be restarted ends a daemon that never worked; later it only degrades it."""
        code = self._crew.verdict()
        if code is not None and not self._was_ready and not self._stopping:
            self._exit_code = ExitCode(code)
            self.shutdown(self._picture.state(self._crew)[1])

    def _await_key(self, now: Ns) -> None:
        """While a person is needed: what he gives is taken at once."""
        keys = self._around.keys
        if self._stopping or not (keys.missing or self._picture.session.state == "failed"):
            return
        news = keys.look_again(self._controls.config, now)
        if news is News.SECRET or (news is News.COPY and self._around.starter is None):
            log.info("there is another API key: the gateway is restarted with it")
            self._controls.restart("gateway")
        elif news is News.COPY:
            self._exit_code = ExitCode.TEMPORARY
            self.shutdown("There is another API key, and systemd hands it over at a start: starting anew.")

    def _report(self, now: Ns) -> None:
        state, text = self._picture.state(self._crew)
        self._notifier.status(text)
        health = Health(state=state, text=text if state in ("starting", "degraded") else "")
        if health != self._health:
            self._health = health
            self._hub.publish(health)
        if not self._was_ready and self._is_up(state, now):
            self._was_ready = True
            log.info("ready: %s", text)
            self._notifier.send("READY=1")
        watchdog = self._notifier.watchdog
        if watchdog and self._all_progress(now, watchdog):
            self._notifier.beat(now)

    def _is_up(self, state: str, now: Ns) -> bool:
        """Sound flows, or none is wanted. A device that waits for its card is up too once the patience for a start
        is over: systemd must not kill what is waiting for somebody to plug it in. Without children at once: their units
        wait for this one."""
        if self._around.starter is None:
            return True
        patience = Ns(int(self._controls.config.daemon.start_s * SECOND))
        flows = all(child.ready for child in self._crew.essential if child.name != "gateway")
        running = all(child.state is State.RUNNING for child in self._crew.essential)
        return running and (flows or state == "off" or now - self._picture.began > patience)

    def _all_progress(self, now: Ns, watchdog: Ns) -> bool:
        """Whether every essential worker got on, or is at worst in the middle of being replaced for not doing so.
        What is beyond that is beyond the supervisor: a process that cannot be killed."""
        daemon = self._controls.config.daemon
        patience = max(daemon.hang_s, daemon.start_s) + 2 * daemon.stop_s
        limit = Ns(int(patience * SECOND) + watchdog // 3)
        return all(child.progressing(now, limit) for child in self._crew.essential)

    # -- what workers say ----------------------------------------------------------------------

    def _listen(self) -> None:
        now = monotonic_ns()
        for frames in self._hub.heard.drain():
            if frames[0].startswith((b"order/", b"hello/")):
                continue
            try:
                event = decode_event(frames)
            except WireError as error:
                log.warning("on the event bus: %s", error)
                continue
            self._take(event, now)

    def _take(self, event: AnyEvent, now: Ns) -> None:
        if self._crew.take(event, now) and isinstance(event, Hello | Heartbeat):
            self._controls.repeat_wanted_state(event.worker)
        elif isinstance(event, Heartbeat) and self._crew.is_stranger(event.worker):
            self._hub.order(event.worker, Introduce())
        if isinstance(event, SayTaken):
            self._controls.said(event.number)
        if self._picture.take(event):
            floor = self._picture.floor
            self._hub.publish(FloorChanged(floor=floor.floor.value, turn=floor.turn))

    def _tell(self, member: Member) -> None:
        if member.state in (State.BACKOFF, State.FATAL):
            log.warning("%s: %s", member.name, member.text)
        self._hub.publish(WorkerState(worker=member.name, state=member.state.value, text=member.text))

    # -- signals -------------------------------------------------------------------------------

    def _catch_signals(self) -> int:
        """Signals become bytes on a pipe, handled in the loop."""
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        return reader

    def _handle_signals(self, reader: int) -> None:
        for number in os.read(reader, 64):
            if number == signal.SIGHUP:
                try:
                    self._controls.reload()
                except RefusalError as refusal:
                    log.error("%s", refusal)
            elif number in (signal.SIGTERM, signal.SIGINT):
                self.shutdown()
