"""Pictures and lines of livectl monitor and top, at fixed widths."""

from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from rich.text import Text

from fakes.door import STATUS
from lived.cli.watch import draw_monitor, draw_top
from lived.cli.watch.draw import ASCII, FANCY
from lived.cli.watch.monitoring import Monitor
from lived.cli.watch.processes import Usage
from lived.cli.watch.tally import Tally
from lived.pcm import silence
from lived.units import MILLISECOND, Epoch, Frames, Hz, Ms, Ns, Position, Turn
from lived.wire import Chunk, Stream
from lived.wire.events import (
    Cut,
    CutDone,
    FloorChanged,
    MicChanged,
    Swapped,
    Transcript,
)

NOW = Ns(10 * MILLISECOND)


def chunk(stream: Stream, pcm: bytes) -> Chunk:
    """One of them."""
    return Chunk(stream, Epoch(1), Position(0), Ns(0), Turn(0), Hz(16_000), pcm)


def said(side: str, turn: int, text: str) -> Transcript:
    """A piece."""
    return Transcript(side=side, turn=Turn(turn), text=text)


def told(monitor: Monitor) -> Monitor:
    """A conversation in the middle."""
    monitor.attached(Ns(0))
    monitor.status(STATUS, Ns(0))
    monitor.chunk(chunk(Stream.MIC, b"\x00\x40\x00\xc0" * 80), NOW)
    monitor.chunk(chunk(Stream.SPEAKER, silence(160)), NOW)
    for event in (
        FloorChanged(floor="model", turn=Turn(2)),
        said("user", 1, "What is the weather in the town of 東京?"),
        said("model", 1, "In the town of Tokyo it is twelve degrees, and it will rain all day tomorrow."),
        Cut(turn=Turn(1), cause="server", time=NOW),
    ):
        monitor.event(event, NOW)
    return monitor


def words(lines: Sequence[Text]) -> list[str]:
    """As they are read."""
    return [line.plain.rstrip() for line in lines]


def picture(monitor: Monitor, columns: int, rows: int = 24) -> list[str]:
    """Of the monitor."""
    return words(draw_monitor.lines(monitor.view(NOW), columns, rows, lambda _: "12:03:04"))


def test_monitor_in_80_columns() -> None:
    """State in words, levels, and what was said with the time, cut marked."""
    bar = "█" * 49 + "│" + "·" * 5
    assert picture(told(Monitor()), 80) == [
        "Ready: the model speaks.",
        "microphone on · volume 100 % · session open",
        "         -60               -40                -20 dBFS             peak     RMS",
        f"mic      {bar}   -6.0    -6.0",
        f"model    {' ' * 55}      –       –",
        f"speaker  {'·' * 55}      –       –",
        "─" * 80,
        "12:03:04 user  What is the weather in the town of 東京?",
        "12:03:04 model In the town of Tokyo it is twelve degrees, and it will rain all",
        "               day tomorrow. [cut]",
    ]


def test_monitor_in_40_columns() -> None:
    """No times of day, no scale, shorter bars, the same words."""
    assert picture(told(Monitor()), 40) == [
        "Ready: the model speaks.",
        "microphone on · volume 100 % · session",
        "open",
        "                           peak     RMS",
        f"mic      {'█' * 13}│·   -6.0    -6.0",
        "model                         –       –",
        f"speaker  {'·' * 15}      –       –",
        "─" * 40,
        "user  What is the weather in the town of",
        "      東京?",
        "model In the town of Tokyo it is twelve",
        "      degrees, and it will rain all day",
        "      tomorrow. [cut]",
    ]


@pytest.mark.parametrize("columns", [1, 20, 40, 41, 79, 80, 81, 132, 200])
@pytest.mark.parametrize("rows", [1, 5, 9, 24])
def test_no_picture_is_larger_than_its_terminal(columns: int, rows: int) -> None:
    """Also without a daemon; what is narrower than 40 columns may be cut at the edge."""
    for monitor in (told(Monitor()), Monitor()):
        lines = draw_monitor.lines(monitor.view(NOW), columns, rows, lambda _: "12:03:04", ASCII)
        assert len(lines) <= rows
        if columns >= 40:
            assert max(cell_len(line.plain) for line in lines) <= columns
    for tally in (counted(), Tally()):
        lines = draw_top.lines(tally.view(), {}, columns)
        if columns >= 40:
            assert max(cell_len(line.plain) for line in lines) <= columns


def test_the_newest_words_are_at_the_bottom_of_a_small_terminal() -> None:
    """What has no room is the oldest."""
    shown = picture(told(Monitor()), 80, 8)
    assert len(shown) == 8
    assert shown[-1].endswith("[cut]")


def test_monitor_says_what_is_missing() -> None:
    """No daemon, no answer, a muted microphone, a degraded state: in words."""
    assert picture(Monitor(), 80)[0] == "No daemon: waiting for one. Start it with 'livectl start'."
    monitor = told(Monitor())
    monitor.event(MicChanged(muted=True), NOW)
    monitor.unanswered(NOW)
    assert "microphone muted" in picture(monitor, 80)[1]
    assert "does not answer" in " ".join(picture(monitor, 80)[1:3])
    assert any(line.startswith("mic      muted ") for line in picture(monitor, 80))
    monitor.status({**STATUS, "state": "degraded", "text": "gateway: No network."}, NOW)
    assert picture(monitor, 80)[0] == "Degraded: gateway: No network."
    monitor.detached(NOW)
    assert picture(monitor, 80)[-1].endswith("[cut]"), "what was said stays"


def test_a_terminal_of_ascii_gets_ascii() -> None:
    """But for what was said."""
    lines = draw_monitor.lines(told(Monitor()).view(NOW), 80, 7, lambda _: "12:03:04", ASCII)
    assert all(line.plain.isascii() for line in lines)


def counted() -> Tally:
    """A daemon with two workers."""
    tally = Tally()
    tally.attached(Ns(0))
    counters = {"uplink_p50_us": 20_900, "uplink_p99_us": 24_900, "connections_lost": 1}
    capture, gateway = STATUS["workers"]
    tally.status({**STATUS, "workers": [capture, {**gateway, "counters": counters}]}, Ns(0))
    tally.chunk(chunk(Stream.MIC, bytes(320)), Ns(20 * MILLISECOND))
    tally.event(Cut(turn=Turn(1), cause="server", time=Ns(0)), Ns(0))
    tally.event(CutDone(turn=Turn(1), heard_turn=Turn(1), heard_frames=Frames(1), silent_at=NOW), Ns(0))
    tally.event(Swapped(cause="age", kept="resumed", gap_ms=Ms(5), lost=Frames(0)), Ns(0))
    return tally


USAGE = {801: Usage(0.8, 13_000_000), 812: Usage(2.6, 14_500_000), 813: Usage(None, None)}


def test_top_in_80_columns() -> None:
    """Processes, streams, figures; a dash for what is not known."""
    assert words(draw_top.lines(counted().view(), USAGE, 80)) == [
        "Ready: listening.",
        "lived 0.1.0 · up 1 h 3 min",
        "",
        "process         pid  cpu %  pss MB  state     restarts        since",
        "lived           801    0.8    13.0  running          0    1 h 3 min",
        "capture         812    2.6    14.5  running          0   1 min 33 s",
        "gateway         813      –       –  running          2         12 s",
        "all                    3.4    27.5",
        "",
        "stream       chunks  age p50  p99 ms    max     lost  missed   intended",
        "mic               1     20.0    20.0   20.0        0       0          0",
        "model             0        –       –      –        0       0          0",
        "speaker           0        –       –      –        0       0          0",
        "",
        "queues    uplink 0 messages, reply – s",
        "delays    uplink p50 20.9 ms, p99 24.9 ms, handover p50 – ms, p99 – ms",
        "xruns     overflows 0, underflows –, underruns –",
        "drops     capture 0, gateway 0, playback –, full –, stale –, lost 0 frames",
        "cuts      1, to silence last 10.0 ms, p50 10.0 ms, max 10.0 ms",
        "session   open, connection 1, swaps 0 (age 1), broken 1, words lost 0.0 s",
    ]


def test_top_leaves_out_what_has_no_room() -> None:
    """In 40 columns the tables have fewer columns, and the figures more lines."""
    shown = words(draw_top.lines(counted().view(), USAGE, 40))
    assert "process         pid  cpu %  pss MB" in shown
    assert "stream       chunks  age p50  p99 ms" in shown
    assert "xruns     overflows 0, underflows –," in shown


def test_top_says_why_a_worker_does_not_work() -> None:
    """Its own sentence, below."""
    tally = counted()
    workers = [{**STATUS["workers"][0], "ready": False, "text": "No sound device matches 'USB'."}]
    tally.status({**STATUS, "workers": workers}, Ns(0))
    assert words(draw_top.lines(tally.view(), {}, 80, FANCY))[-1] == "capture   No sound device matches 'USB'."
