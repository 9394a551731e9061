"""What is meant for the model goes up with the moments before it; the rest stays on the device."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lived.units import MILLISECOND, Epoch, Hz, Ns, Position, Turn
from lived.wire import FLAG_MEANT, Chunk, Stream
from lived_workers.gateway.gate import Passed, State
from lived_workers.gateway.messages import StreamEnd
from lived_workers.gateway.sieve import ABSENT, Sieve

TEN = Ns(10 * MILLISECOND)


def chunk(number: int, meant: bool, stream: Stream = Stream.VOICE, back: int = 0) -> Chunk:
    """10 ms that begin at ``number`` * 10 ms; the ``back`` before it are meant too."""
    flags = FLAG_MEANT if meant else 0
    return Chunk(
        stream,
        Epoch(1),
        Position(160 * number),
        Ns(number * TEN),
        Turn(back * 160),
        Hz(16_000),
        bytes(320),
        flags=flags,
    )


def run(sieve: Sieve, marks: list[bool], back: int = 3) -> list[Passed]:
    """One chunk for each mark, as they come."""
    return [
        p
        for number, meant in enumerate(marks)
        for p in sieve.take(chunk(number, meant, back=back if meant else 0), Ns(number * TEN))
    ]


def numbers(passed: list[Passed]) -> list[object]:
    """Chunks by number, the rest as it is."""
    return [p.position // 160 if isinstance(p, Chunk) else p for p in passed]


def test_speech_with_the_moments_before_it() -> None:
    """30 ms from before, what is marked, and the end said once."""
    sieve = Sieve()
    marks = [False] * 10 + [True] * 5 + [False] * 5
    assert numbers(run(sieve, marks)) == [*range(7, 15), StreamEnd()]
    assert sieve.state is State.SHUT
    assert sieve.unsent == 12 * 160


def test_a_microphone_without_a_front_end_is_let_through() -> None:
    """`mic` carries no marks: a missing front end must not make the device deaf."""
    sieve = Sieve()
    assert numbers(sieve.take(chunk(0, False, Stream.MIC), Ns(0))) == [0]


def test_silence_on_the_bus_ends_it() -> None:
    """Muted, or a microphone that is gone: the end is said after a second, once."""
    sieve = Sieve()
    sieve.take(chunk(0, True), Ns(0))
    assert sieve.tick(Ns(ABSENT - 1)) == []
    assert sieve.tick(ABSENT) == [StreamEnd()]
    assert sieve.tick(ABSENT) == []


def test_muting_forgets_what_was_kept() -> None:
    """The moments before are not sent by a word that comes after the mute."""
    sieve = Sieve()
    run(sieve, [False] * 20)
    sieve.release(Ns(20 * TEN))
    assert numbers(sieve.take(chunk(300, True, back=400), Ns(300 * TEN))) == [300]


@given(st.lists(st.booleans(), max_size=200), st.integers(0, 50))
def test_everything_meant_is_sent_once_and_in_order(marks: list[bool], back: int) -> None:
    """Whatever the marks: all that is marked, nothing twice, nothing out of order, at most the pre-roll before."""
    sieve = Sieve()
    passed = run(sieve, marks, back)
    sent = [p.position // 160 for p in passed if isinstance(p, Chunk)]
    assert all(a < b for a, b in pairwise(sent))
    assert {n for n, meant in enumerate(marks) if meant} <= set(sent)
    assert all(any(marks[n : n + back + 1]) for n in sent)
    assert sieve.unsent == (len(marks) - len(sent)) * 160
