"""What is meant for the model, in every mode: asleep nothing, and of a sentence with the wake word every word."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.config.options import Uplink, Wake
from lived.units import MILLISECOND, NO_TURN, SECOND, Ns, Turn
from lived_workers.frontend.attention import REACH, TABLE, WORD, Attention, Block, Input, Sound, State, Verdict

TEN = Ns(10 * MILLISECOND)
WAKE = Wake(words=("okay_nabu", "alexa"), stop_words=("alexa",), listen_s=6, follow_up_s=8)
PREROLL = Ns(500 * MILLISECOND)


class Scene:
    """Blocks of 10 ms, one after the other, and what became of them."""

    def __init__(self, mode: str = "wake", wake: Wake = WAKE) -> None:
        self.attention = Attention(Uplink(mode=mode, preroll_ms=500, tail_ms=800), wake)  # type: ignore[arg-type]
        self.now = Ns(100 * SECOND)
        self.since = Ns(0)
        self.verdicts: list[tuple[Ns, Verdict]] = []

    def run(self, seconds: float, *, speech: bool = False, turn: int = 0) -> "Scene":
        """So long the same."""
        if speech:
            self.since = self.now
        for _ in range(round(seconds * 100)):
            self.block(Block(self.now, speech, self.since, None, Turn(turn)))
        return self

    def word(self, word: str = "okay_nabu", turn: int = 0, *, speech: bool = False) -> "Scene":
        """A block behind whose end a word was recognised."""
        return self.block(Block(self.now, speech, self.since, word, Turn(turn)))

    def over_reply(self, turn: int) -> "Scene":
        """A block with which barge-in by ear cuts the reply."""
        return self.block(Block(self.now, True, self.since, None, Turn(turn), True))

    def block(self, block: Block) -> "Scene":
        """One."""
        self.verdicts.append((self.now, self.attention.take(block)))
        self.now = Ns(self.now + TEN)
        return self

    @property
    def state(self) -> State:
        """Now."""
        return self.attention.state

    @property
    def meant(self) -> list[tuple[float, float]]:
        """Stretches that the model gets, pre-roll included: begin and end in seconds from the scene's begin."""
        found: list[tuple[float, float]] = []
        before = False
        for time, verdict in self.verdicts:
            if verdict.meant:
                begin = verdict.since if not before else Ns(round(found.pop()[0] * SECOND) + 100 * SECOND)
                found.append(((begin - 100 * SECOND) / SECOND, (time + TEN - 100 * SECOND) / SECOND))
            before = verdict.meant
        return [(round(begin, 3), round(end, 3)) for begin, end in found]

    @property
    def sounds(self) -> list[Sound]:
        """Played."""
        return [verdict.sound for _, verdict in self.verdicts if verdict.sound]

    @property
    def cuts(self) -> list[int]:
        """Ordered."""
        return [verdict.cut for _, verdict in self.verdicts if verdict.cut]


def test_the_table_is_whole() -> None:
    """Every state has a row for every input."""
    assert set(TABLE) == set(product(State, Input))


def test_nobody_wakes_up_but_by_a_word_or_a_reply() -> None:
    """No other input leads out of sleep; the stop word leads into it from everywhere."""
    assert {what for what in Input if TABLE[State.ASLEEP, what] is not State.ASLEEP} == {Input.WAKE, Input.REPLY}
    assert {TABLE[state, Input.STOP] for state in State} == {State.ASLEEP}


def test_asleep_nothing_is_meant() -> None:
    """People may talk in the room for as long as they like."""
    scene = Scene().run(1).run(20, speech=True).run(3)
    assert scene.meant == []
    assert scene.sounds == []


def test_a_sentence_with_its_wake_word() -> None:
    """It is meant whole, from before the word; no sound is played into it; a tail follows."""
    scene = Scene().run(2).run(0.9, speech=True).word(speech=True).run(2, speech=True).run(1.5)
    ((begin, end),) = scene.meant
    assert begin == 2.9 - WORD / SECOND
    assert end == pytest.approx(4.91 + 0.8, abs=0.011)
    assert scene.sounds == []
    assert scene.state is State.WAITING


def test_a_bare_wake_word() -> None:
    """It is not sent; a sound says that somebody listens; the question is meant, with its pre-roll."""
    scene = Scene().run(2).run(0.9, speech=True).word().run(2).run(1, speech=True).run(2)
    (question,) = scene.meant
    assert question == pytest.approx((4.91 - 0.5, 5.91 + 0.8), abs=0.011)
    assert scene.sounds == [Sound.AWAKE]


def test_woken_for_nothing() -> None:
    """Nobody says anything: it falls asleep, and says so."""
    scene = Scene().word().run(8)
    assert scene.meant == []
    assert scene.sounds == [Sound.AWAKE, Sound.DONE]
    assert scene.state is State.ASLEEP


def test_talk_before_the_wake_word_is_not_meant() -> None:
    """Somebody talked for a minute and then said the word: what was said before it stays in the room."""
    scene = Scene().run(60, speech=True).word(speech=True).run(1, speech=True)
    assert scene.meant[0][0] == 60 - WORD / SECOND


def answered(scene: Scene) -> Scene:
    """Asked, and a reply of two seconds was heard."""
    return scene.run(1).word(speech=True).run(1, speech=True).run(2).run(2, turn=7)


def test_a_follow_up_question() -> None:
    """After the reply, within eight seconds, no wake word is needed."""
    scene = answered(Scene()).run(7).run(1, speech=True).run(2)
    assert len(scene.meant) == 2
    assert scene.state is State.WAITING


def test_too_late_for_a_follow_up() -> None:
    """After it, the wake word is needed again; a sound says so."""
    scene = answered(Scene()).run(8.1).run(3, speech=True)
    assert len(scene.meant) == 1
    assert scene.sounds == [Sound.DONE]


def test_no_follow_up() -> None:
    """With zero seconds the reply's end is the end, also where somebody speaks just then."""
    scene = answered(Scene(wake=Wake(follow_up_s=0, sounds=False))).run(3, speech=True)
    assert len(scene.meant) == 1
    assert scene.sounds == []


def test_speech_over_a_reply() -> None:
    """A cough and the television are not meant; what barge-in is sure of is, from its beginning."""
    scene = answered(Scene()).run(0.1, speech=True, turn=7).run(1, turn=7)
    assert len(scene.meant) == 1
    scene.run(0.16, speech=True, turn=7).over_reply(7).run(1, speech=True).run(2)
    assert scene.meant[1] == pytest.approx((7.11 - 0.5, 8.28 + 0.8), abs=0.02)


def test_barge_in_is_surer_than_the_voice_activity() -> None:
    """It may be sure of speech first: the tail begins there, and what was before is meant."""
    scene = answered(Scene()).run(1, turn=7)
    scene.block(Block(scene.now, False, scene.now, None, Turn(7), True)).run(2)
    assert scene.meant[1] == pytest.approx((7.01 - 0.5, 7.02 + 0.8), abs=0.011)


def test_only_the_last_seconds_before_it_are_meant() -> None:
    """The television talked all through the reply; then somebody cuts it."""
    scene = answered(Scene()).run(20, speech=True, turn=7).over_reply(7)
    assert scene.meant[1][0] == pytest.approx(26.01 - REACH / SECOND, abs=0.011)


def test_the_wake_word_over_a_reply() -> None:
    """It silences the reply, and what follows is meant; what is still heard of the reply is none."""
    scene = answered(Scene()).word(turn=7).run(0.1, turn=7).run(0.2).run(1, speech=True)
    assert scene.cuts == [7]
    assert len(scene.meant) == 2
    assert scene.state is State.ADDRESSED


@pytest.mark.parametrize("mode", ["always", "vad", "wake"])
def test_the_stop_word(mode: str) -> None:
    """In every mode it cuts the reply that is heard; without one it does nothing; in mode wake it sleeps then."""
    scene = answered(Scene(mode)).word("alexa", turn=7).run(0.2, turn=7).run(1)
    assert scene.cuts == [7]
    assert mode != "wake" or scene.state is State.ASLEEP
    assert scene.word("alexa").run(1).cuts == [7]


def test_a_reply_without_a_question() -> None:
    """A greeting, a reminder: it may be answered without the wake word."""
    scene = Scene().run(3, turn=1).run(2).run(1, speech=True).run(1)
    assert len(scene.meant) == 1


def test_mode_always() -> None:
    """Everything is meant, whatever is heard; wake words mean nothing."""
    scene = Scene("always").run(1).word(turn=2).run(1, speech=True, turn=2)
    assert scene.meant == [(0, 2.01)]
    assert scene.cuts == []


def test_mode_vad() -> None:
    """Speech with pre-roll and tail; a pause shorter than the tail is sent too."""
    scene = Scene("vad").run(2).run(1, speech=True).run(0.7).run(1, speech=True).run(2).run(0.5, speech=True)
    first, second = scene.meant
    assert first == pytest.approx((1.5, 5.5), abs=0.011)
    assert second == (6.2, 7.2)


STEPS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from([None, None, None, "okay_nabu", "alexa"]),
        st.sampled_from([0, 0, 5, 6]),
        st.booleans(),
        st.integers(1, 300),
    ),
    max_size=15,
)


@given(st.sampled_from(["always", "vad", "wake"]), STEPS, st.floats(0, 20))
def test_any_sound_in_any_mode(
    mode: str, steps: list[tuple[bool, str | None, int, bool, int]], follow_up: float
) -> None:
    """Nothing older than four seconds is meant; a cut names the reply that is heard; asleep nothing is meant."""
    scene = Scene(mode, Wake(words=("okay_nabu", "alexa"), stop_words=("alexa",), follow_up_s=follow_up))
    for speech, word, turn, over, blocks in steps:
        scene.since = scene.now if speech else scene.since
        scene.block(Block(scene.now, speech, scene.since, word, Turn(turn), over and turn != 0))
        before = scene.state
        scene.run(blocks / 100, speech=speech, turn=turn)
        for time, verdict in scene.verdicts[-blocks - 1 :]:
            assert verdict.cut in (NO_TURN, turn)
            assert verdict.since <= time
        if mode == "wake" and before is scene.state is State.ASLEEP and turn == 0:
            assert not any(verdict.meant for _, verdict in scene.verdicts[-blocks:])
    first = [
        verdict.since
        for (time, verdict), (_, last) in zip(scene.verdicts[1:], scene.verdicts, strict=False)
        if verdict.meant and not last.meant and time - verdict.since > REACH
    ]
    assert first == []


@given(STEPS)
def test_it_falls_asleep(steps: list[tuple[bool, str | None, int, bool, int]]) -> None:
    """After anything: half a minute without speech and reply, and it sleeps."""
    scene = Scene()
    for speech, word, turn, over, _ in steps:
        scene.block(Block(scene.now, speech, scene.now, word, Turn(turn), over and turn != 0))
    assert scene.run(32).state is State.ASLEEP
