"""Our own transcript: bounded, newest first to stay, and in turns."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lived.errors import ConfigError
from lived_workers.gateway.history import History, Line, Turn, parse

SIDES = st.sampled_from(["user", "model"])
LINES = st.lists(st.tuples(SIDES, st.text(max_size=60)), max_size=40)


def filled(most: int, lines: list[tuple[str, str]]) -> History:
    """A history of these lines."""
    history = History(most)
    for side, text in lines:
        history.add(side, text)
    return history


def test_sentences_of_one_side_are_one_turn() -> None:
    """As the API wants them: user and model by turns."""
    history = filled(1000, [("user", "Hello."), ("user", " How are you? "), ("model", "Well."), ("user", "Good.")])
    assert history.turns(1000) == [Turn("user", "Hello. How are you?"), Turn("model", "Well."), Turn("user", "Good.")]


@given(LINES, st.integers(0, 300), st.integers(0, 300))
def test_bounds(lines: list[tuple[str, str]], most: int, limit: int) -> None:
    """Never more than is allowed, always the newest, always by turns."""
    history = filled(most, lines)
    assert sum(len(line.text) for line in history.lines()) <= most
    turns = history.turns(limit)
    assert sum(len(turn.text) for turn in turns) <= limit
    assert all(a.role != b.role for a, b in pairwise(turns))
    if turns:
        assert history.lines()[-1].text == turns[-1].text[-len(history.lines()[-1].text) :]


@given(LINES)
def test_what_is_kept_comes_back(lines: list[tuple[str, str]]) -> None:
    """Over the file and back, nothing is different."""
    before = filled(500, lines)
    after = History(500)
    after.load(before.lines())
    assert after.turns(500) == before.turns(500)
    assert bool(after) == bool(before.lines())


def test_something_said_is_known_even_where_nothing_is_kept() -> None:
    """Only then there is a thread to lose."""
    history = filled(0, [("user", "Hello.")])
    assert history
    assert history.turns(100) == []
    history.clear()
    assert not history


def test_a_file_of_lines() -> None:
    """Empty lines do not count."""
    content = b'{"side": "user", "text": "Hello."}\n\n{"side": "model", "text": "Hi."}\n'
    assert parse(content, "f") == [Line("user", "Hello."), Line("model", "Hi.")]


@pytest.mark.parametrize("bad", [b"rubbish", b'{"side": "cat", "text": "x"}', b'{"side": "user"}', b"\xff", b"[]"])
def test_a_bad_line_is_named(bad: bytes) -> None:
    """File, number, and what was expected."""
    with pytest.raises(ConfigError, match=r"history_file f, line 2, .*\"side\""):
        parse(b'{"side": "user", "text": "Hello."}\n' + bad, "f")
