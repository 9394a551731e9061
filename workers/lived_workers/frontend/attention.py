"""What of the microphone's sound is meant for the model, block by block. Pure: the time is the sound's own (ADC).

In mode "wake" all changes are in this table. A bare wake word is not sent: it would be answered before the question.
Only when speech goes on behind it is it meant, the word included.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from lived.config.options import Uplink, Wake
from lived.units import MILLISECOND, NO_TURN, SECOND, Ns, Turn

WORD = Ns(1500 * MILLISECOND)
"""A wake word and what it takes to recognise it: where the sentence with it begins."""

GOES_ON = Ns(300 * MILLISECOND)
"""A wake word is recognised at its last syllable or soon after: speech so long behind that is more than the word."""

CALLED = Ns(700 * MILLISECOND)
"""A longer pause behind the wake word means that somebody waits for an answer to it."""

WAITED = Ns(30 * SECOND)
"""Longest wait for a reply: calls of tools take their time."""

REACH = Ns(4 * SECOND)
"""Nothing older is ever meant."""


class State(StrEnum):
    """Of the device's attention."""

    ASLEEP = "asleep"
    CALLED = "called"
    """The wake word was heard; does the sentence go on?"""
    LISTENING = "listening"
    """It waits for somebody to speak."""
    ADDRESSED = "addressed"
    """Somebody speaks to the model: this is sent."""
    WAITING = "waiting"
    """For the reply."""
    ANSWERING = "answering"
    """The reply is heard."""
    FOLLOWING = "following"
    """After a reply no wake word is needed."""


class Input(StrEnum):
    """What can happen to it."""

    WAKE = "wake"
    STOP = "stop"
    SPEECH = "speech"
    PAUSE = "pause"
    """Nobody speaks, and the tail is over."""
    REPLY = "reply"
    """One is heard."""
    SILENCE = "silence"
    """None is heard."""
    OVER_REPLY = "over reply"
    """Somebody speaks over the reply, for sure (barge-in by ear)."""
    TIME = "time"
    """The state has lasted as long as it may."""


_NO_CHANGE: dict[State, frozenset[Input]] = {
    State.ASLEEP: frozenset({Input.STOP, Input.SPEECH, Input.PAUSE, Input.SILENCE, Input.OVER_REPLY, Input.TIME}),
    State.CALLED: frozenset({Input.WAKE, Input.PAUSE, Input.REPLY, Input.SILENCE, Input.OVER_REPLY}),
    State.LISTENING: frozenset({Input.WAKE, Input.PAUSE, Input.SILENCE}),
    # a reply that comes while the user still speaks: the next pause finds it
    State.ADDRESSED: frozenset({Input.WAKE, Input.SPEECH, Input.REPLY, Input.SILENCE, Input.OVER_REPLY, Input.TIME}),
    State.WAITING: frozenset({Input.PAUSE, Input.SILENCE}),
    # speech that is not sure to be the user's may be a cough, or the reply
    State.ANSWERING: frozenset({Input.SPEECH, Input.PAUSE, Input.REPLY, Input.TIME}),
    State.FOLLOWING: frozenset({Input.PAUSE, Input.SILENCE}),
}

TABLE: dict[tuple[State, Input], State] = {
    **{(state, what): state for state, inputs in _NO_CHANGE.items() for what in inputs},
    (State.ASLEEP, Input.WAKE): State.CALLED,
    (State.ASLEEP, Input.REPLY): State.ANSWERING,  # a greeting, livectl say: it may be answered without a wake word
    (State.CALLED, Input.STOP): State.ASLEEP,
    (State.CALLED, Input.SPEECH): State.ADDRESSED,
    (State.CALLED, Input.TIME): State.LISTENING,
    (State.LISTENING, Input.STOP): State.ASLEEP,
    (State.LISTENING, Input.SPEECH): State.ADDRESSED,
    (State.LISTENING, Input.OVER_REPLY): State.ADDRESSED,
    (State.LISTENING, Input.REPLY): State.ANSWERING,
    (State.LISTENING, Input.TIME): State.ASLEEP,
    (State.ADDRESSED, Input.STOP): State.ASLEEP,
    (State.ADDRESSED, Input.PAUSE): State.WAITING,
    (State.WAITING, Input.WAKE): State.CALLED,
    (State.WAITING, Input.STOP): State.ASLEEP,
    (State.WAITING, Input.SPEECH): State.ADDRESSED,  # the sentence goes on
    (State.WAITING, Input.OVER_REPLY): State.ADDRESSED,
    (State.WAITING, Input.REPLY): State.ANSWERING,
    (State.WAITING, Input.TIME): State.ASLEEP,
    (State.ANSWERING, Input.WAKE): State.CALLED,
    (State.ANSWERING, Input.STOP): State.ASLEEP,
    (State.ANSWERING, Input.SILENCE): State.FOLLOWING,
    (State.ANSWERING, Input.OVER_REPLY): State.ADDRESSED,
    (State.FOLLOWING, Input.WAKE): State.CALLED,
    (State.FOLLOWING, Input.STOP): State.ASLEEP,
    (State.FOLLOWING, Input.SPEECH): State.ADDRESSED,
    (State.FOLLOWING, Input.OVER_REPLY): State.ADDRESSED,
    (State.FOLLOWING, Input.REPLY): State.ANSWERING,
    (State.FOLLOWING, Input.TIME): State.ASLEEP,
}


class Sound(StrEnum):
    """What the device says without words."""

    NONE = ""
    AWAKE = "awake"
    """Speak now. Not played into a sentence that goes on."""
    DONE = "done"
    """It does not listen any more."""


class Block(NamedTuple):
    """10 ms of the cleaned voice, and what was found in it."""

    time: Ns
    """ADC time of its first frame."""
    speech: bool = False
    """Somebody speaks, for sure and right now: not in a pause."""
    since: Ns = Ns(0)
    """ADC time at which that speech began."""
    word: str | None = None
    """The wake word or stop word that was recognised with it."""
    turn: Turn = NO_TURN
    """The reply that is heard."""
    over_reply: bool = False
    """Barge-in by ear cuts it now."""


class Verdict(NamedTuple):
    """What becomes of the block."""

    meant: bool
    """For the model."""
    since: Ns
    """ADC time from which on the sound is meant: what lies between and was not sent goes first."""
    sound: Sound = Sound.NONE
    """To be played now."""
    cut: Turn = NO_TURN
    """The reply to be cut, because a word says so."""


class Attention:
    """Feeds blocks to the table. The modes without wake word, "always" and "vad", need none."""

    def __init__(self, uplink: Uplink, wake: Wake) -> None:
        self._mode = uplink.mode
        self._preroll = Ns(uplink.preroll_ms * MILLISECOND)
        self._tail = Ns(uplink.tail_ms * MILLISECOND)
        self._stop_words = frozenset(wake.stop_words)
        self._sounds = wake.sounds
        self._longest = {
            State.CALLED: CALLED,
            State.LISTENING: Ns(int(wake.listen_s * SECOND)),
            State.WAITING: WAITED,
            State.FOLLOWING: Ns(int(wake.follow_up_s * SECOND)),
        }
        self._entered = Ns(0)
        self._last_speech: Ns | None = None
        self._since = Ns(0)
        self._over = NO_TURN
        """This reply and older ones were cut by a word: the rest of them on its way out is no reply."""
        self.state = State.ASLEEP

    def take(self, block: Block) -> Verdict:
        """The next block, in order."""
        speaking = self._speaking(block)
        if self._mode == "wake":
            return self._by_word(block, speaking)
        meant = self._mode == "always" or speaking
        cut = block.turn if block.word in self._stop_words else NO_TURN
        return Verdict(meant, self._since if self._mode == "vad" and meant else block.time, cut=cut)

    def _by_word(self, block: Block, speaking: bool) -> Verdict:
        before = self.state
        cut = block.turn if block.word is not None else NO_TURN
        self._over = max(self._over, cut)
        for what in self._inputs(block, speaking):
            self._step(what, block)
        meant = self.state is State.ADDRESSED
        return Verdict(meant, self._since if meant else block.time, self._sound(before), cut)

    def _speaking(self, block: Block) -> bool:
        """Whether somebody speaks, or has until a tail ago. In mode "vad" that is what is meant."""
        spoke = self._last_speech is not None and block.time - self._last_speech <= self._tail
        if not block.speech and not block.over_reply:  # barge-in is sure a little earlier, or of a shorter word
            return spoke
        self._last_speech = block.time
        if not spoke and self._mode == "vad":
            self._since = self._beginning(block)
        return True

    def _inputs(self, block: Block, speaking: bool) -> Iterator[Input]:
        """In the order in which they count; the state may change between two of them."""
        if block.word is not None:
            yield Input.STOP if block.word in self._stop_words else Input.WAKE
        yield Input.REPLY if block.turn > self._over else Input.SILENCE
        if block.time - self._entered >= self._longest.get(self.state, REACH + block.time):
            yield Input.TIME
        if block.over_reply:
            yield Input.OVER_REPLY
        if block.speech and (self.state is not State.CALLED or block.time - self._entered >= GOES_ON):
            yield Input.SPEECH
        if not speaking:
            yield Input.PAUSE

    def _step(self, what: Input, block: Block) -> None:
        before, after = self.state, TABLE[self.state, what]
        if after is before:
            return
        if after is State.ADDRESSED:
            self._since = Ns(self._entered - WORD) if before is State.CALLED else self._beginning(block)
        self.state, self._entered = after, block.time

    def _beginning(self, block: Block) -> Ns:
        began = block.since if block.speech else block.time
        return Ns(max(began - self._preroll, block.time - REACH))

    def _sound(self, before: State) -> Sound:
        if not self._sounds or self.state is before:
            return Sound.NONE
        if self.state is State.ASLEEP:
            return Sound.DONE
        return Sound.AWAKE if self.state is State.LISTENING else Sound.NONE
