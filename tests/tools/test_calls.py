"""The book of calls: each call answered, once, whoever asks again."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lived.units import SECOND, Ns
from lived.wire.events import ToolAnswer, ToolCall
from lived_workers.tools import calls as book
from lived_workers.tools.calls import Calls, Job

T = Ns(1_000 * SECOND)


def later(seconds: float) -> Ns:
    """So long after T."""
    return Ns(T + int(seconds * SECOND))


def call(name: str = "light", number: int = 1, **args: Any) -> ToolCall:
    """A call of the server."""
    return ToolCall(call=f"c{number}", name=name, args=args)


def calls(parallel: int = 2, same_s: float = 10) -> Calls:
    """An empty book."""
    return Calls(parallel, Ns(int(same_s * SECOND)))


def started(calls: Calls, now: Ns = T) -> Job:
    """The next job, which must be there."""
    job = calls.next(now)
    assert job is not None
    return job


def done(calls: Calls, job: Job, now: Ns, text: str = "on") -> list[ToolAnswer]:
    """The job is answered."""
    return calls.answer(job, {"result": text}, "when_idle", more=False, now=now)


def test_a_call_is_run_and_answered() -> None:
    """The plain way, with the time that it took."""
    book_ = calls()
    assert book_.ask(call(on=True), T) == []
    job = started(book_)
    assert (job.name, job.args) == ("light", {"on": True})
    (answer,) = done(book_, job, later(0.25))
    assert (answer.call, answer.name, answer.response) == ("c1", "light", {"result": "on"})
    assert (answer.number, answer.more, answer.took_ms) == (0, False, 250)
    assert book_.outstanding() == [answer]
    book_.taken("c1", 0, later(1))
    assert book_.outstanding() == []


def test_a_call_that_is_asked_again_joins_the_running_one() -> None:
    """The server forgot its call and asks under another id, the arguments in another order: it runs once."""
    book_ = calls()
    book_.ask(call(a=1, b=2), T)
    job = started(book_)
    assert book_.ask(call(number=2, b=2, a=1), later(3)) == []
    assert book_.next(later(3)) is None
    assert [a.call for a in done(book_, job, later(4))] == ["c1", "c2"]


def test_other_arguments_are_another_call() -> None:
    """Twenty degrees are not twenty-one."""
    book_ = calls()
    book_.ask(call(degrees=20), T)
    book_.ask(call(number=2, degrees=21), T)
    assert started(book_) is not started(book_)


def test_a_call_that_is_asked_again_gets_the_same_answer() -> None:
    """Within same_call_s; later it is run anew."""
    book_ = calls(same_s=10)
    book_.ask(call(), T)
    done(book_, started(book_), later(1))
    book_.taken("c1", 0, later(1))
    (answer,) = book_.ask(call(number=2), later(10))
    assert (answer.call, answer.response, answer.number) == ("c2", {"result": "on"}, 0)
    assert book_.ask(call(number=3), later(12)) == []
    started(book_, later(12))


def test_the_user_who_asks_twice_is_served_twice() -> None:
    """ "Next song", and "next song" again: the answer was delivered and the user has spoken since."""
    book_ = calls()
    book_.ask(call("next_song"), T)
    done(book_, started(book_), later(0.1))
    book_.taken("c1", 0, later(0.2))
    book_.spoke(later(2))
    assert book_.ask(call("next_song", 2), later(4)) == []
    started(book_, later(4))


def test_a_call_that_was_spoken_over_is_asked_again_in_vain() -> None:
    """The user spoke while it ran: the server has forgotten it and asks again, and it is not done twice."""
    book_ = calls()
    book_.ask(call(), T)
    job = started(book_)
    book_.spoke(later(1))
    done(book_, job, later(2))
    book_.taken("c1", 0, later(2))
    book_.spoke(later(3))
    (answer,) = book_.ask(call(number=2), later(5))
    assert answer.response == {"result": "on"}


def test_a_failure_may_be_tried_again() -> None:
    """What did not work a moment ago may work now."""
    book_ = calls()
    book_.ask(call(), T)
    book_.answer(started(book_), {"error": "no"}, "", more=False, now=T)
    assert book_.ask(call(number=2), later(1)) == []
    started(book_)


def test_what_must_not_be_repeated_is_run_anew() -> None:
    """Louder, and louder again."""
    book_ = calls()
    book_.ask(call("set_volume", change=10), T, replay=False)
    done(book_, started(book_), T)
    assert book_.ask(call("set_volume", 2, change=10), T, replay=False) == []
    started(book_)


def test_calls_of_a_person_are_each_meant() -> None:
    """livectl tools call twice is twice, also while the model's own runs; nobody has to take the answer."""
    book_ = calls(parallel=9)
    book_.ask(call(), T)
    for name in ("local-1", "local-2"):
        book_.ask(ToolCall(call=name, name="light"), T)
    jobs = [started(book_) for _ in range(3)]
    assert [a.call for job in jobs for a in done(book_, job, T)] == ["c1", "local-1", "local-2"]
    assert [a.call for a in book_.outstanding()] == ["c1"]


def test_the_same_id_is_told_what_was_not_taken() -> None:
    """A gateway that died asks again under the same id, or takes what is repeated when the session opens."""
    book_ = calls()
    book_.ask(call(), T)
    job = started(book_)
    first = book_.answer(job, {"result": 1}, "", more=True, now=T)
    assert book_.ask(call(), T) == first
    book_.taken("c1", 0, T)
    assert book_.ask(call(), T) == []
    last = done(book_, job, T)
    assert [a.number for a in last] == [1]
    assert book_.ask(call(), T) == last == book_.outstanding()


def test_whoever_joins_late_gets_the_rest_numbered_from_zero() -> None:
    """Numbers count the answers to one call."""
    book_ = calls()
    book_.ask(call(), T)
    job = started(book_)
    book_.answer(job, {"result": 1}, "", more=True, now=T)
    book_.ask(call(number=2), T)
    assert [(a.call, a.number) for a in done(book_, job, T)] == [("c1", 1), ("c2", 0)]


def test_cancelling_ends_what_nobody_else_waits_for() -> None:
    """A joined call keeps the job alive; the last one ends it, and what it says afterwards goes nowhere."""
    book_ = calls()
    book_.ask(call(), T)
    job = started(book_)
    book_.ask(call(number=2), T)
    assert book_.cancel(["c1", "never heard of"]) == []
    assert book_.cancel(["c2"]) == [job]
    assert done(book_, job, T) == []
    assert book_.ask(call(number=3), T) == []
    assert started(book_) is not job


def test_cancelling_what_waits_makes_room() -> None:
    """It is never started."""
    book_ = calls(parallel=1)
    book_.ask(call("one"), T)
    book_.ask(call("two", 2), T)
    book_.ask(call("three", 3), T)
    one = started(book_)
    book_.cancel(["c2"])
    done(book_, one, T)
    assert started(book_).name == "three"


def test_too_many_calls_are_refused_at_once() -> None:
    """The queue is bounded, and whoever is refused is told."""
    book_ = calls(parallel=1)
    for number in range(1 + book.WAITING_CALLS):
        assert book_.ask(call(number=number, n=number), T) == []
        if number == 0:
            started(book_)
    (refusal,) = book_.ask(call(number=99, n=99), T)
    assert "again in a moment" in refusal.response["error"]


def test_intermediate_answers_are_bounded() -> None:
    """A tool in a loop does not flood the session; its end is still told."""
    book_ = calls()
    book_.ask(call(), T)
    job = started(book_)
    told = [book_.answer(job, {"result": n}, "", more=True, now=T) for n in range(1_000)]
    assert sum(map(len, told)) == book.PARTIAL_ANSWERS
    assert [a.more for a in done(book_, job, T)] == [False]


def test_answers_are_forgotten_in_the_end() -> None:
    """Ten minutes, 256 of them, 4 MiB."""
    book_ = calls()
    book_.ask(call(), T)
    done(book_, started(book_), T)
    book_.forget(later(599))
    assert len(book_.outstanding()) == 1
    book_.forget(later(601))
    assert book_.outstanding() == []
    for number in range(300):
        book_.ask(call(number=number, n=number), T)
        done(book_, started(book_), T)
    assert len(book_.outstanding()) == book.KEPT_JOBS
    for number in range(100):
        book_.ask(call(number=1_000 + number, n=-number), T)
        done(book_, started(book_), T, "x" * 48_000)
    assert sum(len(a.response["result"]) for a in book_.outstanding()) <= book.KEPT_BYTES


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order: every call that is not cancelled is answered for good exactly once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T
        self.book = calls(parallel=3)
        self.jobs: list[Job] = []
        self.asked: set[str] = set()
        self.cancelled: set[str] = set()
        self.final: dict[str, int] = {}
        self.numbers: dict[str, int] = {}

    def tell(self, told: list[ToolAnswer]) -> None:
        """Look at what is published."""
        for answer in told:
            assert answer.call in self.asked
            assert answer.call not in self.cancelled
            assert answer.number == self.numbers.get(answer.call, 0)
            self.numbers[answer.call] = answer.number + 1
            if not answer.more:
                self.final[answer.call] = self.final.get(answer.call, 0) + 1

    @rule(what=st.integers(0, 5))
    def ask(self, what: int) -> None:
        """A new call."""
        name = f"c{len(self.asked)}"
        self.asked.add(name)
        self.tell(self.book.ask(ToolCall(call=name, name="t", args={"what": what}), self.now))

    @rule()
    def start(self) -> None:
        """A place may be free."""
        job = self.book.next(self.now)
        if job is not None:
            self.jobs.append(job)
            assert len(self.jobs) <= 3

    @precondition(lambda self: self.jobs)
    @rule(which=st.integers(0, 9), more=st.booleans())
    def answer(self, which: int, more: bool) -> None:
        """A job gets on."""
        job = self.jobs[which % len(self.jobs)]
        self.tell(self.book.answer(job, {"result": 1}, "", more=more, now=self.now))
        if not more:
            self.jobs.remove(job)

    @precondition(lambda self: self.asked)
    @rule(which=st.integers(0, 99))
    def cancel(self, which: int) -> None:
        """The server has lost interest."""
        name = sorted(self.asked)[which % len(self.asked)]
        self.cancelled.add(name)
        for job in self.book.cancel([name]):
            self.jobs.remove(job)

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now = Ns(self.now + int(seconds * SECOND))
        self.book.forget(self.now)

    @rule()
    def speak(self) -> None:
        """The user says something."""
        self.book.spoke(self.now)

    @invariant()
    def nobody_is_told_twice(self) -> None:
        """One final answer at most."""
        assert all(count == 1 for count in self.final.values())

    def teardown(self) -> None:
        """In the end everybody has an answer."""
        while self.jobs or (job := self.book.next(self.now)):
            job = self.jobs.pop() if self.jobs else job
            self.tell(self.book.answer(job, {"result": 1}, "", more=False, now=self.now))
        assert set(self.final) | self.cancelled == self.asked


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=6))
def test_the_order_of_arguments_does_not_matter(args: dict[str, Any]) -> None:
    """A dictionary is the same in any order."""
    book_ = calls()
    book_.ask(ToolCall(call="a", name="t", args=args), T)
    started(book_)
    book_.ask(ToolCall(call="b", name="t", args=dict(reversed(args.items()))), T)
    assert book_.next(T) is None
