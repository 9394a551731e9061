"""docs/protocol.md is the law: its examples are parsed by the codec, its tables name what exists."""

import re
import typing
from pathlib import Path

import pytest

from lived.supervisor.desk import Desk
from lived.wire import decode_chunk, decode_event, decode_order, decode_reply, decode_request
from lived.wire.chunk import HEADER, VERSION
from lived.wire.events import AnyEvent, topic_of
from lived.wire.orders import AnyOrder

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()


def _examples(kind: str) -> list[str]:
    blocks = re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert lines, f"no {kind} examples on the page"
    return lines


@pytest.mark.parametrize("line", _examples("event"))
def test_event_examples_parse(line: str) -> None:
    """Each event on the page is one that the code understands, under its own topic."""
    kind = re.search(r'"type": "([^"]+)"', line)
    assert kind
    decode_event([f"{kind[1]}/".encode(), line.encode()])


def test_every_event_has_an_example_and_a_row() -> None:
    """An event that the page does not show does not exist."""
    shown = {re.search(r'"type": "([^"]+)"', line)[1] for line in _examples("event")}  # type: ignore[index]
    exist = {topic_of(cls).decode().rstrip("/") for cls in typing.get_args(AnyEvent)}
    assert shown == exist
    assert all(f"`{name}`" in PAGE for name in exist)


@pytest.mark.parametrize("line", _examples("order"))
def test_order_examples_parse(line: str) -> None:
    """Each order on the page is one that the code understands."""
    decode_order([b"order/capture/", line.encode()])


def test_every_order_has_an_example() -> None:
    """An order that the page does not show does not exist."""
    shown = {re.search(r'"type": "([^"]+)"', line)[1] for line in _examples("order")}  # type: ignore[index]
    assert shown == {cls.__struct_config__.tag for cls in typing.get_args(AnyOrder)}


@pytest.mark.parametrize("line", _examples("request"))
def test_request_examples_parse(line: str) -> None:
    """Each request on the page is well formed."""
    decode_request(line.encode())


@pytest.mark.parametrize("line", _examples("reply"))
def test_reply_examples_parse(line: str) -> None:
    """Each reply on the page is well formed."""
    decode_reply(line.encode())


def test_the_header_example_is_what_the_text_says() -> None:
    """160 frames at position 320 of a stream that began at 5 s."""
    header = bytes.fromhex(_examples("header")[0])
    chunk = decode_chunk([b"mic/", header, bytes(320)])
    assert (chunk.position, chunk.frames, chunk.epoch, chunk.rate, chunk.turn) == (320, 160, 5_000_000_000, 16_000, 0)
    assert f"{HEADER.size} bytes" in PAGE


def test_the_version_is_the_codes() -> None:
    """The page and the code speak of the same version."""
    assert f"version {VERSION}" in PAGE.splitlines()[0]


def test_every_request_has_a_row() -> None:
    """The door's table names what the door answers to."""
    desk = Desk(None, None, lambda: None)  # type: ignore[arg-type]
    for op in desk.known:
        assert f"| `{op}` |" in PAGE, op
