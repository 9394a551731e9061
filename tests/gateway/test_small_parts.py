"""The gateway's small pure parts: rest, quiet moments, preamble, refusals, greeting."""

from itertools import product
from pathlib import Path

import pytest

from lived.config.options import Conversation
from lived.units import SECOND, Frames, Ns, Turn
from lived.wire.events import Function
from lived_workers.gateway.greeting import Greeting
from lived_workers.gateway.link import TABLE as LINKS
from lived_workers.gateway.link import Link, Step
from lived_workers.gateway.messages import Context, Prompt, Text
from lived_workers.gateway.preamble import Preamble
from lived_workers.gateway.quiet import UNHEARD, WORKING, Quiet
from lived_workers.gateway.refusals import in_words
from lived_workers.gateway.rest import TABLE, Input, Rest
from lived_workers.gateway.setup import Wanted

T = Turn(3)
CLOCK = Function(name="clock", description="The time.")


def test_the_table_of_rest_is_whole() -> None:
    """Every state has a row for every input; what is over wakes by a start alone, what is broke by a new day alone."""
    assert set(TABLE) == set(product(Rest, Input))
    assert {what for what in Input if TABLE[Rest.OFF, what] is not Rest.OFF} == {Input.START}
    assert {what for what in Input if TABLE[Rest.BROKE, what] is Rest.AWAKE} == {Input.NEW_DAY}


def test_a_link_can_always_be_given_up() -> None:
    """By a person, or for want of money, whatever it is doing."""
    for link in Link:
        assert LINKS[link, Step.HANG_UP] is Link.OFF
        assert LINKS[link, Step.SPENT] is Link.FAILED


def test_quiet_is_when_all_was_heard() -> None:
    """A reply is over when it was received and played, in either order."""
    quiet = Quiet()
    assert quiet
    quiet.sound(T, Frames(10), Ns(0))
    quiet.played(T, Frames(10))
    assert not quiet
    quiet.ended()
    assert quiet
    quiet.sound(Turn(4), Frames(10), Ns(0))
    quiet.ended()
    assert not quiet
    quiet.played(Turn(4), Frames(4))  # ran dry in the middle
    assert not quiet
    quiet.played(Turn(4), Frames(10))
    assert quiet


def test_quiet_after_a_cut_and_without_a_loudspeaker() -> None:
    """Nobody has to hear what was cut; and a playback that says nothing is not waited for."""
    quiet = Quiet()
    quiet.sound(T, Frames(24_000), Ns(0))
    quiet.ended()
    quiet.tick(Ns(UNHEARD + SECOND - 1))
    assert not quiet
    quiet.tick(Ns(UNHEARD + SECOND))
    assert quiet
    quiet.sound(Turn(4), Frames(10), Ns(0))
    quiet.ended()
    quiet.cut(Turn(4))
    assert quiet


def test_it_is_not_quiet_while_somebody_speaks_or_thinks() -> None:
    """The user, or a model that has said that more is to come; the latter for so long and no longer."""
    quiet = Quiet()
    quiet.user(True)
    assert not quiet
    quiet.user(False)
    quiet.work(True, Ns(0))
    assert not quiet
    quiet.tick(Ns(WORKING - 1))
    assert not quiet
    quiet.tick(WORKING)
    assert quiet
    quiet.work(True, WORKING)
    quiet.work(False, WORKING)
    assert quiet
    quiet.user(True)
    quiet.lost()
    assert quiet


def test_the_preamble_knows_what_the_session_knows() -> None:
    """The next setup says all; what changes afterwards is news until it was told, and nothing is said twice."""
    preamble = Preamble()
    assert preamble.instruct("Be brief.")
    assert not preamble.instruct("Be brief.")
    assert preamble.news == Context("Be brief.", None)
    assert preamble.wanted(Wanted("handle", instruction="Be brief.")) == Wanted("handle", (), "Be brief.")
    assert preamble.news is None
    assert preamble.offer((CLOCK,))
    assert preamble.news == Context(None, (CLOCK,))
    preamble.told()
    assert preamble.news is None
    preamble.instruct("")
    assert preamble.news == Context("", None)


def test_refusals_in_words() -> None:
    """A sentence for each reason, also for one that nobody knows."""
    assert "safety" in in_words("GENERATED_AUDIO_SAFETY")
    assert "BRAND_NEW" in in_words("BRAND_NEW")
    assert len(in_words("X" * 10_000)) < 200


def test_greeting_once_a_boot(tmp_path: Path) -> None:
    """Another process does not greet again, nor does another conversation."""
    wanted = Conversation(greet="boot", greeting="Greet the guest.")
    assert Greeting(wanted, tmp_path).due() == Text("Greet the guest.")
    again = Greeting(wanted, tmp_path)
    assert again.due() is None
    again.ended()
    assert again.due() is None


def test_greeting_with_each_conversation(tmp_path: Path) -> None:
    """Once, and again when the conversation was ended; a successor of the process does not."""
    wanted = Conversation(greet="start")
    greeting = Greeting(wanted, tmp_path)
    assert greeting.due() == Prompt()
    assert Greeting(wanted, tmp_path).due() is None
    greeting.ended()
    assert greeting.due() == Prompt()


def test_no_greeting(tmp_path: Path) -> None:
    """Unless it is wanted; and no file is left behind."""
    assert Greeting(Conversation(), tmp_path).due() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("greet", ["boot", "start"])
def test_a_mark_that_cannot_be_written_greets_all_the_same(tmp_path: Path, greet: str) -> None:
    """It is a warning, not an error."""
    (tmp_path / "file").write_text("")
    greeting = Greeting(Conversation(greet=greet), tmp_path / "file")  # type: ignore[arg-type]
    assert greeting.due() == Prompt()
