"""The button: exactly the sound between press and release is sent, and a little from before."""

from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from lived.units import MILLISECOND, Epoch, Hz, Ms, Ns, Position, Turn
from lived.wire import Chunk, Stream
from lived_workers.gateway.gate import LATE, TABLE, Gate, Input, Passed, State
from lived_workers.gateway.messages import ActivityEnd, ActivityStart

TEN = Ns(10 * MILLISECOND)


def chunk(number: int) -> Chunk:
    """10 ms that begin at ``number`` * 10 ms."""
    return Chunk(Stream.MIC, Epoch(1), Position(160 * number), Ns(number * TEN), Turn(0), Hz(16_000), bytes(320))


def numbers(passed: list[Passed]) -> list[object]:
    """Chunks by number, the rest as it is."""
    return [p.position // 160 if isinstance(p, Chunk) else p for p in passed]


def test_the_table_is_whole() -> None:
    """Every state has a row for every input."""
    assert set(TABLE) == set(product(State, Input))


def test_press_and_release() -> None:
    """30 ms from before, everything while it is held, and what was under way when it was let go."""
    gate = Gate(Ms(30))
    sent: list[Passed] = []
    for number in range(10):
        sent += gate.take(chunk(number), Ns(number * TEN))
    assert sent == []
    sent += gate.press(Ns(10 * TEN))
    for number in range(10, 15):
        sent += gate.take(chunk(number), Ns(number * TEN))
    gate.release(Ns(16 * TEN))
    for number in range(15, 20):
        sent += gate.take(chunk(number), Ns(number * TEN))
    assert numbers(sent) == [ActivityStart(), *range(7, 16), ActivityEnd()]


def test_the_end_is_said_without_a_microphone_too() -> None:
    """No sound comes any more: a moment after the release it is over."""
    gate = Gate(Ms(300))
    assert gate.press(Ns(0)) == [ActivityStart()]
    gate.release(Ns(0))
    assert gate.tick(Ns(LATE - 1)) == []
    assert gate.tick(LATE) == [ActivityEnd()]
    assert gate.tick(LATE) == []


def test_pressed_again_at_once() -> None:
    """The same turn goes on; so it does when it is pressed twice."""
    gate = Gate(Ms(0))
    gate.press(Ns(0))
    gate.release(Ns(1))
    assert gate.press(Ns(2)) == gate.press(Ns(3)) == []
    assert numbers(gate.take(chunk(5), Ns(0))) == [5]
    gate.release(Ns(20 * TEN))
    assert numbers([p for n in (19, 20) for p in gate.take(chunk(n), Ns(0))]) == [19, ActivityEnd()]


@given(st.lists(st.sampled_from(["press", "release", "sound", "wait"]), max_size=60), st.integers(0, 100))
def test_markers_alternate_and_sound_is_in_order(steps: list[str], preroll: int) -> None:
    """Begin and end take turns, sound lies between them, no chunk twice, none out of order."""
    gate, now, number = Gate(Ms(preroll)), 0, 0
    sent: list[Passed] = []
    for step in steps:
        now += int(TEN)
        match step:
            case "press":
                sent += gate.press(Ns(now))
            case "release":
                gate.release(Ns(now))
            case "sound":
                number = now // TEN
                sent += gate.take(chunk(number), Ns(number * TEN))
            case "wait":
                now += LATE
                sent += gate.tick(Ns(now))
    sent += gate.over()
    markers = [type(p) for p in sent if not isinstance(p, Chunk)]
    assert markers == [ActivityStart, ActivityEnd] * (len(markers) // 2)
    positions = [p.position for p in sent if isinstance(p, Chunk)]
    assert all(a < b for a, b in pairwise(positions))
    outside = True
    for item in sent:
        outside = isinstance(item, ActivityEnd) or (outside and not isinstance(item, ActivityStart))
        assert not (outside and isinstance(item, Chunk))
