"""livectl monitor without a terminal: lines, as words and as JSON."""

from cli.test_watch_pictures import NOW, said, told
from fakes.door import STATUS
from lived.cli.watch.journal import Journal, Json, Words
from lived.units import Epoch, Frames, Ms, Ns, Position, Turn
from lived.wire.events import (
    Budget,
    Cut,
    CutDone,
    Event,
    FloorChanged,
    Idle,
    Loss,
    MicChanged,
    Said,
    SessionState,
    Swapped,
    TurnHeard,
    Underrun,
    Unready,
    VolumeChanged,
    WorkerState,
)


def journal_of(*events: Event) -> list[str]:
    """Plain lines."""
    lines: list[str] = []
    journal = Journal(Words(lambda _: "12:03:04"), lines.append)
    for event in events:
        journal.event(event, NOW)  # type: ignore[arg-type]
    return [line.removeprefix("12:03:04 ") for line in lines]


def test_each_happening_is_a_line() -> None:
    """In words; what nobody would miss is left out."""
    assert journal_of(
        Said(side="user", turn=Turn(1), text="Hello.\x1b[2J"),
        Said(side="model", turn=Turn(1), text="Hello Mar", cut=True),
        FloorChanged(floor="user"),
        Cut(turn=Turn(1), cause="server", time=Ns(0)),
        CutDone(turn=Turn(1), heard_turn=Turn(1), heard_frames=Frames(1), silent_at=NOW),
        SessionState(state="open", connection=2),
        SessionState(state="retrying", text="No network."),
        Swapped(cause="age", kept="resumed", gap_ms=Ms(640), lost=Frames(0)),
        Idle(awake=False),
        Budget(spent=True, text="All of today's 2.00 USD are spent."),
        MicChanged(muted=True),
        VolumeChanged(percent=60),
        WorkerState(worker="gateway", state="backoff", text="killed by signal 9"),
        Unready(worker="capture", text="No card."),
        Underrun(turn=Turn(1), frames=Frames(5)),
        Loss(worker="gateway", stream="mic", epoch=Epoch(1), position=Position(1), frames=Frames(160)),
        said("user", 1, "Hel"),
        TurnHeard(turn=Turn(1), time=NOW),
    ) == [
        "user: Hello. [2J",
        "model: Hello Mar [cut]",
        "floor: the user speaks",
        "cut: turn 1, by server",
        "silent 10.0 ms after the cut",
        "session: open (connection 2)",
        "session: retrying: No network.",
        "session: connection replaced (age), resumed, 640 ms without one",
        "session: asleep, because nobody spoke",
        "budget: All of today's 2.00 USD are spent.",
        "microphone muted",
        "volume 60 %",
        "gateway: backoff: killed by signal 9",
        "capture: No card.",
        "playback: sound of turn 1 came too late",
        "gateway: 160 frames of mic are lost",
    ]


def test_levels_and_state_are_lines_too() -> None:
    """The state once, and again when it is another; the levels whenever they are asked for."""
    lines: list[str] = []
    journal = Journal(Words(lambda _: "12:03:04"), lines.append)
    told(journal)
    journal.second(NOW)
    journal.status(STATUS, NOW)
    journal.status({**STATUS, "state": "off", "floor": "off"}, NOW)
    journal.detached(NOW)
    assert [line.removeprefix("12:03:04 ") for line in lines] == [
        "attached",
        "ready: listening, microphone on, volume 100 %, session open",
        "floor: the model speaks",
        "cut: turn 1, by server",
        "levels mic -6.0/-6.0  model -/-  speaker -/- dBFS",
        "off: no conversation, begin one with 'livectl start', microphone on, volume 100 %, session open",
        "no daemon, waiting for one",
    ]


def test_json_lines() -> None:
    """Events as they are, and three types of our own, each with its time."""
    lines: list[str] = []
    journal = Journal(Json(), lines.append)
    told(journal)
    journal.second(NOW)
    assert lines[0] == '{"type":"attached","time":0,"on":true}'
    assert lines[1] == (
        '{"type":"state","time":0,"state":"ready","text":"listening","floor":"nobody","muted":false,"volume":100,'
        '"session":"open","session_text":"","connection":1}'
    )
    assert lines[2] == '{"type":"floor","floor":"model","turn":2}'
    assert lines[-1].startswith(
        '{"type":"levels","time":10000000,"levels":{"mic":{"flowing":true,"peak":-6.0,"rms":-6.0,"hold":-6.0},'
        '"model":{"flowing":false,"peak":null,"rms":null,"hold":null}'
    )
