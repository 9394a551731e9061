"""Everything said reaches the server, in order; once, as long as acknowledgments are exact."""

from hypothesis import given
from hypothesis import strategies as st

from lived.stream import Gap
from lived.units import MILLISECOND, Epoch, Frames, Hz, Ns, Position, Turn
from lived.wire import FLAG_MUTED, Chunk, Stream
from lived_workers.gateway.messages import (
    ActivityEnd,
    ActivityStart,
    Answer,
    Audio,
    Context,
    Message,
    Picture,
    StreamEnd,
    Text,
)
from lived_workers.gateway.uplink import MESSAGE_FRAMES, MOST_OTHERS, MOST_PARTS, MOST_UNREAD, PICTURE_EVERY, Uplink

TEN_MS = 160


def chunk(position: int, frames: int = TEN_MS, epoch: int = 1, flags: int = 0) -> Chunk:
    """Frame n has the value n."""
    pcm = b"".join((n % 65_536).to_bytes(2, "little") for n in range(position, position + frames))
    return Chunk(Stream.MIC, Epoch(epoch), Position(position), Ns(0), Turn(0), Hz(16_000), pcm, flags=flags)


def all_waiting(uplink: Uplink) -> list[object]:
    """Hand over everything; nothing is acknowledged."""
    out: list[object] = []
    while (message := uplink.next()) is not None:
        out.append(message)
        uplink.handed(None)
    return out


def spans(messages: list[object]) -> list[tuple[int, int]]:
    """First and last+1 position of each sound."""
    return [(m.position, m.end) for m in messages if isinstance(m, Audio)]


def test_two_chunks_are_a_message() -> None:
    """20 ms at a time."""
    uplink = Uplink(Frames(16_000))
    for n in range(4):
        uplink.take(chunk(n * TEN_MS), Ns(0))
    assert spans(all_waiting(uplink)) == [(0, 320), (320, 640)]


def test_nothing_is_glued_across_a_gap() -> None:
    """A hole, a new epoch and a muted time each end a message early."""
    uplink = Uplink(Frames(16_000))
    for piece in (chunk(0), chunk(480), chunk(640, flags=FLAG_MUTED), chunk(0, epoch=2), chunk(160, epoch=2)):
        uplink.take(piece, Ns(0))
    assert spans(all_waiting(uplink)) == [(0, 160), (480, 640), (640, 800), (0, 320)]


def test_a_lone_chunk_leaves_after_a_while() -> None:
    """The microphone stopped in the middle of a message: it goes as it is, 20 ms later."""
    uplink = Uplink(Frames(16_000))
    uplink.take(chunk(0), Ns(0))
    uplink.tick(Ns(19 * MILLISECOND))
    assert uplink.next() is None
    uplink.tick(Ns(20 * MILLISECOND))
    assert spans(all_waiting(uplink)) == [(0, 160)]


def test_the_oldest_is_given_up_first() -> None:
    """The bound is on sound that waits; neighbours lost are one gap; what is typed is kept."""
    uplink = Uplink(Frames(2 * MESSAGE_FRAMES))
    uplink.put(Text("first"))
    for n in range(10):
        uplink.take(chunk(n * TEN_MS), Ns(0))
    assert uplink.dropped == [Gap(Epoch(1), Position(0), Frames(960))]
    left = all_waiting(uplink)
    assert left[0] == Text("first")
    assert spans(left) == [(960, 1280), (1280, 1600)]


def test_order_of_sound_and_the_rest() -> None:
    """The end of the stream comes behind the sound before it, a half message included."""
    uplink = Uplink(Frames(16_000))
    uplink.take(chunk(0), Ns(0))
    assert uplink.put(StreamEnd())
    uplink.take(chunk(160), Ns(0))
    uplink.flush()
    assert [type(m) for m in all_waiting(uplink)] == [Audio, StreamEnd, Audio]


def test_too_much_typed_is_refused() -> None:
    """Texts have their own bound, whatever the sound does."""
    uplink = Uplink(Frames(16_000))
    for n in range(200):
        uplink.take(chunk(n * TEN_MS), Ns(0))
    assert [uplink.put(Text(str(n))) for n in range(MOST_OTHERS + 1)] == [True] * MOST_OTHERS + [False]


def test_what_arrived_is_told() -> None:
    """The last sound among what was acknowledged: a successor goes on behind it."""
    uplink = Uplink(Frames(16_000))
    for n in range(6):
        uplink.take(chunk(n * TEN_MS), Ns(0))
    for mark in (1000, 2000, 3000):
        uplink.handed(mark)
    assert uplink.acknowledged(999) is None
    newest = uplink.acknowledged(2500)
    assert newest is not None
    assert newest.end == 640
    assert uplink.unacknowledged == 1


def test_an_unknown_mark_waits_for_the_next_known_one() -> None:
    """A message that may be stuck before the kernel is safe together with the one behind it."""
    uplink = Uplink(Frames(16_000))
    for n in range(4):
        uplink.take(chunk(n * TEN_MS), Ns(0))
    uplink.handed(None)
    assert uplink.acknowledged(10**9) is None
    uplink.handed(2000)
    assert uplink.acknowledged(2000) is not None
    assert uplink.unacknowledged == 0


def test_nothing_of_an_ended_conversation_is_sent() -> None:
    """clear() forgets what waits, what is half, and what was not acknowledged."""
    uplink = Uplink(Frames(16_000))
    for n in range(3):
        uplink.take(chunk(n * TEN_MS), Ns(0))
    uplink.handed(1)
    uplink.clear()
    uplink.lost()
    uplink.flush()
    assert uplink.next() is None


class Line:
    """User, uplink, and connections that deliver a prefix of what they are given."""

    def __init__(self) -> None:
        self.uplink = Uplink(Frames(10**6))
        self.said = 0
        self.heard: list[int] = []
        self.exact = True
        self._given: list[Audio] = []
        self._delivered = 0
        self._base = 0  # messages given to earlier connections

    def step(self, what: str, n: int) -> None:
        """One of STEPS."""
        getattr(self, what)(n)

    def chunk(self, n: int) -> None:
        """The user says n frames."""
        self.uplink.take(chunk(self.said, n), Ns(0))
        self.said += n

    def flush(self, _: int) -> None:
        """Nothing came for a while."""
        self.uplink.flush()

    def send(self, n: int) -> None:
        """Hand n messages over."""
        for _ in range(n):
            message = self.uplink.next()
            if isinstance(message, Audio):
                self._given.append(message)
                self.uplink.handed(sum(len(m.pcm) for m in self._given))

    def deliver(self, n: int) -> None:
        """The server's machine receives n messages."""
        self._delivered = min(len(self._given), self._delivered + n)

    def acknowledge(self, _: int) -> None:
        """We learn of it."""
        self.uplink.acknowledged(sum(len(m.pcm) for m in self._given[: self._delivered]))

    def lose(self, with_last_figures: int) -> None:
        """The connection ends; perhaps nobody knows any more what was delivered."""
        self.heard += [n for m in self._given[: self._delivered] for n in range(m.position, m.end)]
        self.exact &= bool(with_last_figures)
        if with_last_figures:
            self.acknowledge(0)
        self.uplink.lost()
        self._base, self._given, self._delivered = self.uplink.count, [], 0

    def stop_reading(self, unread: int) -> None:
        """The server's machine acknowledges to the last, and its program never reads the last ``unread`` messages; it
        has answered pings until some time before that."""
        known = max(0, self._delivered - unread)
        self.heard += [n for m in self._given[:known] for n in range(m.position, m.end)]
        self.acknowledge(0)
        self.uplink.read(self._base + max(0, known - unread))
        self.exact &= not unread
        self.uplink.lost(unread=True)
        self._base, self._given, self._delivered = self.uplink.count, [], 0


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["chunk", "chunk", "send", "deliver", "acknowledge", "lose", "stop_reading", "flush"]),
        st.integers(0, 9),
    ),
    max_size=80,
)


@given(STEPS)
def test_every_frame_arrives_once_and_in_order(steps: list[tuple[str, int]]) -> None:
    """Any sequence of sound, sending, delivering and losing: with exact acknowledgments the server's sound is the
    user's sound; without the last one, or when the server stops reading, frames may come twice, and none is missing."""
    line = Line()
    for what, n in steps:
        line.step(what, n * 40 + 1 if what == "chunk" else n)
    line.flush(0)
    line.send(len(line.uplink))
    line.deliver(10**6)
    line.lose(True)
    assert line.uplink.next() is None
    assert sorted(set(line.heard)) == list(range(line.said))
    assert not line.exact or line.heard == list(range(line.said))


ANSWER = Answer("c", "f", {})


def test_answers_always_find_room() -> None:
    """The last answer of a call is never refused; parts are, when a generator floods; typed text keeps its own room."""
    uplink = Uplink(Frames(16_000))
    for _ in range(MOST_OTHERS):
        assert uplink.put(Text("x"))
    assert not uplink.put(Text("one too many"))
    for _ in range(MOST_PARTS):
        assert uplink.put(ANSWER._replace(more=True))
    assert not uplink.put(ANSWER._replace(more=True))
    assert uplink.put(ANSWER)


def test_answers_survive_a_flood_of_sound_and_a_lost_connection() -> None:
    """Only sound is given up."""
    uplink = Uplink(Frames(2 * MESSAGE_FRAMES))
    uplink.put(ANSWER)
    uplink.handed(None)
    uplink.lost()
    for n in range(20):
        uplink.take(chunk(n * TEN_MS), Ns(0))
    assert all_waiting(uplink)[0] == ANSWER


def test_the_end_of_a_turn_always_finds_room() -> None:
    """Its beginning did."""
    uplink = Uplink(Frames(16_000))
    uplink.put(ActivityStart())
    for _ in range(2 * MOST_OTHERS):
        uplink.put(Text("x"))
    assert uplink.put(ActivityEnd())


def test_a_held_button_is_told_to_the_next_connection() -> None:
    """Its beginning arrived, then the connection broke: the next one hears of it before the rest of the turn."""
    uplink = Uplink(Frames(16_000))
    uplink.put(ActivityStart())
    uplink.handed(10)
    uplink.take(chunk(0), Ns(0))
    uplink.flush()
    uplink.handed(500)
    uplink.acknowledged(10)
    uplink.lost()
    uplink.put(ActivityEnd())
    assert [type(m) for m in all_waiting(uplink)] == [ActivityStart, Audio, ActivityEnd]


@given(st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_no_connection_hears_an_end_without_a_beginning(handed: int, arrived: int, again: bool) -> None:
    """Wherever a turn is broken off, once or twice: what the last connection gets begins and ends it."""
    uplink = Uplink(Frames(16_000))
    turn: list[Message] = [ActivityStart(), Text("1"), Text("2"), ActivityEnd()]
    for message in turn:
        uplink.put(message)
    for mark in range(1, handed + 1):
        uplink.handed(mark)
    done = min(handed, arrived)
    uplink.acknowledged(done)
    uplink.lost()
    if again:
        uplink.lost()
    expected = turn[done:]
    if 0 < done < 4:
        expected.insert(0, ActivityStart())
    assert all_waiting(uplink) == expected


def picture(keep: bool = False, data: bytes = b"1") -> Picture:
    """An image."""
    return Picture(data, "image/jpeg", keep)


def test_an_image_waits_until_nothing_else_does() -> None:
    """Never in front of sound, at most one a second, the newest one."""
    uplink = Uplink(Frames(16_000))
    uplink.take(chunk(0), Ns(0))
    uplink.flush()
    uplink.show(picture(data=b"old"))
    uplink.show(picture(data=b"new"))
    uplink.tick(Ns(0))
    assert [type(m) for m in all_waiting(uplink)] == [Audio]
    uplink.tick(Ns(1))
    assert all_waiting(uplink) == [picture(data=b"new")]
    uplink.show(picture(data=b"next"))
    uplink.tick(PICTURE_EVERY)
    assert all_waiting(uplink) == []
    uplink.tick(Ns(1 + PICTURE_EVERY))
    assert all_waiting(uplink) == [picture(data=b"next")]


def test_an_image_that_somebody_showed_is_kept() -> None:
    """A camera's does not replace it, and a broken connection does not lose it; the camera's own it does."""
    uplink = Uplink(Frames(16_000))
    uplink.show(picture(keep=True))
    uplink.show(picture(data=b"camera"))
    uplink.tick(Ns(0))
    assert all_waiting(uplink) == [picture(keep=True)]
    uplink.show(picture(data=b"camera"))
    uplink.tick(PICTURE_EVERY)
    assert len(all_waiting(uplink)) == 1
    uplink.lost()
    assert all_waiting(uplink) == [picture(keep=True)]


def test_the_next_setup_says_what_a_lost_update_did() -> None:
    """An instruction that waits, or was sent, is not sent again."""
    uplink = Uplink(Frames(16_000))
    uplink.put(Context("Be brief.", None))
    uplink.handed(None)
    uplink.put(Context("Be long.", None))
    uplink.lost()
    assert all_waiting(uplink) == []


def sent(*messages: Message) -> Uplink:
    """All of it handed over and acknowledged."""
    uplink = Uplink(Frames(16_000))
    for number, message in enumerate(messages, 1):
        uplink.put(message)
        uplink.handed(number)
    uplink.acknowledged(len(messages))
    return uplink


def test_what_was_acknowledged_and_not_read_can_be_taken_back() -> None:
    """All behind the last ping that was answered, in order and before what waits; never over a connection that read."""
    texts = [Text(str(n)) for n in range(5)]
    uplink = sent(*texts)
    uplink.read(2)
    uplink.put(Text("5"))
    uplink.lost(unread=True)
    assert all_waiting(uplink) == [*texts[2:], Text("5")]
    uplink = sent(*texts)
    uplink.lost()
    uplink.lost(unread=True)
    assert all_waiting(uplink) == []


def test_an_answer_to_a_ping_may_overtake_the_kernels_figures() -> None:
    """Read is read, whenever the acknowledgment is noticed."""
    uplink = Uplink(Frames(16_000))
    uplink.put(Text("1"))
    uplink.handed(1)
    uplink.read(1)
    uplink.acknowledged(1)
    uplink.lost(unread=True)
    assert all_waiting(uplink) == []


def test_a_button_as_it_was_when_the_server_stopped_reading() -> None:
    """What it has not read it does not know: neither the beginning of a turn nor its end."""
    turn: list[Message] = [ActivityStart(), Text("1"), ActivityEnd()]
    uplink = sent(*turn)
    uplink.lost(unread=True)
    assert all_waiting(uplink) == turn
    uplink = sent(*turn)
    uplink.read(1)
    uplink.lost(unread=True)
    assert all_waiting(uplink) == turn
    uplink = sent(*turn)
    uplink.read(3)
    uplink.lost(unread=True)
    assert all_waiting(uplink) == []


def test_what_is_not_read_for_certain_is_bounded() -> None:
    """A server that answers no pings costs no more memory for that."""
    uplink = Uplink(Frames(10**6))
    for n in range(MOST_UNREAD + 5):
        uplink.take(chunk(n * 320, 320), Ns(0))
        uplink.handed(n)
        uplink.acknowledged(n)
    oldest = uplink.oldest()
    assert oldest is not None
    assert oldest.position == 5 * 320
    assert uplink.lost(unread=True) == MOST_UNREAD * 320


def test_a_mute_takes_back_the_sound_and_nothing_else() -> None:
    """No sound of before is sent any more, also not what a broken connection would have sent again; text is."""
    uplink = Uplink(Frames(16_000))
    for number in range(10):
        uplink.take(chunk(number * TEN_MS), Ns(0))
    uplink.next()
    uplink.handed(100)
    uplink.put(Text("Hello?"))
    uplink.next()  # is being written to the socket
    uplink.hush()
    uplink.handed(200)
    uplink.lost(unread=True)
    assert all_waiting(uplink) == [Text("Hello?")]
