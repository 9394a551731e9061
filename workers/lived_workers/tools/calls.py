"""The book of calls: which run, which wait, which answers nobody has taken yet, which call is only asked again. Pure.

One *job* is one run of a tool; several calls may wait for it. A server that was interrupted forgets its call, ignores
the answer, and asks the same again under another id a few seconds later: that call joins the job or gets its answer,
for what it does must not be done twice. All changes of a job's state are in ``TABLE``.
"""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from lived.units import MILLISECOND, SECOND, Ms, Ns
from lived.wire.events import ToolAnswer, ToolCall
from lived_workers.tools import answers
from lived_workers.tools.tool import Args, Response

WAITING_CALLS = 32
"""Calls that wait for a free place; 33 and more are refused at once, which is better than an answer in minutes."""

PARTIAL_ANSWERS = 64
"""Intermediate answers of one call that are passed on: each costs the model's attention and the user's money."""

REMEMBER = Ns(600 * SECOND)
"""How long an answer is kept for somebody to take it: the longest a broken session is worth waiting for."""

KEPT_JOBS = 256
KEPT_BYTES = 4_194_304
"""All answers that are kept: 85 of the longest (48 KiB), else 256. The oldest go first."""

LOCAL = "local-"
"""Calls from livectl: their answers are heard on the bus or not at all, and each of them is meant."""


class State(StrEnum):
    """Of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    ENDED = "ended"


class Happening(StrEnum):
    """What can happen to a job."""

    STARTED = "started"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


TABLE: dict[tuple[State, Happening], State] = {
    (State.WAITING, Happening.STARTED): State.RUNNING,
    (State.WAITING, Happening.CANCELLED): State.ENDED,
    (State.RUNNING, Happening.ANSWERED): State.DONE,
    (State.RUNNING, Happening.CANCELLED): State.ENDED,
    (State.DONE, Happening.CANCELLED): State.DONE,
    # it was done in the moment when it was ended: too late, nobody waits
    (State.ENDED, Happening.ANSWERED): State.ENDED,
    (State.ENDED, Happening.CANCELLED): State.ENDED,
}


class Answer(msgspec.Struct, frozen=True):
    """One answer of a job, before it is addressed to a call."""

    response: Response
    scheduling: str
    more: bool
    took_ms: Ms


class Job(msgspec.Struct, eq=False):
    """One run of a tool."""

    name: str
    args: Args
    key: bytes
    """What it asks for; b"" where nobody may join."""
    asked: Ns
    state: State = State.WAITING
    calls: dict[str, int] = {}
    """Who waits for it, and the number of the first answer that they have not taken."""
    skipped: dict[str, int] = {}
    """Intermediate answers that were given before a call joined."""
    answers: list[Answer] = []
    began: Ns = Ns(0)
    done: Ns = Ns(0)
    delivered: Ns = Ns(0)
    """When the final answer was handed to the network first; 0 = not yet."""
    spoken_over: bool = False
    """The user spoke between the question and the delivery: the server may have forgotten that it asked."""
    bytes: int = 0


class Calls:
    """Everything asked of one worker. ``parallel`` jobs run at a time."""

    def __init__(self, parallel: int, same_call: Ns) -> None:
        self._parallel, self._same_call = parallel, same_call
        self._jobs: dict[str, Job] = {}  # by call; bounded by WAITING_CALLS, parallel and KEPT_BYTES
        self._waiting: deque[Job] = deque()
        self._running: list[Job] = []
        self._done: deque[Job] = deque()
        self._spoke = Ns(0)

    def ask(self, call: ToolCall, now: Ns, replay: bool = True) -> list[ToolAnswer]:
        """Take a call; what can be answered at once. ``replay`` as in ``Tool``."""
        known = self._jobs.get(call.call)
        if known is not None:
            return self._outstanding(call.call, known)
        key = b"" if call.call.startswith(LOCAL) else _key(call)
        same = self._same(key, now, replay)
        if same is not None:
            return self._join(same, call.call)
        job = Job(name=call.name, args=call.args, key=key, asked=now, calls={call.call: 0}, skipped={call.call: 0})
        self._jobs[call.call] = job
        if len(self._waiting) >= WAITING_CALLS:
            self._start(job, now)
            busy = "Too many tools run at the same time; try again in a moment."
            return self.answer(job, answers.error(busy), "", more=False, now=now)
        self._waiting.append(job)
        return []

    def next(self, now: Ns) -> Job | None:
        """The job to start now, if there is one and room for it."""
        if not self._waiting or len(self._running) >= self._parallel:
            return None
        job = self._waiting.popleft()
        self._start(job, now)
        self._running.append(job)
        return job

    def answer(self, job: Job, response: Response, scheduling: str, *, more: bool, now: Ns) -> list[ToolAnswer]:
        """A job gave an answer; what is to be told to whom."""
        if job.state is not State.RUNNING or (more and len(job.answers) >= PARTIAL_ANSWERS):
            return []
        took = Ms((now - job.began) // MILLISECOND)
        job.answers.append(Answer(response, scheduling, more, took))
        job.bytes += len(msgspec.json.encode(response))
        told = [_addressed(call, job, len(job.answers) - 1) for call in job.calls]
        if not more:
            job.done = now
            self._happens(job, Happening.ANSWERED)
            self._finish(job)
        return told

    def cancel(self, calls: Iterable[str]) -> list[Job]:
        """Nobody waits for these any more; the running jobs that can be ended, since nobody else waits for them."""
        ended = []
        for call in calls:
            job = self._jobs.pop(call, None)
            if job is None:
                continue
            del job.calls[call]
            if job.calls:
                continue
            if job.state is State.RUNNING:
                ended.append(job)
            self._happens(job, Happening.CANCELLED)
            self._leave(job)
        return ended

    def taken(self, call: str, number: int, now: Ns) -> None:
        """The answer with this number was handed to the network, or is not wanted."""
        job = self._jobs.get(call)
        if job is None:
            return
        job.calls[call] = max(job.calls[call], number + 1)
        if job.state is State.DONE and not job.delivered and not self._outstanding(call, job):
            job.delivered = now
            job.spoken_over = job.spoken_over or self._spoke >= job.asked

    def outstanding(self) -> list[ToolAnswer]:
        """All answers that nobody has taken, in the order in which they were asked for."""
        return [answer for call, job in self._jobs.items() for answer in self._outstanding(call, job)]

    def spoke(self, now: Ns) -> None:
        """The user spoke."""
        self._spoke = now

    def forget(self, now: Ns) -> None:
        """Let go of what is too old."""
        while self._done and now - self._done[0].done > REMEMBER:
            self._drop(self._done.popleft())

    @property
    def running(self) -> int:
        """How many jobs run."""
        return len(self._running)

    def _same(self, key: bytes, now: Ns, replay: bool) -> Job | None:
        """The job that this call is only asked again of."""
        if not key:
            return None
        at_work = next((job for job in (*self._waiting, *self._running) if job.key == key), None)
        if at_work is not None:
            return at_work
        job = next((job for job in reversed(self._done) if job.key == key), None)
        if job is None or not replay or now - job.done > self._same_call:
            return None
        if answers.is_error(job.answers[-1].response):
            return None  # what failed may be tried again
        # the model has the answer, and the user has spoken since: this time it is meant anew
        meant = job.delivered and not job.spoken_over and self._spoke > job.delivered
        return None if meant else job

    def _join(self, job: Job, call: str) -> list[ToolAnswer]:
        job.calls[call] = 0
        job.skipped[call] = max(0, len(job.answers) - (1 if job.state is State.DONE else 0))
        self._jobs[call] = job
        return self._outstanding(call, job)

    @staticmethod
    def _outstanding(call: str, job: Job) -> list[ToolAnswer]:
        first = job.skipped[call] + job.calls[call]
        return [_addressed(call, job, index) for index in range(first, len(job.answers))]

    def _finish(self, job: Job) -> None:
        """Keep what may be asked for again, within the bound."""
        self._leave(job)
        for call in [c for c in job.calls if c.startswith(LOCAL)]:
            del job.calls[call], self._jobs[call]
        self._done.append(job)
        while len(self._done) > KEPT_JOBS or sum(j.bytes for j in self._done) > KEPT_BYTES:
            self._drop(self._done.popleft())

    def _leave(self, job: Job) -> None:
        for place in (self._waiting, self._running):
            if job in place:
                place.remove(job)

    def _drop(self, job: Job) -> None:
        for call in job.calls:
            self._jobs.pop(call, None)

    def _start(self, job: Job, now: Ns) -> None:
        job.began = now
        self._happens(job, Happening.STARTED)

    @staticmethod
    def _happens(job: Job, happening: Happening) -> None:
        job.state = TABLE[job.state, happening]


def _key(call: ToolCall) -> bytes:
    """The same for calls that ask for the same, whatever the order of the arguments."""
    return call.name.encode() + b"\0" + msgspec.json.encode(call.args, order="sorted")


def _addressed(call: str, job: Job, index: int) -> ToolAnswer:
    answer = job.answers[index]
    return ToolAnswer(
        call=call,
        name=job.name,
        response=answer.response,
        scheduling=answer.scheduling,
        more=answer.more,
        number=index - job.skipped[call],
        took_ms=answer.took_ms,
    )
