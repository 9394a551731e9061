"""The scenario file (TOML) as types: what is answered, at what pace, and what goes wrong."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from lived_workers.simulator.faults import REPLY_FAULTS, Fault, ScenarioError, check_fault, nearest
from lived_workers.simulator.limits import MOST_TIME_SCALE, Handles, Limits
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


class CallIds(StrEnum):
    """How the ids of function calls look; all three were seen."""

    FUNCTION_CALL = "function-call"
    """function-call-<19 digits>"""
    FC = "fc"
    """fc_<digits>"""
    CALL = "call"
    """call_<digits>"""


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
    call_ms: float | None = None
    """End of the user's turn to the function call."""
    answer_ms: float = 1_000.0
    """The last answer to a call to the first sound made of it."""
    reissue_ms: tuple[float, float] = (2_600.0, 3_600.0)
    """From and to: a barge-in to the same call under a new id."""


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function that the model calls."""

    name: str
    args: dict[str, Any] = {}


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer: at most one of text, recording, marks_s, parrot, silent (none: as the mode says), and its manners.

    With `calls` the functions are called first, and the content is spoken after the last answer.
    """

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
    calls: list[Call] = []
    """All in one frame. Those that the client has not declared are not made."""
    filler: str | None = None
    """Spoken before a blocking call, or while a non-blocking one is under way."""
    speak_answer: bool = False
    """Say what the functions answered instead of the content."""
    call_ms: float | None = None
    answer_ms: float | None = None
    search: str | None = None
    """A Google search for this, if the client has declared it: groundingMetadata before the end of the turn."""
    turn_complete_reason: str | None = None
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
    call_ids: CallIds = CallIds.FUNCTION_CALL
    limits: Limits = Limits()
    handles: Handles = Handles()
    timing: Timing = Timing()
    vad: VadSettings = VadSettings()
    reply: list[Reply] = []
    fault: list[Fault] = []


def handle_lifetime(scenario: Scenario) -> float | None:
    """True seconds that a handle can be used for; None: for ever."""
    return scenario.limits.handle_s / scenario.time_scale or None


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
    _check_calls(where, reply)
    if reply.burst is not None and reply.burst <= 0:
        raise ScenarioError(f"{where}burst is {reply.burst:g}, expected a number over 0")
    if reply.first_chunk_bytes is not None and not 2 <= reply.first_chunk_bytes <= 1_000_000:
        raise ScenarioError(f"{where}first_chunk_bytes is {reply.first_chunk_bytes}, expected 2 to 1000000")


def _check_calls(where: str, reply: Reply) -> None:
    if any(not call.name for call in reply.calls):
        raise ScenarioError(f"{where}a call has no name")
    if reply.silent and reply.calls:
        raise ScenarioError(f"{where}a silent reply calls no functions")
    if reply.speak_answer and reply.kinds:
        raise ScenarioError(f"{where}speak_answer says what the functions answered: leave out text, recording, marks_s")


def check_limits(scenario: Scenario) -> None:
    """Raises ScenarioError for numbers that no clock could follow."""
    if not 0 < scenario.time_scale <= MOST_TIME_SCALE:
        raise ScenarioError(f"time_scale is {scenario.time_scale:g}, expected more than 0, up to {MOST_TIME_SCALE:g}")
    limits = scenario.limits
    seconds = (limits.connection_s, *limits.go_away_s, limits.session_s, limits.video_session_s, limits.handle_s)
    if min(*seconds, limits.context_tokens) < 0:
        raise ScenarioError("a number in limits is negative (0 is without limit)")
    if scenario.handles.period_s < 0.1:
        raise ScenarioError(f"handles.period_s is {scenario.handles.period_s:g}, expected 0.1 s or more")
    first, last = scenario.timing.reissue_ms
    if not 0 <= first <= last:
        raise ScenarioError(f"timing.reissue_ms is [{first:g}, {last:g}], expected from and to in ms")


def check_scenario(scenario: Scenario, recordings: frozenset[str]) -> None:
    """Raises ScenarioError naming the first thing that cannot be carried out."""
    if scenario.model is not None and profile_of(scenario.model) is None:
        raise ScenarioError(f"unknown model `{scenario.model}`{nearest(scenario.model, (p.prefix for p in PROFILES))}")
    if scenario.timing.burst is not None and scenario.timing.burst <= 0:
        raise ScenarioError(f"timing.burst is {scenario.timing.burst:g}, expected a number over 0")
    check_limits(scenario)
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
