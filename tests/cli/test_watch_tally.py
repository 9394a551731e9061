"""What livectl top counts: arrivals, cuts, swaps, counters."""

from typing import Any

from fakes.door import STATUS
from lived.cli.watch.flow import Flow
from lived.cli.watch.silence import Silence
from lived.cli.watch.tally import FIGURES, Tally
from lived.units import MILLISECOND, Epoch, Frames, Hz, Ms, Ns, Position, Turn
from lived.wire import FLAG_MUTED, FLAG_OVERFLOW, Chunk, Stream
from lived.wire.events import Cut, CutDone, SessionState, Swapped


def chunk(position: int, flags: int = 0, epoch: int = 1, time: int = 0) -> Chunk:
    """10 ms of mic."""
    return Chunk(Stream.MIC, Epoch(epoch), Position(position), Ns(time), Turn(0), Hz(16_000), bytes(320), flags=flags)


def test_each_kind_of_gap_is_counted_for_itself() -> None:
    """Lost at the card, missed on the way, intended; a new epoch is no gap."""
    flow = Flow(Stream.MIC)
    for each in (
        chunk(1_000),
        chunk(1_160),
        chunk(1_330, FLAG_OVERFLOW),
        chunk(1_500),
        chunk(5_000, FLAG_MUTED),
        chunk(9_000, epoch=2),
    ):
        flow.take(each, Ns(0))
    found = flow.arrivals()
    assert (found.lost_frames, found.missed_frames, found.intended_frames) == (10, 10, 3_340)
    assert found.chunks == 6


def test_ages_are_those_since_the_last_picture() -> None:
    """From the time in the header to the arrival; negative when it is not heard yet; none when nothing came."""
    flow = Flow(Stream.MIC)
    for age in range(100):
        flow.take(chunk(160 * age, time=1_000 * MILLISECOND), Ns((1_000 + age - 10) * MILLISECOND))
    found = flow.arrivals()
    assert (found.age_p50_ms, found.age_p99_ms, found.age_max_ms) == (40.0, 89.0, 89.0)
    flow.take(chunk(16_000, time=500 * MILLISECOND), Ns(490 * MILLISECOND))
    assert flow.arrivals().age_max_ms == -10.0
    again = flow.arrivals()
    assert (again.chunks, again.age_p50_ms, again.age_max_ms) == (0, None, None)


def cut(turn: int, ms: int) -> Cut:
    """Ordered at ``ms``."""
    return Cut(turn=Turn(turn), cause="server", time=Ns(ms * MILLISECOND))


def done(turn: int, ms: int, heard: int) -> CutDone:
    """Silent at ``ms``."""
    return CutDone(turn=Turn(turn), heard_turn=Turn(heard), heard_frames=Frames(1), silent_at=Ns(ms * MILLISECOND))


def test_a_cut_counts_from_its_first_order() -> None:
    """Ordered twice, obeyed once; a cut of what nobody heard has no delay; one that came before it was seen neither."""
    silence = Silence()
    for event in (done(1, 5, 1), cut(3, 100), cut(3, 108), done(3, 112, 3), cut(4, 200), done(4, 260, 0)):
        silence.event(event)
    assert (silence.cuts().cuts, silence.cuts().last_ms) == (1, 12.0)
    for event in (cut(5, 300), done(5, 330, 5)):
        silence.event(event)
    found = silence.cuts()
    assert (found.cuts, found.last_ms, found.p50_ms, found.max_ms) == (2, 30.0, 30.0, 30.0)


def status(**counters: dict[str, int]) -> dict[str, Any]:
    """That of docs/protocol.md with these counters by worker."""
    workers = [{**worker, "counters": counters.get(worker["name"], {})} for worker in STATUS["workers"]]
    return {**STATUS, "workers": workers}


def test_figures_are_the_workers_counters() -> None:
    """A worker that says nothing has no figures; a counter that never counted is zero; a delay is none."""
    tally = Tally()
    tally.attached(Ns(0))
    tally.status(status(gateway={"uplink_p50_us": 20_900, "uplink_p99_us": 0}), Ns(0))
    figures = tally.view().figures
    assert figures["delays"] == {
        "uplink_p50_ms": 20.9,
        "uplink_p99_ms": None,
        "handover_p50_ms": None,
        "handover_p99_ms": None,
    }
    assert figures["queues"] == {"uplink_messages": 0, "reply_s": None}
    assert figures["xruns"] == {"overflows": None, "underflows": None, "underruns": None}
    assert {name: set(section) for name, section in figures.items()} == {
        name: {figure.name for figure in section} for name, section in FIGURES.items()
    }


def test_processes_begin_with_the_supervisor() -> None:
    """One that lives and cannot do its job is waiting."""
    tally = Tally()
    answer = status()
    answer["workers"][1] |= {"ready": False, "text": "No network\x1b[2J."}
    tally.status(answer, Ns(0))
    rows = tally.view().processes
    assert [(row.name, row.pid, row.state, row.restarts) for row in rows] == [
        ("lived", 801, "running", 0),
        ("capture", 812, "running", 0),
        ("gateway", 813, "waiting", 2),
    ]
    assert "\x1b" not in rows[2].text


def test_swaps_are_counted_by_cause_and_forgotten_with_the_daemon() -> None:
    """The link is what the events say; another daemon begins anew."""
    tally = Tally()
    tally.attached(Ns(0))
    tally.status(status(gateway={"connections_lost": 2}), Ns(0))
    for cause in ("age", "lost", "age"):
        tally.event(Swapped(cause=cause, kept="resumed", gap_ms=Ms(5), lost=Frames(0)), Ns(0))
    tally.event(SessionState(state="open", connection=4), Ns(0))
    link = tally.view().link
    assert (link.state, link.connection, link.causes, link.connections_lost) == ("open", 4, {"age": 2, "lost": 1}, 2)
    tally.detached(Ns(0))
    assert (tally.view().attached, tally.view().processes) == (False, ())
    tally.attached(Ns(0))
    assert (tally.view().attached, tally.view().link.causes) == (True, {})
