"""The scenario file: what it can say, and what is said about a wrong one."""

from pathlib import Path

import pytest

from lived_workers.simulator.faults import Fault, ScenarioError, TriggerKind
from lived_workers.simulator.scenario import Interrupted, Scenario, TurnComplete, load_scenario
from lived_workers.simulator.script import HEARD, Mode, Script
from simulator.harness import RECORDINGS, scenario

FULL = """
model = "gemini-3.8-live"
seed = 7
loop = true
old_socket = "replace"
[timing]
setup_ms = 50
burst = 4.0
[vad]
silence_ms = 300
[[reply]]
text = "Hello."
heard = "Hi."
turn_complete = "early"
interrupted = "double"
faults = ["thought", "odd_bytes"]
[[reply]]
marks_s = 20.0
[[fault]]
on = "turn:2"
do = "close"
code = 1011
reason = "gone"
"""


def test_a_full_file() -> None:
    """Everything lands where it belongs."""
    found = scenario(FULL)
    assert found.timing.burst == 4.0
    assert found.vad.silence_ms == 300
    assert found.reply[0].turn_complete is TurnComplete.EARLY
    assert found.reply[0].interrupted is Interrupted.DOUBLE
    assert found.fault[0].trigger.kind is TriggerKind.TURN
    assert scenario("") == Scenario()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = [", "Invalid value"),
        ("[[reply]]\nmarks = 3\n", "unknown field `marks`"),
        ("[[reply]]\ntext = 'a'\nparrot = true\n", "reply 1: use one of"),
        ("[[reply]]\nrecording = 'answer_helo'\n", "did you mean `answer_hello`?"),
        ("[[reply]]\nfaults = ['thougt']\n", "did you mean `thought`?"),
        ("[[reply]]\nmarks_s = -1\n", "marks_s is -1"),
        ("[[reply]]\nburst = 0\n", "burst is 0"),
        ("[[reply]]\nfirst_chunk_bytes = 1\n", "first_chunk_bytes is 1"),
        ("[[reply]]\nturn_complete = 'soon'\n", "Invalid enum value 'soon'"),
        ("[timing]\nburst = -1\n", "timing.burst is -1"),
        ("model = 'gemini-3.8'\n", "did you mean `gemini-3.8-live`?"),
        ("time_scale = 0\n", "time_scale is 0"),
        ("[limits]\nsession_s = -1\n", "a number in limits is negative"),
        ("[limits]\ngo_away_s = [-1]\n", "a number in limits is negative"),
        ("[handles]\nperiod_s = 0\n", "handles.period_s is 0"),
        ("[handles]\nupdates = 'often'\n", "Invalid enum value 'often'"),
        ("[timing]\nreissue_ms = [3, 2]\n", "timing.reissue_ms is [3, 2]"),
        ("[[reply]]\ncalls = [{name = ''}]\n", "reply 1: a call has no name"),
        ("[[reply]]\ncalls = [{args = {}}]\n", "missing required field `name`"),
        ("[[reply]]\nsilent = true\ncalls = [{name = 'f'}]\n", "a silent reply calls no functions"),
        ("[[reply]]\nspeak_answer = true\ntext = 'x'\n", "speak_answer says what"),
        ("[[fault]]\ndo = 'handle_rejected'\n", 'write on = "connect:1"'),
        ("[[fault]]\ndo = 'close'\non = 'after_s:*'\n", "needs a number"),
        ("[[fault]]\ndo = 'clse'\n", "did you mean `close`?"),
        ("[[fault]]\ndo = 'refuse'\n", 'write on = "connect:1"'),
        ("[[fault]]\ndo = 'close'\ncode = 1006\n", "use `reset`"),
        ("[[fault]]\ndo = 'close'\non = 'turn'\n", "as in `turn:2`"),
        ("[[fault]]\ndo = 'close'\non = 'turns:1'\n", "did you mean `turn`?"),
        ("[[fault]]\ndo = 'close'\non = 'turn:0'\n", "as in `turn:2`"),
        ("[[fault]]\ndo = 'refuse'\non = 'connect:1'\nstatus = 200\n", "HTTP status 200"),
        ("[[fault]]\ndo = 'close'\non = 'turn:1'\nat_s = -1\n", "negative"),
    ],
)
def test_a_wrong_file(text: str, words: str) -> None:
    """One sentence that names what is wrong and what would be right."""
    with pytest.raises(ScenarioError) as caught:
        scenario(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_file_is_named(tmp_path: Path) -> None:
    """Errors of a file name it, also when it is not there."""
    path = tmp_path / "bad.toml"
    for content in (None, b"x = [", b"\xff\xfe"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ScenarioError, match=r"bad\.toml"):
            load_scenario(path, RECORDINGS.names)


def test_replies_in_order() -> None:
    """One after the other; the last repeats, or the first comes again."""
    text = "[[reply]]\ntext = 'a'\n[[reply]]\ntext = 'b'\n"
    for loop, expected in ((False, "abbb"), (True, "abab")):
        script = Script(scenario(f"loop = {str(loop).lower()}\n{text}"), Mode.SPEECH, RECORDINGS.answers)
        assert "".join(script.reply(index).text or "" for index in range(4)) == expected


def test_modes_fill_in_the_content() -> None:
    """A reply without content, and no reply at all, get what the mode says."""
    for text in ("", "[[reply]]\nheard = 'x'\n"):
        speech, parrot, marks = (Script(scenario(text), mode, RECORDINGS.answers).reply(0) for mode in Mode)
        assert speech.recording == RECORDINGS.answers[0]
        assert parrot.parrot
        assert marks.marks_s == 5.0
    script = Script(scenario(""), Mode.SPEECH, RECORDINGS.answers)
    assert script.heard(1) == HEARD[1]


def test_counts_and_marks() -> None:
    """Turns are numbered from 1, and no position of the numbered samples is given out twice."""
    script = Script(scenario(""), Mode.MARKS, RECORDINGS.answers)
    assert [script.count_up(TriggerKind.TURN) for _ in range(3)] == [1, 2, 3]
    assert [script.take_marks(100), script.take_marks(50), script.take_marks(1)] == [0, 100, 150]


def test_armed_later() -> None:
    """A fault can be added while it runs, and fires `times` times."""
    script = Script(scenario(""), Mode.MARKS, RECORDINGS.answers)
    script.arm(Fault(do="close", on="turn:2", times=2))
    fired = [len(script.due(TriggerKind.TURN, number)) for number in (1, 2, 2, 2)]
    assert fired == [0, 1, 1, 0]


def test_recordings_are_speech() -> None:
    """Every recording listed is there, audible, and short."""
    assert len(RECORDINGS.answers) >= 8
    for name in RECORDINGS.names:
        content = RECORDINGS.named(name)
        assert 1.5 < len(content.pcm) / 48_000 < 6
        assert max(memoryview(content.pcm).cast("h")) > 8_000
        assert content.transcript
