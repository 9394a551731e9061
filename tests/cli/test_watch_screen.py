"""The terminal: what is written, and that a slow one holds up nobody."""

import os
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from fakes.daemon import wait_until
from fakes.terminal import Screen
from lived.cli.watch.pen import ENTER, LEAVE, Pen, changes
from lived.cli.watch.screen import _Picture, _Writer

LINES = st.lists(st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=25), max_size=6)


@given(st.lists(LINES, min_size=2, max_size=6))
def test_changes_make_one_picture_the_other(pictures: list[list[str]]) -> None:
    """A screen that is sent only what changed shows what it should, cut at its edges."""
    pen, screen = Pen(20, 4, "utf-8"), Screen()
    drawn = [pen.picture([Text(line) for line in lines]) for lines in pictures]
    screen.feed(b"".join(drawn[0]))
    for (before, after), lines in zip(pairwise(drawn), pictures[1:], strict=True):
        screen.feed(changes(before, after))
        assert screen.text().rstrip() == "\n".join(line[:20].rstrip() for line in lines[:4]).rstrip()


def test_nothing_is_written_when_nothing_changed() -> None:
    """The same words in another colour are a change."""
    pen = Pen(20, 4, "utf-8")
    once, again = pen.picture([Text("a", style="red")]), pen.picture([Text("a", style="red")])
    assert changes(once, again) == b""
    assert b"a" in changes(once, pen.picture([Text("a", style="bold")]))


def test_a_terminal_that_cannot_show_a_character_gets_another() -> None:
    """Never an exception for what somebody has said."""
    assert b"?" in Pen(20, 1, "latin-1").picture([Text("東")])[0]


def test_the_terminal_is_left_as_it_was() -> None:
    """The other screen and no cursor, and back."""
    pen, screen = Pen(20, 4, "utf-8"), Screen()
    screen.feed(pen.order(*ENTER))
    assert (screen.alternate, screen.cursor) == (True, False)
    screen.feed(pen.order(*LEAVE))
    assert (screen.alternate, screen.cursor) == (False, True)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A reader that takes what it likes, and a writer that fills it."""
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def full(descriptor: int) -> None:
    """Leave no room in it."""
    os.set_blocking(descriptor, False)
    try:
        while os.write(descriptor, b" " * 4_096):
            pass
    except BlockingIOError:
        os.set_blocking(descriptor, True)


def test_a_slow_terminal_gets_the_newest_picture(pipe: tuple[int, int]) -> None:
    """A thousand pictures that nobody took cost nothing and hold up nobody; the last one is shown."""
    reader, descriptor = pipe
    full(descriptor)
    writer, pen = _Writer(descriptor, b"FIRST"), Pen(20, 2, "utf-8")
    for number in range(1_000):
        writer.show(_Picture(20, b"", pen.picture([Text(f"picture {number}")])))
    got = b""

    def shown() -> bool:
        nonlocal got
        got += os.read(reader, 65_536)
        return b"picture 999" in got

    wait_until(shown, 20)
    writer.end(b"LAST")
    got += os.read(reader, 65_536)
    assert got.count(b"picture") < 10
    assert got.strip().startswith(b"FIRST")
    assert got.endswith(b"LAST")


def test_a_terminal_that_has_gone_is_noticed() -> None:
    """No exception out of a thread; the program can end."""
    reader, descriptor = os.pipe()
    os.close(reader)
    writer = _Writer(descriptor, b"FIRST")
    wait_until(lambda: writer.gone, 20)
    writer.show(_Picture(20, b"", ()))
    writer.end(b"LAST")
    os.close(descriptor)
