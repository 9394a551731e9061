"""`voice` where there is one, `mic` where it stays away: every frame once, in order, whoever comes and goes."""

from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from lived.stream import Gap
from lived.units import MILLISECOND, Epoch, Hz, Ns, Position, Turn
from lived.wire import Chunk, Stream, decode_order, header_of
from lived.wire.orders import Again
from lived_workers.gateway.ears import PATIENCE, Ears

TEN = Ns(10 * MILLISECOND)


def chunk(stream: Stream, number: int) -> Chunk:
    """10 ms that begin at ``number`` * 10 ms."""
    return Chunk(stream, Epoch(7), Position(160 * number), Ns(number * TEN), Turn(0), Hz(16_000), bytes(320))


class Bus:
    """A ``Subscriber`` that hears what it subscribed to, and publishers that repeat when they are asked."""

    def __init__(self) -> None:
        self.topics: set[bytes] = set()
        self.waiting: list[list[bytes]] = []
        self.published: dict[Stream, list[Chunk]] = {Stream.MIC: [], Stream.VOICE: []}

    def subscribe(self, *topics: bytes) -> None:
        """Hear more."""
        self.topics.update(topics)

    def unsubscribe(self, *topics: bytes) -> None:
        """Hear less."""
        self.topics.difference_update(topics)

    def drain(self) -> Iterator[list[bytes]]:
        """What came."""
        waiting, self.waiting = self.waiting, []
        yield from waiting

    def publish(self, sound: Chunk) -> None:
        """A worker publishes."""
        self.published[sound.stream].append(sound)
        self._send(sound.stream.topic, sound)

    def order(self, frames: list[bytes]) -> None:
        """Somebody is asked to repeat."""
        order = decode_order(frames)
        assert isinstance(order, Again)
        stream = Stream(order.stream)
        for sound in self.published[stream]:
            if sound.end > order.position:
                self._send(stream.again_topic, sound)

    def _send(self, topic: bytes, sound: Chunk) -> None:
        if topic in self.topics:
            self.waiting.append([topic, header_of(sound), sound.pcm])


def listen(bus: Bus, ears: Ears, here: list[bool]) -> list[Chunk | Gap]:
    """``here``: for each 10 ms, whether the front end works; when it is back it makes up for what it missed."""
    out: list[Chunk | Gap] = []
    made = 0
    for number, works in enumerate(here):
        bus.publish(chunk(Stream.MIC, number))
        while works and made <= number:
            bus.publish(chunk(Stream.VOICE, made))
            made += 1
        now = Ns(number * TEN)
        out += ears.drain(now)
        out += ears.tick(now)
        out += ears.drain(now)  # what was asked for
    return out


def numbers(out: list[Chunk | Gap]) -> list[int]:
    """Which 10 ms they are; a gap fails."""
    assert not [piece for piece in out if isinstance(piece, Gap)]
    return [piece.position // 160 for piece in out]


def make(*streams: Stream) -> tuple[Bus, Ears]:
    """Both."""
    bus = Bus()
    ears = Ears(bus, bus.order, Counter(), streams)  # type: ignore[arg-type]
    ears.start = lambda first: ears.resume_at(first.epoch, Position(0))
    return bus, ears


def test_voice_is_heard_and_nothing_else() -> None:
    """A front end that works: `mic` is not even subscribed to."""
    bus, ears = make(Stream.VOICE, Stream.MIC)
    out = listen(bus, ears, [True] * 100)
    assert numbers(out) == list(range(100))
    assert {piece.stream for piece in out if isinstance(piece, Chunk)} == {Stream.VOICE}
    assert bus.topics == {b"voice/", b"again/voice/"}


def test_the_microphone_takes_the_place_of_a_front_end_that_is_gone() -> None:
    """From the frame behind the last one of `voice`, and back again; nothing is missing."""
    bus, ears = make(Stream.VOICE, Stream.MIC)
    here = [True] * 50 + [False] * 200 + [True] * 50
    out = listen(bus, ears, here)
    assert numbers(out) == list(range(300))
    assert isinstance(out[150], Chunk)
    assert out[150].stream is Stream.MIC
    assert ears.stream is Stream.VOICE
    assert bus.topics == {b"voice/", b"again/voice/"}


def test_where_there_must_be_a_wake_word_the_microphone_itself_is_never_heard() -> None:
    """Without a front end nobody can tell what is meant for the model."""
    bus, ears = make(Stream.VOICE)
    assert numbers(listen(bus, ears, [True] * 10 + [False] * 200)) == list(range(10))


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=8))
def test_nothing_is_lost_or_doubled_whatever_the_front_end_does(spells: list[tuple[bool, int]]) -> None:
    """It comes and goes: every frame once, in order, up to what it has made or the microphone has said."""
    bus, ears = make(Stream.VOICE, Stream.MIC)
    here = [works for works, length in spells for _ in range(length)]
    out = numbers(listen(bus, ears, here + [False] * (2 * PATIENCE // TEN + 2)))
    assert out == list(range(len(out)))
    assert len(out) >= len(here)
