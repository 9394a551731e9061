"""When anybody wants to see anything."""

from typing import Literal

from lived.units import SECOND, Ns
from lived_workers.camera.interest import AFTERWARDS, Interest


def talking(when: Literal["conversation", "speech"]) -> Interest:
    """In a conversation whose session is open."""
    interest = Interest(when, conversing=False)
    interest.converse(True)
    interest.session(True)
    return interest


def test_nothing_without_a_session() -> None:
    """Neither before it is open nor after it is lost, whoever speaks or orders."""
    interest = Interest("conversation", conversing=False)
    assert not interest.wanted(Ns(0))
    interest.converse(True)
    interest.speech(True, Ns(0))
    interest.watch(True)
    assert not interest.wanted(Ns(0))
    assert interest.in_words() == "no session"
    interest.session(True)
    assert interest.wanted(Ns(0))
    interest.session(False)
    assert not interest.wanted(Ns(0))


def test_speech_and_a_while_after() -> None:
    """From the first word until ten seconds after the last."""
    interest = talking("speech")
    assert not interest.wanted(Ns(0))
    assert interest.in_words() == "looks when somebody speaks"
    interest.speech(True, Ns(SECOND))
    assert interest.wanted(Ns(60 * SECOND))
    interest.speech(False, Ns(61 * SECOND))
    assert interest.wanted(Ns(61 * SECOND + AFTERWARDS - 1))
    assert not interest.wanted(Ns(61 * SECOND + AFTERWARDS))


def test_all_through_a_conversation() -> None:
    """Silence is no reason not to look, if so configured."""
    assert talking("conversation").wanted(Ns(0))


def test_an_order_stands_above_until_the_end() -> None:
    """Off though somebody speaks, on though nobody does; forgotten with the conversation."""
    interest = talking("speech")
    interest.watch(True)
    assert interest.wanted(Ns(0))
    interest.watch(False)
    interest.speech(True, Ns(0))
    assert not interest.wanted(Ns(0))
    assert interest.in_words() == "not looking"
    interest.converse(False)
    assert interest.in_words() == "no conversation"
    interest.converse(True)
    interest.session(True)
    interest.speech(True, Ns(0))
    assert interest.wanted(Ns(0))


def test_orders_are_idempotent() -> None:
    """The supervisor repeats that a conversation is wanted; nothing is forgotten for that."""
    interest = talking("speech")
    interest.watch(True)
    interest.converse(True)
    assert interest.wanted(Ns(0))


def test_a_worker_that_begins_in_the_middle_takes_the_session_for_open() -> None:
    """What is open was said before it came."""
    assert Interest("conversation", conversing=True).wanted(Ns(0))
