"""Runs the jobs of the book of calls: a task each, with a limit on its time. Every job ends with an answer."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from lived.clock import monotonic_ns
from lived.wire.events import Event, ToolAnswer, ToolCall
from lived_workers.tools import answers
from lived_workers.tools.calls import Calls, Job
from lived_workers.tools.offer import Offer
from lived_workers.tools.tool import Response, Tool, ToolError

log = logging.getLogger("lived.tools")


class Runner:
    """Belongs to the event loop. What it starts belongs to ``tasks``."""

    def __init__(self, calls: Calls, tasks: asyncio.TaskGroup, publish: Callable[[Event], None]) -> None:
        self._calls = calls
        self._tasks = tasks
        self._publish = publish
        self._running: dict[Job, asyncio.Task[None]] = {}  # bounded by toolbox.parallel
        self._tools: dict[str, Tool] = {}
        self._checks: dict[str, Callable[[dict[str, object]], str]] = {}

    def use(self, offer: Offer) -> None:
        """From now on these are the tools; calls that run go on."""
        same = {name for name, tool in offer.tools.items() if self._tools.get(name) == tool}
        self._tools = offer.tools
        self._checks = {name: check for name, check in self._checks.items() if name in same}
        for name, tool in offer.tools.items():
            if tool.checked and name not in self._checks:
                # late, since it costs 8 MB that tools of lived itself do not need
                from lived_workers.tools.arguments import checker

                self._checks[name] = checker(name, tool.function.parameters)

    def ask(self, call: ToolCall) -> None:
        """Run this, or answer what is known of it already."""
        tool = self._tools.get(call.name)
        self._tell(self._calls.ask(call, monotonic_ns(), replay=tool is None or tool.replay))
        self._start()

    def cancel(self, calls: Iterable[str]) -> None:
        """End what can be ended."""
        for job in self._calls.cancel(calls):
            self._running[job].cancel()
        self._start()

    def end(self) -> None:
        """End everything; nobody is told."""
        for task in self._running.values():
            task.cancel()

    def _start(self) -> None:
        while job := self._calls.next(monotonic_ns()):
            task = self._tasks.create_task(self._run(job), name=f"tool {job.name}")
            self._running[job] = task
            task.add_done_callback(lambda _, job=job: self._ended(job))  # type: ignore[misc]

    def _ended(self, job: Job) -> None:
        del self._running[job]

    async def _run(self, job: Job) -> None:
        tool = self._tools.get(job.name)
        response = await self._response(job, tool)
        failed = answers.is_error(response)
        if failed:
            log.warning("%s: %s", job.name, response["error"])
        scheduling = _scheduling(tool, failed)
        self._tell(self._calls.answer(job, response, scheduling, more=False, now=monotonic_ns()))
        self._start()

    async def _response(self, job: Job, tool: Tool | None) -> Response:
        if tool is None:
            return answers.error(f"There is no tool {job.name[:64]}.")
        problem = self._checks[job.name](job.args) if job.name in self._checks else ""
        if problem:
            return answers.error(problem)

        def more(response: Response) -> None:
            scheduling = _scheduling(tool, answers.is_error(response))
            self._tell(self._calls.answer(job, response, scheduling, more=True, now=monotonic_ns()))

        try:
            async with asyncio.timeout(tool.timeout_s):
                return await tool.run(job.args, more)
        except TimeoutError:
            return answers.error(f"{job.name} did not answer within {tool.timeout_s:g} s.")
        except ToolError as error:
            return answers.error(str(error))

    def _tell(self, told: Iterable[ToolAnswer]) -> None:
        for answer in told:
            self._publish(answer)


def _scheduling(tool: Tool | None, failed: bool) -> str:
    """When the model speaks of an answer: not at all where it waits for it; and of a failure in any case."""
    if tool is None or tool.function.behavior == "blocking":
        return ""
    return "when_idle" if failed and tool.scheduling == "silent" else tool.scheduling
