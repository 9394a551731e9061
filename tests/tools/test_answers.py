"""What the model is told: never nothing, never more than fits."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.wire import decode_event, encode_event
from lived.wire.events import ToolAnswer
from lived_workers.tools import answers
from lived_workers.tools.output import Output

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("output", [b"", b" \n", b"null", b'""', b"{}", b"[]", b'{"result": null}'])
def test_an_empty_answer_says_that_it_is_empty(output: bytes) -> None:
    """gemini-3.8 calls again when it gets nothing."""
    assert answers.from_output(output, cut_off=False) == {"result": answers.NOTHING}


@pytest.mark.parametrize("output", [b"0", b"false"])
def test_zero_and_no_are_answers(output: bytes) -> None:
    """They look empty to Python, and are not."""
    assert answers.from_output(output, cut_off=False) == {"result": msgspec.json.decode(output)}


@given(JSON)
def test_json_arrives_as_it_was(value: Any) -> None:
    """Whatever a program prints as JSON is the result; text is text."""
    response = answers.from_value(value)
    assert set(response) in ({"result"}, {"error"})
    if not isinstance(value, dict) and value not in (None, "", []):
        assert response == {"result": value}


def test_a_program_may_say_that_it_failed() -> None:
    """An object with an error and nothing else is one."""
    assert answers.from_output(b'{"error": "No such town."}', cut_off=False) == {"error": "No such town."}
    mixed = {"error": "x", "town": "y"}
    assert answers.from_value(mixed) == {"result": mixed}


@given(st.text(min_size=1, max_size=300), st.integers(1, 40_000))
def test_every_answer_fits_into_an_event(text: str, times: int) -> None:
    """However long, and whatever escaping does to it."""
    response = answers.result(text * (1 + times // len(text)))
    event = ToolAnswer(call="c" * 200, name="n" * 64, response=response, scheduling="when_idle")
    assert decode_event(encode_event(event)) == event


def test_what_is_cut_off_says_so() -> None:
    """The beginning is of use; that it is only that, too."""
    response = answers.result({"rows": ["x" * 100] * 1_000})
    assert response["note"] == answers.CUT_OFF
    assert response["result"].startswith('{"rows":["xxx')


@given(st.lists(st.binary(max_size=40)), st.lists(st.integers(1, 30)), st.integers(1, 100))
def test_output_is_the_same_however_it_is_cut_into_pieces(lines: list[bytes], cuts: list[int], limit: int) -> None:
    """Pipes know no lines."""
    whole = b"\n".join(lines)
    once, bitwise = Output(limit), Output(limit)
    partial = once.feed(whole)
    at, got = 0, []
    for cut in [*cuts, len(whole)]:
        got += bitwise.feed(whole[at : at + cut])
        at += cut
    got += bitwise.feed(whole[at:])
    if not once.full and not bitwise.full:
        assert got == partial
    assert bitwise.final() == once.final()


def test_lines_with_partial_are_intermediate_answers() -> None:
    """They are told as they come; the rest is the answer."""
    output = Output(100)
    assert output.feed(b'{"partial": "boiling"}\n{"part') == [{"result": "boiling"}]
    assert output.feed(b'ial": 2}\nThe egg\nis ready.\n') == [{"result": 2}]
    assert output.final() == {"result": "The egg\nis ready."}


def test_a_flood_fills_nothing_but_its_limit() -> None:
    """Output beyond the limit is not kept, and the answer says that it is cut off."""
    output = Output(64)
    for _ in range(1_000):
        output.feed(b"x" * 1_000)
    assert output.full
    assert output.final() == {"result": "x" * 64, "note": answers.CUT_OFF}


def test_intermediate_answers_do_not_count_against_the_limit() -> None:
    """A tool may tell for an hour how it gets on."""
    output = Output(64)
    for number in range(1_000):
        assert output.feed(b'{"partial": "%d"}\n' % number) == [{"result": str(number)}]
    output.feed(b"done")
    assert not output.full
    assert output.final() == {"result": "done"}
