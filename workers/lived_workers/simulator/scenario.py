"""The scenario file (TOML) as types: what is answered, at what pace, and what goes wrong."""

import tomllib
from enum import StrEnum
from pathlib import Path

import msgspec

from lived_workers.simulator.faults import REPLY_FAULTS, Fault, ScenarioError, check_fault, nearest
from lived_workers.simulator.profiles import PROFILES, profile_of
from lived_workers.simulator.vad import VadSettings


class TurnComplete(StrEnum):
    """When turnComplete is sent: normal is first audio + duration."""

    NORMAL = "normal"
    EARLY = "early"
    """As soon as the last sound is sent, most of it unplayed."""
    LATE = "late"
    NEVER = "never"


class GenerationComplete(StrEnum):
    """Whether generationComplete is sent."""

    NORMAL = "normal"
    MISSING = "missing"


class Interrupted(StrEnum):
    """What a barge-in leads to."""

    NORMAL = "normal"
    AFTER_GENERATION = "after_generation"
    """All sound and generationComplete first, then interrupted."""
    NEVER = "never"
    DOUBLE = "double"
    LATE_AUDIO = "late_audio"
    """Sound of the cut turn after interrupted, which the real server was never seen to do."""
    NO_TURN_COMPLETE = "no_turn_complete"


class OldSocket(StrEnum):
    """What resuming does while the session's old connection is still open here."""

    REFUSE = "refuse"
    REPLACE = "replace"


class Timing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Milliseconds of wall time unless said otherwise; None = the model's profile decides."""

    setup_ms: float = 50.0
    resumption_ms: float = 13.0
    """setupComplete to the first sessionResumptionUpdate."""
    first_audio_ms: float = 500.0
    """End of the user's turn to the first sound."""
    burst: float | None = None
    """Times real time."""
    interrupt_ms: float = 440.0
    """Onset of speech to interrupted."""
    text_interrupt_ms: float = 100.0
    """Typed input or activityStart to interrupted."""
    activity_start_ms: float = 350.0
    """Onset of speech to voiceActivity."""
    trailing_silence_ms: int | None = None
    jitter_ms: float = 8.0
    """How much later than planned a frame with sound may go out."""
    late_ms: float = 2_000.0
    """How much later a late turnComplete is."""


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer: at most one of text, recording, marks_s, parrot, silent (none: as the mode says), and its manners."""

    text: str | None = None
    recording: str | None = None
    """The name of one, or of several joined by "+"."""
    marks_s: float | None = None
    """Seconds of numbered samples, see `marks`."""
    parrot: bool = False
    silent: bool = False
    """No reply at all: the model may ignore what was not meant for it."""
    heard: str | None = None
    """The input transcript."""
    transcript: str | None = None
    """The output transcript, where it is to differ from what is spoken."""
    first_audio_ms: float | None = None
    burst: float | None = None
    first_chunk_bytes: int | None = None
    turn_complete: TurnComplete = TurnComplete.NORMAL
    generation_complete: GenerationComplete = GenerationComplete.NORMAL
    interrupted: Interrupted = Interrupted.NORMAL
    stall_after_s: float = 1.0
    """Seconds of sound that are sent before the stall."""
    stall_s: float = 0.0
    faults: list[str] = []

    @property
    def kinds(self) -> int:
        """How many kinds of content are asked for."""
        asked = (self.text is not None, self.recording is not None, self.marks_s is not None, self.parrot, self.silent)
        return sum(asked)


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    model: str | None = None
    """Serve every model as this one."""
    seed: int = 0
    loop: bool = False
    """After the last reply begin again; otherwise the last one repeats."""
    old_socket: OldSocket = OldSocket.REFUSE
    time_scale: float = 1.0
    """How many seconds of `limits` pass in one; sound and `timing` keep theirs."""
    timing: Timing = Timing()
    vad: VadSettings = VadSettings()
    reply: list[Reply] = []
    fault: list[Fault] = []


def check_reply(number: int, reply: Reply, recordings: frozenset[str]) -> None:
    """Raises ScenarioError for what the `number`th reply cannot be."""
    where = f"reply {number}: "
    if reply.kinds > 1:
        raise ScenarioError(f"{where}use one of text, recording, marks_s, parrot, silent")
    for name in reply.recording.split("+") if reply.recording is not None else ():
        if name not in recordings:
            raise ScenarioError(f"{where}unknown recording `{name}`{nearest(name, recordings)}")
    for name in reply.faults:
        if name not in REPLY_FAULTS:
            raise ScenarioError(f"{where}unknown fault `{name}`{nearest(name, REPLY_FAULTS)}")
    if reply.marks_s is not None and not 0 <= reply.marks_s <= 600:
        raise ScenarioError(f"{where}marks_s is {reply.marks_s:g}, expected 0 to 600 seconds")
    if reply.burst is not None and reply.burst <= 0:
        raise ScenarioError(f"{where}burst is {reply.burst:g}, expected a number over 0")
    if reply.first_chunk_bytes is not None and not 2 <= reply.first_chunk_bytes <= 1_000_000:
        raise ScenarioError(f"{where}first_chunk_bytes is {reply.first_chunk_bytes}, expected 2 to 1000000")


def check_scenario(scenario: Scenario, recordings: frozenset[str]) -> None:
    """Raises ScenarioError naming the first thing that cannot be carried out."""
    if scenario.model is not None and profile_of(scenario.model) is None:
        raise ScenarioError(f"unknown model `{scenario.model}`{nearest(scenario.model, (p.prefix for p in PROFILES))}")
    if scenario.timing.burst is not None and scenario.timing.burst <= 0:
        raise ScenarioError(f"timing.burst is {scenario.timing.burst:g}, expected a number over 0")
    for number, reply in enumerate(scenario.reply, 1):
        check_reply(number, reply, recordings)
    for fault in scenario.fault:
        check_fault(fault)


def parse_scenario(text: str, recordings: frozenset[str]) -> Scenario:
    """A scenario from TOML; `recordings` are the names that exist. Raises ScenarioError."""
    try:
        scenario = msgspec.convert(tomllib.loads(text), Scenario)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ScenarioError(str(error)) from error
    check_scenario(scenario, recordings)
    return scenario


def load_scenario(path: Path, recordings: frozenset[str]) -> Scenario:
    """The scenario in a file. Raises ScenarioError, naming the file."""
    try:
        return parse_scenario(path.read_text(encoding="utf-8"), recordings)
    except OSError as error:
        raise ScenarioError(f"cannot read the scenario {path}: {error.strerror}") from error
    except (ScenarioError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from error
