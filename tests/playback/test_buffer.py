"""The jitter buffer: what may be heard, what must be heard, and what must never be."""

import struct
import tracemalloc

from pytest import MonkeyPatch

from fakes.jitter import BLOCK, EPOCH, Rig
from lived.units import NO_TURN, Ms, Position, Turn
from lived_workers.playback import buffer as module
from lived_workers.playback.buffer import CAPACITY, JitterBuffer
from lived_workers.playback.fade import FADE
from lived_workers.playback.reader import DRY_LIMIT, PATIENCE
from lived_workers.playback.turns import Heard, Place, Played, Silenced, Starved


def test_a_reply_comes_out_as_it_went_in() -> None:
    """Every frame once, in order, unchanged; then the turn is played."""
    rig = Rig()
    rig.put(1, 5_000)
    rig.buffer.total(Turn(1), 5_000)

    rig.read_until_idle()

    assert rig.heard == {1: 5_000}
    assert rig.altered == 0
    assert rig.notices == [Heard(Turn(1), Position(0)), Played(Turn(1), 5_000, cut=False)]  # type: ignore[arg-type]


def test_prebuffer_holds_the_first_sound_back() -> None:
    """Nothing is heard below the prebuffer, everything once it is reached."""
    rig = Rig(prebuffer_ms=100)
    rig.put(1, 2_399)
    assert not any(rig.read())

    rig.put(1, 1)

    assert any(rig.read())


def test_short_turn_that_has_arrived_starts_at_once() -> None:
    """A turn shorter than the prebuffer does not wait for sound that will never come."""
    rig = Rig(prebuffer_ms=1_000)
    rig.buffer.total(Turn(1), 100)
    rig.put(1, 100)

    rig.read()

    assert rig.heard == {1: 100}


def test_short_turn_without_an_end_is_heard_after_a_while() -> None:
    """turnComplete missing: the last word is heard all the same, and the turn ends when it stayed dry for 3 s."""
    rig = Rig(prebuffer_ms=1_000)
    rig.put(1, 100)

    for _ in range(PATIENCE // BLOCK + 2):
        rig.read()
    assert rig.heard == {1: 100}
    for _ in range(DRY_LIMIT // BLOCK + 2):
        rig.read()

    assert rig.of(Played) == [Played(Turn(1), 100, cut=False)]  # type: ignore[arg-type]


def test_end_announced_before_the_sound() -> None:
    """turnComplete early: the whole turn is heard though its end was known before its first frame."""
    rig = Rig(prebuffer_ms=20)
    rig.buffer.total(Turn(1), 3_000)
    for _ in range(3):
        rig.put(1, 1_000)
        for _ in range(3):
            rig.read()

    rig.read_until_idle()

    assert rig.heard == {1: 3_000}


def test_a_turn_goes_on_after_it_was_thought_to_be_over() -> None:
    """Sound that comes after the announced end, or after 3 s without any, is heard too."""
    rig = Rig()
    rig.buffer.total(Turn(1), 500)
    rig.put(1, 500)
    rig.read_until_idle()

    rig.put(1, 700)
    rig.buffer.total(Turn(1), 1_200)
    rig.read_until_idle()

    assert rig.heard == {1: 1_200}
    assert rig.of(Played)[-1] == Played(Turn(1), 1_200, cut=False)  # type: ignore[arg-type]


def test_underrun_fades_out_waits_and_fades_in() -> None:
    """Late sound: a fade to silence, the prebuffer again, a fade in; no frame is lost by it."""
    rig = Rig(prebuffer_ms=20)
    rig.put(1, 600)
    first = rig.read() + rig.read() + rig.read()
    rig.put(1, 479)
    waiting = rig.read()
    rig.put(1, 600)
    resumed = rig.read()
    rig.buffer.total(Turn(1), 1_679)
    rig.read_until_idle()

    assert rig.of(Starved) == [Starved(Turn(1), 600)]  # type: ignore[arg-type]
    last = max(i for i, s in enumerate(first) if s)
    assert first[last] < 50  # the fade ends in silence
    assert not any(waiting)
    assert resumed[1] < 50  # and begins in it
    assert rig.heard == {1: 1_679}
    assert rig.altered <= 2 * FADE


def test_next_turn_follows_at_once() -> None:
    """With both turns there, no block of silence is between them."""
    rig = Rig(prebuffer_ms=100)
    rig.put(1, 480)
    rig.put(2, 480)
    rig.buffer.total(Turn(2), 480)

    turns = []
    for _ in range(4):
        rig.read()
        turns.append(rig.reader.turn)

    assert turns == [1, 1, 2, 2]


def test_cut_in_the_middle() -> None:
    """At most 5 ms more of the turn, ending in silence; the next turn is heard whole."""
    rig = Rig()
    rig.put(1, 10_000)
    rig.put(2, 1_000)
    rig.buffer.total(Turn(2), 1_000)
    rig.read()

    rig.buffer.cut(Turn(1))
    faded = rig.read()
    rig.read_until_idle()

    assert 0 < sum(1 for s in faded if s) <= FADE
    assert rig.heard == {1: BLOCK + FADE, 2: 1_000}
    assert Silenced(Turn(1), Turn(1), BLOCK + FADE, Position(BLOCK + FADE)) in rig.notices  # type: ignore[arg-type]
    assert rig.of(Played)[0] == Played(Turn(1), BLOCK + FADE, cut=True)  # type: ignore[arg-type]


def test_cut_before_the_sound() -> None:
    """A cut that overtakes the sound of its turn silences all of it."""
    rig = Rig()
    rig.buffer.cut(Turn(5))
    rig.put(4, 1_000)
    rig.put(5, 1_000)
    rig.put(6, 1_000)
    rig.buffer.total(Turn(6), 1_000)

    rig.read_until_idle()

    assert rig.heard == {6: 1_000}
    assert Silenced(Turn(5), NO_TURN, 0, Position(0)) in rig.notices  # type: ignore[arg-type]


def test_cuts_only_grow() -> None:
    """An older cut, or the same again, changes nothing and is not answered twice."""
    rig = Rig()
    assert rig.buffer.cut(Turn(5))
    rig.read()

    assert not rig.buffer.cut(Turn(5))
    assert not rig.buffer.cut(Turn(3))
    rig.read()

    assert len(rig.of(Silenced)) == 1


def test_cut_without_a_device() -> None:
    """While nobody reads, reading nothing is enough to obey a cut."""
    rig = Rig()
    rig.put(1, 1_000)
    rig.buffer.cut(Turn(1))

    rig.reader.read(0)

    assert list(rig.reader.notices) == [
        Played(Turn(1), 0, cut=True),  # type: ignore[arg-type]
        Silenced(Turn(1), NO_TURN, 0, Position(0)),  # type: ignore[arg-type]
    ]


def test_cut_frees_memory() -> None:
    """Ten minutes of a cut reply do not stay in memory."""
    rig = Rig()
    piece = bytes(96_000)
    tracemalloc.start()
    try:
        for _ in range(200):
            rig.buffer.put(Turn(1), bytes(bytearray(piece)), Place(EPOCH, Position(0)))
        rig.read()
        full = tracemalloc.get_traced_memory()[0]
        rig.buffer.cut(Turn(1))
        rig.read()
        empty = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert full > 15_000_000
    assert empty < 300_000


def test_bound(monkeypatch: MonkeyPatch) -> None:
    """Beyond its capacity the newest sound is dropped and counted, and what was there is heard."""
    monkeypatch.setattr(module, "CAPACITY", 1_000)
    rig = Rig()
    rig.put(1, 900)
    rig.put(1, 101)

    assert CAPACITY == 14_400_000
    assert rig.buffer.dropped == 101
    assert rig.buffer.waiting == 900


def test_restart_goes_on_in_the_middle() -> None:
    """A successor that knows what was heard ends the turn after the right number of frames, and fades in."""
    buffer = JitterBuffer(Ms(0), cut=Turn(3), resumed=Turn(4), heard=700)
    buffer.put(Turn(3), bytes(200), Place(EPOCH, Position(600)))
    buffer.put(Turn(4), struct.pack("<300h", *[9_000] * 300), Place(EPOCH, Position(1_000)))
    buffer.total(Turn(4), 1_000)

    samples = struct.unpack("<480h", buffer.reader.read(480))

    assert samples[0] == 0
    assert samples[FADE:300] == (9_000,) * (300 - FADE)
    assert Played(Turn(4), 1_000, cut=False) in buffer.reader.notices  # type: ignore[arg-type]
