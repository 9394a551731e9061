"""The gateway as a process, between a bus and the stand-in for the Live API."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import msgspec

from fakes.bus import BusFixture
from fakes.microphone import Microphone
from fakes.relay import Relay
from fakes.simulator import Simulator, environment
from lived.config import Config
from lived.config.options import Toolbox
from lived.wire.events import SessionState, TurnComplete

SECRET = "AIza-a-key-that-nobody-may-see"  # noqa: S105 - nobody's


class Talk:
    """A gateway that talks to a simulator through a relay."""

    def __init__(self, bus: BusFixture, simulator: Simulator, relay: Relay, stack: ExitStack) -> None:
        self.bus, self.simulator, self.relay = bus, simulator, relay
        self.stack = stack
        """For what begins later and has to end first."""
        self.config = Config(toolbox=Toolbox(builtin=()))  # nobody runs tools here: nothing to wait for
        self.configure(base_url=f"https://127.0.0.1:{relay.port}", ca_file=str(simulator.ca_file))

    def configure(self, **live: object) -> None:
        """Change options under live."""
        self.config = msgspec.structs.replace(self.config, live=msgspec.structs.replace(self.config.live, **live))

    def start(self, **launch: object) -> subprocess.Popen[bytes]:
        """Start the gateway, as the supervisor would."""
        fields = {"secret": SECRET} | launch
        return self.bus.start_worker(
            "lived_workers.gateway", self.bus.launch("gateway", self.config, **fields), environment()
        )

    def open(self, **launch: object) -> subprocess.Popen[bytes]:
        """Start it, and wait until the session is open."""
        before = len(self.states("open"))
        worker = self.start(**launch)
        self.await_open(before + 1)
        return worker

    def await_open(self, connection: int) -> SessionState:
        """The session has been opened so often, counted over all processes."""
        self.bus.wait_for(lambda: len(self.states("open")) >= connection, f"opening {connection} of the session")
        return self.states("open")[connection - 1]

    def states(self, state: str) -> list[SessionState]:
        """What the session's state was told to be."""
        return [e for e in list(self.bus.events) if isinstance(e, SessionState) and e.state == state]


Talking = Callable[..., AbstractContextManager[Talk]]


def talking_in(folder: Path) -> Talking:
    """Makes ``with talking(scenario, *options) as talk``: everything but the gateway runs."""

    @contextmanager
    def make(scenario: str = "", *options: str) -> Iterator[Talk]:
        with ExitStack() as stack:
            simulator = stack.enter_context(Simulator(folder / "simulator", scenario, *options))
            relay = stack.enter_context(Relay(simulator.port))
            bus = stack.enter_context(BusFixture())
            yield Talk(bus, simulator, relay, stack)

    return make


def sound_of(talk: Talk, turn: int) -> bytes:
    """Everything published of one turn."""
    return b"".join(c.pcm for c in list(talk.bus.chunks) if c.stream == "model" and c.turn == turn)


def await_sound(talk: Talk, turn: int, frames: int) -> None:
    """So much of the turn has been published."""
    talk.bus.wait_for(lambda: len(sound_of(talk, turn)) >= frames * 2, f"{frames} frames of turn {turn}")


def await_complete(talk: Talk, turn: int, timeout: float = 20.0) -> TurnComplete:
    """The end of a turn."""
    complete = talk.bus.wait_event(TurnComplete, timeout, turn=turn)
    assert isinstance(complete, TurnComplete)
    return complete


@contextmanager
def speaking(talk: Talk) -> Iterator[Microphone]:
    """A user who is silent until told otherwise."""
    with Microphone(talk.bus) as microphone:
        microphone.numbered = False
        yield microphone


def speak(microphone: Microphone, seconds: float) -> None:
    """Say something, and stop."""
    microphone.numbered = True
    time.sleep(seconds)
    microphone.numbered = False


def ends(talk: Talk) -> list[TurnComplete]:
    """All turns that ended."""
    return [e for e in talk.bus.heard(TurnComplete) if isinstance(e, TurnComplete)]
