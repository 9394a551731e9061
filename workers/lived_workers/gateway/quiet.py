"""Whether this is a quiet moment: no reply is being received or heard, nobody speaks, nothing is being thought about.
Pure: time is a parameter."""

from lived.units import MODEL_RATE, SECOND, Frames, Ns, Turn, span_of

WORKING = Ns(45 * SECOND)
"""A model that thinks for long says when it is done; sometimes it forgets to."""

UNHEARD = Ns(15 * SECOND)
"""A reply that ought to have been heard so long ago was not, or nobody says so: there may be no loudspeaker."""


class Quiet:
    """Looks at the newest turn only: playback plays them in order."""

    def __init__(self) -> None:
        self._receiving = False
        self._turn = Turn(0)
        self._frames = Frames(0)
        self._began = Ns(0)
        self._played = (Turn(0), Frames(0))
        self._cut = Turn(0)
        self._user = False
        self._working_since: Ns | None = None
        self._now = Ns(0)

    def __bool__(self) -> bool:
        return not (self._receiving or self._user or self.working) and self._heard

    @property
    def working(self) -> bool:
        """Whether the model has said that more is to come."""
        return self._working_since is not None and self._now - self._working_since < WORKING

    @property
    def _heard(self) -> bool:
        if self._cut >= self._turn or not self._frames or self._played >= (self._turn, self._frames):
            return True
        return self._now - self._began - span_of(self._frames, MODEL_RATE) >= UNHEARD

    def tick(self, now: Ns) -> None:
        """Several times a second."""
        self._now = now

    def sound(self, turn: Turn, frames: Frames, now: Ns) -> None:
        """So much of ``turn`` was published in all."""
        if turn != self._turn:
            self._turn, self._began = turn, now
            self._user = False
        self._receiving, self._frames = True, frames

    def ended(self) -> None:
        """Nothing more of the newest turn comes."""
        self._receiving = False

    def cut(self, turn: Turn) -> None:
        """Nobody is to hear ``turn``."""
        self._cut = max(self._cut, turn)

    def played(self, turn: Turn, frames: Frames) -> None:
        """Playback has no more of it."""
        self._played = max(self._played, (turn, frames))

    def user(self, on: bool) -> None:
        """The user began or ended to speak."""
        self._user = on

    def work(self, on: bool, now: Ns) -> None:
        """The model's own word on whether a request is done."""
        self._now = now
        self._working_since = now if on else None

    def lost(self) -> None:
        """The connection ended."""
        self._user = self._receiving = False
        self._working_since = None
