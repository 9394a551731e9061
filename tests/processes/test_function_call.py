"""A function call, all the way: the model asks, a program runs, the model speaks of the answer; also over a swap."""

import json
import sys
from pathlib import Path

import pytest

from fakes.daemon import wait_until
from lived.wire.events import Said, Swapped, ToolAnswer, ToolCall
from processes.talk import Talk

pytestmark = [pytest.mark.processes, pytest.mark.timeout(120)]

PYTHON = json.dumps(sys.executable)
TIMING = "[timing]\nfirst_audio_ms = 50\ncall_ms = 100\nanswer_ms = 50\n"
REPLY = '[[reply]]\ncalls = [{ name = "double", args = { number = 21 } }]\nmarks_s = 0.5\ntranscript = "Forty-two."\n'


def configured(folder: Path, code: str, behavior: str) -> dict[str, str]:
    """A configuration with one tool, and how to name it."""
    conf = folder / "lived.toml"
    conf.write_text(
        f'[[tools]]\nname = "double"\ndescription = "Twice a number."\nbehavior = "{behavior}"\n'
        f"command = [{PYTHON}, '-c', {json.dumps(code)}]\n"
        '[tools.parameters]\ntype = "object"\nrequired = ["number"]\nproperties = {number = {type = "integer"}}\n'
    )
    return {"LIVED_CONFIG": str(conf)}


DOUBLE = "import json,sys; print(2 * json.load(sys.stdin)['number'])"


@pytest.mark.parametrize("behavior", ["blocking", "non_blocking"])
def test_the_model_speaks_of_the_answer(tmp_path: Path, behavior: str) -> None:
    """Asked in the session, run by the worker, answered on the wire under the id that asked."""
    with Talk(tmp_path, TIMING + REPLY, environ=configured(tmp_path, DOUBLE, behavior)) as talk:
        talk.start()
        assert talk.ear
        talk.daemon.ask("say", text="Twice twenty-one?")
        call = talk.ear.wait_for(ToolCall, 20)
        answer = talk.ear.wait_for(ToolAnswer, 20)
        assert (call.name, call.args, answer.call, answer.response) == (
            "double",
            {"number": 21},
            call.call,
            {"result": 42},
        )
        told = talk.simulator.wait_for("toolResponse")
        assert call.call in str(told)
        assert talk.ear.wait_for(Said, 20, lambda said: said.side == "model").text == "Forty-two."


def test_a_call_that_outlives_its_connection_is_answered_in_the_next(tmp_path: Path) -> None:
    """The connection breaks while the program runs: the session goes on, and gets its answer."""
    slow = "import json,sys,time; time.sleep(3); print(2 * json.load(sys.stdin)['number'])"
    with Talk(tmp_path, TIMING + REPLY, environ=configured(tmp_path, slow, "blocking")) as talk:
        talk.start()
        assert talk.ear
        talk.daemon.ask("say", text="Twice twenty-one?")
        talk.ear.wait_for(ToolCall, 20)
        talk.simulator.inject(do="close", code=1011)
        talk.ear.wait_for(Swapped, 20)
        assert talk.ear.wait_for(ToolAnswer, 20).response == {"result": 42}
        wait_until(
            lambda: "42" in str(talk.simulator.journal("toolResponse")) + str(talk.simulator.journal("text")), 20
        )
