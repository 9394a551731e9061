"""The book of calls, whatever happens in whatever order."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lived.units import SECOND, Ns
from lived.wire.events import ToolAnswer, ToolCall
from lived_workers.tools.calls import Calls, Job

T = Ns(1_000 * SECOND)


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order: every call that is not cancelled is answered for good exactly once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T
        self.book = Calls(3, Ns(10 * SECOND))
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
        while job := self.jobs.pop() if self.jobs else self.book.next(self.now):
            self.tell(self.book.answer(job, {"result": 1}, "", more=False, now=self.now))
        assert set(self.final) | self.cancelled == self.asked


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
