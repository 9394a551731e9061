"""From pieces of transcripts to whole sentences, and of a reply that was cut only what was heard. Pure.

The server's text leads its sound: when a reply is cut, its transcript shows words that nobody has heard. So each piece
remembers how much of the turn's sound had come before it; what was heard of the sound then tells how much of the
text was. A reply is therefore said when playback is done with it, and not when its text comes (that is ``transcript``).
"""

import re
from typing import NamedTuple

from lived.units import SECOND, Frames, Ns, Turn
from lived.wire.events import Said

MOST_TURNS = 16
"""Replies that playback may still owe us news of; the oldest is settled with what is known then."""

MOST_CHARACTERS = 100_000
"""Of one reply or one user: two hours of speech. What is beyond is not kept."""

PAUSE = Ns(3 * SECOND)
"""No more of what the user said came for so long: that was the end of a sentence, whatever it looks like."""

_ENDS = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+)")
_ABBREVIATIONS = frozenset(
    ["dr", "mr", "mrs", "ms", "prof", "st", "vs", "nr", "no", "ca", "bzw", "usw", "z.b", "d.h", "e.g", "i.e"]
)

_WITHOUT_SPACES = "\u2e80"
"""From here on Unicode has the scripts of China and Japan, mostly."""


def sentences(text: str) -> tuple[list[str], str]:
    """(whole sentences, the rest): together ``text``, but for the white space around each."""
    found, begin = [], 0
    for end in _ENDS.finditer(text):
        word = text[begin : end.start()].rpartition(" ")[2].lower()
        if text[end.start()] == "." and word in _ABBREVIATIONS:
            continue
        found.append(text[begin : end.end()].strip())
        begin = end.end()
    return [sentence for sentence in found if sentence], text[begin:].lstrip()


class Piece(NamedTuple):
    """A piece of a reply's transcript."""

    text: str
    received: Frames
    """Of the turn's sound, when it came."""


def heard_text(pieces: list[Piece], received: Frames, heard: Frames) -> str:
    """What of ``pieces`` was heard when ``heard`` of all ``received`` frames were: all of it, or up to a word's end.
    The text is laid evenly over the sound that came between one piece and the next."""
    text = "".join(piece.text for piece in pieces)
    if heard >= received:
        return text
    reached = 0
    for begin, end, characters in _spans(pieces, received):
        if heard >= end:
            reached += characters
        elif heard > begin:
            reached += characters * (heard - begin) // (end - begin)
    return _whole_words(text, reached)


def _spans(pieces: list[Piece], received: Frames) -> list[tuple[int, int, int]]:
    """(first frame, frame behind the last, characters); pieces that came together share their sound."""
    spans: list[tuple[int, int, int]] = []
    for index, piece in enumerate(pieces):
        end = pieces[index + 1].received if index + 1 < len(pieces) else received
        begin = min(piece.received, end)
        if spans and spans[-1][0] == spans[-1][1]:  # no sound came between the two
            begin_before, _, characters = spans.pop()
            spans.append((begin_before, end, characters + len(piece.text)))
        else:
            spans.append((begin, end, len(piece.text)))
    return spans


def _whole_words(text: str, reached: int) -> str:
    """Back to the end of a word; scripts that do not part words may be cut anywhere."""
    while 0 < reached < len(text) and _in_word(text[reached - 1]) and _in_word(text[reached]):
        reached -= 1
    return text[:reached]


def _in_word(character: str) -> bool:
    return (character.isalnum() or character in "'’-") and character < _WITHOUT_SPACES


class _Reply:
    """One turn of the model, until playback is done with it."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.characters = 0
        self.received = Frames(0)
        self.heard = Frames(0)
        self.complete = False
        self.cut = False


class SaidBy:
    """Both sides. Gives ``said`` events in the order in which they were said."""

    def __init__(self) -> None:
        self._replies: dict[Turn, _Reply] = {}  # by growing turn, at most MOST_TURNS
        self._settled = Turn(0)  # nothing more is said of this turn or an older one
        self._user = ""
        self._user_turn = Turn(0)
        self._user_at = Ns(0)

    # what the server says

    def user(self, turn: Turn, text: str, now: Ns) -> list[Said]:
        """A piece of what the user said, which ``turn`` will answer."""
        out = self.user_ended() if turn != self._user_turn else []
        self._user_turn, self._user_at = turn, now
        whole, self._user = sentences((self._user + text)[-MOST_CHARACTERS:])
        return out + [Said(side="user", turn=turn, text=sentence) for sentence in whole]

    def user_ended(self) -> list[Said]:
        """The user's turn is over, or somebody else speaks: what is there is whole."""
        rest, self._user = self._user.strip(), ""
        return [Said(side="user", turn=self._user_turn, text=rest)] if rest else []

    def tick(self, now: Ns) -> list[Said]:
        """Several times a second."""
        return self.user_ended() if self._user and now - self._user_at >= PAUSE else []

    def model(self, turn: Turn, text: str) -> None:
        """A piece of a reply's text."""
        reply = self._reply(turn)
        if reply is not None and reply.characters < MOST_CHARACTERS:
            reply.pieces.append(Piece(text, reply.received))
            reply.characters += len(text)

    def sound(self, turn: Turn, received: Frames) -> None:
        """So much of the turn's sound has been published in all."""
        reply = self._reply(turn)
        if reply is not None:
            reply.received = received

    def complete(self, turn: Turn) -> list[Said]:
        """Nothing more of it will come. A reply without sound is over with that."""
        reply = self._replies.get(turn)
        if reply is None:
            return []
        reply.complete = True
        return self._settle_if_over(turn, reply)

    # what playback says

    def played(self, turn: Turn, heard: Frames, cut: bool) -> list[Said]:
        """Playback is done with the turn, or has fallen silent for want of more."""
        out = self._older(turn)
        reply = self._replies.get(turn)
        if reply is None:
            return out
        reply.heard = max(reply.heard, heard)
        reply.cut |= cut
        return out + self._settle_if_over(turn, reply)

    def silenced(self, turn: Turn, heard_turn: Turn, heard: Frames) -> list[Said]:
        """A cut up to ``turn`` was obeyed in the middle of ``heard_turn`` (0 = in the middle of nothing)."""
        out: list[Said] = []
        for number in [n for n in self._replies if n <= turn]:
            reply = self._replies[number]
            reply.cut |= not (reply.complete and reply.heard >= reply.received)
            if number == heard_turn:
                reply.heard = max(reply.heard, heard)
            out += self._settle(number, reply)
        self._settled = max(self._settled, turn)
        return out

    # inside

    def _reply(self, turn: Turn) -> _Reply | None:
        if turn <= self._settled:
            return None
        if turn not in self._replies:
            if len(self._replies) >= MOST_TURNS:
                oldest = min(self._replies)
                self._settled = oldest
                del self._replies[oldest]
            self._replies[turn] = _Reply()
        return self._replies[turn]

    def _older(self, turn: Turn) -> list[Said]:
        """Playback is done with ``turn``, so with all before it: their news got lost, with the process perhaps."""
        out: list[Said] = []
        for number in [n for n in self._replies if n < turn]:
            out += self._settle(number, self._replies[number])
        return out

    def _settle_if_over(self, turn: Turn, reply: _Reply) -> list[Said]:
        if reply.cut or (reply.complete and reply.heard >= reply.received):
            return self._settle(turn, reply)
        return []

    def _settle(self, turn: Turn, reply: _Reply) -> list[Said]:
        self._settled = max(self._settled, turn)
        del self._replies[turn]
        nothing = reply.cut and not reply.received  # it was cut before its first sound
        text = "" if nothing else heard_text(reply.pieces, reply.received, reply.heard)
        whole, rest = sentences(text)
        said = [Said(side="model", turn=turn, text=sentence) for sentence in [*whole, rest.strip()] if sentence]
        if said and reply.heard < reply.received:
            said[-1] = Said(side="model", turn=turn, text=said[-1].text, cut=True)
        return said
