"""Arbitrary messages, drawn from the message types themselves so that a new message is tested by existing."""

import typing

import msgspec
from hypothesis import strategies as st

from lived.units import Epoch, Hz, Ns, Position, Turn
from lived.wire import Chunk, Stream
from lived.wire.events import AnyEvent, Event
from lived.wire.orders import AnyOrder, Order

S = typing.TypeVar("S", bound=msgspec.Struct)
U64 = st.integers(0, 2**64 - 1)
SMALL = st.integers(-(2**53), 2**53)
TEXT = st.text(max_size=200)
PLAIN: dict[object, st.SearchStrategy[object]] = {
    int: SMALL,
    bool: st.booleans(),
    str: TEXT,
    bytes: st.binary(max_size=200),
    float: st.floats(allow_nan=False, allow_infinity=False),
    typing.Any: st.none() | SMALL | TEXT | st.lists(SMALL, max_size=3),
}


def _value(annotation: object) -> st.SearchStrategy[object]:
    base = getattr(annotation, "__supertype__", annotation)
    arguments = typing.get_args(base)
    if typing.get_origin(base) is dict:
        return st.dictionaries(TEXT, _value(arguments[1]), max_size=5)
    if typing.get_origin(base) is list:
        return st.lists(_value(arguments[0]), max_size=3)
    if isinstance(base, type) and issubclass(base, msgspec.Struct):
        return _struct(base)
    return PLAIN[base]


def _struct(cls: type[S]) -> st.SearchStrategy[S]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{name: _value(hints[name]) for name in cls.__struct_fields__})


EVENTS: st.SearchStrategy[Event] = st.one_of([_struct(cls) for cls in typing.get_args(AnyEvent)])
ORDERS: st.SearchStrategy[Order] = st.one_of([_struct(cls) for cls in typing.get_args(AnyOrder)])


@st.composite
def chunks(draw: st.DrawFn) -> Chunk:
    """Any legal chunk."""
    channels = draw(st.integers(1, 255))
    frames = draw(st.integers(0, 20))
    pcm = draw(st.binary(min_size=frames * channels * 2, max_size=frames * channels * 2))
    return Chunk(
        stream=draw(st.sampled_from(list(Stream))),
        epoch=Epoch(draw(U64)),
        position=Position(draw(U64)),
        time=Ns(draw(U64)),
        turn=Turn(draw(U64)),
        rate=Hz(draw(st.integers(1, 2**32 - 1))),
        pcm=pcm,
        channels=channels,
        flags=draw(st.integers(0, 255)),
    )
