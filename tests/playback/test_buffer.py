"""The jitter buffer: what may be heard, what must be heard, and what must never be."""

import struct
import tracemalloc
from collections import defaultdict
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch

from lived.units import NO_TURN, Epoch, Ms, Position, Turn
from lived_workers.playback import buffer as module
from lived_workers.playback.buffer import CAPACITY, JitterBuffer
from lived_workers.playback.fade import FADE
from lived_workers.playback.reader import DRY_LIMIT, PATIENCE
from lived_workers.playback.turns import Heard, Notice, Place, Played, Silenced, Starved

BLOCK = 240
EPOCH = Epoch(7)


def sample(index: int) -> int:
    """The sample at one position of stream ``model``: never 0, so that silence is told apart."""
    return 1_000 + index % 20_000


@dataclass
class Rig:
    """A buffer whose input is numbered samples, and which knows what came out."""

    prebuffer_ms: int = 0
    position: int = 0
    notices: list[Notice] = field(default_factory=list)
    heard: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Frames that came out, by turn."""
    altered: int = 0
    """Frames that came out with another value than they went in with."""

    def __post_init__(self) -> None:
        self.buffer = JitterBuffer(Ms(self.prebuffer_ms))
        self.reader = self.buffer.reader

    def put(self, turn: int, frames: int) -> None:
        pcm = struct.pack(f"<{frames}h", *(sample(self.position + i) for i in range(frames)))
        self.position += frames
        self.buffer.put(Turn(turn), pcm, Place(EPOCH, Position(self.position)))

    def read(self, frames: int = BLOCK) -> list[int]:
        """One block; checks that it is sound of one turn and then silence, and that the sound is the right one."""
        pcm = self.reader.read(frames)
        assert len(pcm) == 2 * frames
        samples = list(struct.unpack(f"<{frames}h", pcm))
        new = list(self.reader.notices)
        self.reader.notices.clear()
        self.notices += new
        turn, end = self.reader.turn, self.reader.place.position
        if turn == NO_TURN:
            assert not any(samples)
            return samples
        count = self._frames_of(turn, new) - self.heard[turn]
        self.heard[turn] += count
        if not any(isinstance(n, Played) and n.cut for n in new):
            self._compare(samples[:count], end - count)
        assert not any(samples[count:])
        return samples

    def _frames_of(self, turn: Turn, new: list[Notice]) -> int:
        played = [n.frames for n in new if isinstance(n, Played) and n.turn == turn]
        return played[-1] if played else self.reader.heard

    def _compare(self, samples: list[int], begin: int) -> None:
        for index, value in enumerate(samples):
            if value != sample(begin + index):
                self.altered += 1
                assert 0 <= value < sample(begin + index)

    def read_until_idle(self) -> None:
        for _ in range(2_000):
            self.read()
            if not self.buffer.waiting and self.reader.heard == 0:
                return
        raise AssertionError("never idle")

    def of(self, kind: type[Notice]) -> list[Notice]:
        return [n for n in self.notices if isinstance(n, kind)]


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


Puts = st.tuples(st.just("put"), st.integers(0, 1), st.integers(1, 2_000))
Reads = st.tuples(st.just("read"), st.sampled_from([120, 240, 480, 960]), st.just(0))
Totals = st.tuples(st.just("total"), st.just(0), st.just(0))
Cuts = st.tuples(st.just("cut"), st.integers(-2, 1), st.just(0))


def play(rig: Rig, steps: list[tuple[str, int, int]]) -> tuple[dict[int, int], int]:
    """Do the steps; the answer is how many frames each turn was given, and the highest cut."""
    turn, cut = 1, 0
    given_to: dict[int, int] = defaultdict(int)
    for what, amount, frames in steps:
        if what == "put":
            turn += amount
            rig.put(turn, frames)
            given_to[turn] += frames
        elif what == "total" and turn in given_to:
            rig.buffer.total(Turn(turn), given_to[turn])
        elif what == "cut":
            cut = max(cut, turn + amount)
            rig.buffer.cut(Turn(max(0, turn + amount)))
        elif what == "read":
            before = rig.heard.copy()
            rig.read(amount)
            assert all(rig.heard[t] - before.get(t, 0) <= FADE for t in rig.heard if t <= cut)
    for each, frames in given_to.items():
        rig.buffer.total(Turn(each), frames)
    rig.read_until_idle()
    return given_to, cut


@given(st.lists(st.one_of(Puts, Reads, Totals), max_size=60), st.sampled_from([0, 20, 120]))
@settings(deadline=None, max_examples=150)
def test_every_frame_is_heard_once_in_order(steps: list[tuple[str, int, int]], prebuffer: int) -> None:
    """Whatever the order of sound, ends and reads: all of it is heard, changed only by fades where it ran dry."""
    rig = Rig(prebuffer_ms=prebuffer)

    given_to, _ = play(rig, steps)

    assert {t: n for t, n in rig.heard.items() if n} == given_to
    begun_again = len(rig.of(Played)) - len(given_to)  # an end announced too early: fades in once more
    assert rig.altered <= FADE * (2 * len(rig.of(Starved)) + begun_again)


@given(st.lists(st.one_of(Puts, Puts, Reads, Totals, Cuts), max_size=60), st.sampled_from([0, 20, 120]))
@settings(deadline=None, max_examples=150)
def test_nothing_of_a_cut_turn_is_heard(steps: list[tuple[str, int, int]], prebuffer: int) -> None:
    """After a cut only its fade; what was not cut is heard whole; every turn and every cut is reported once."""
    rig = Rig(prebuffer_ms=prebuffer)

    given_to, cut = play(rig, steps)

    for turn, frames in given_to.items():
        if turn > cut:
            assert rig.heard[turn] == frames
    silenced = [n.turn for n in rig.notices if isinstance(n, Silenced)]
    assert silenced == sorted(set(silenced))
    assert (silenced[-1] if silenced else 0) == max(cut, 0)
    assert rig.buffer.waiting == 0
