"""The button, the album, and what the door refuses of them."""

import base64
from pathlib import Path

import pytest

from core.test_images import jpeg, png
from lived.images import MOST_BYTES
from lived.supervisor.album import KEPT, Album
from lived.supervisor.button import LONGEST, Button
from lived.supervisor.desk import RefusalError
from lived.supervisor.picture import Picture
from lived.supervisor.speaking import MOST_UNTAKEN, Speaking
from lived.units import Ns
from lived.wire.events import SessionState
from lived.wire.orders import Order, Say


def test_a_button_that_is_held_for_a_minute_is_stuck() -> None:
    """Counted from its first pressing; toggled, it is held or let go."""
    button = Button()
    assert button.press(True, Ns(5))
    assert button.press(True, Ns(100))
    assert not button.stuck(Ns(LONGEST + 4))
    assert button.stuck(Ns(LONGEST + 5))
    assert not button.press(False, Ns(LONGEST + 6))
    assert not button.stuck(Ns(3 * LONGEST))
    assert button.press(None, Ns(3 * LONGEST))
    assert not button.press(None, Ns(3 * LONGEST))


def shown(data: bytes) -> str:
    """As it comes through the door."""
    return base64.b64encode(data).decode()


def test_an_image_is_kept_for_the_gateway(tmp_path: Path) -> None:
    """In a file that nobody else reads, with its size."""
    found = Album(tmp_path).add("image/jpeg", shown(jpeg(40, 30)))
    assert (found.mime, found.width, found.height) == ("image/jpeg", 40, 30)
    assert found.path.read_bytes() == jpeg(40, 30)
    assert found.path.stat().st_mode & 0o777 == 0o600
    assert found.path.parent.stat().st_mode & 0o777 == 0o700


def test_only_the_last_ones_are_kept(tmp_path: Path) -> None:
    """However many are shown, in whatever format."""
    album = Album(tmp_path)
    for number in range(1, 4 * KEPT):
        data, mime = (png(number, 1), "image/png") if number % 3 else (jpeg(number, 1), "image/jpeg")
        album.add(mime, shown(data))
    assert len(list((tmp_path / "images").iterdir())) == KEPT


@pytest.mark.parametrize(
    ("mime", "data", "words"),
    [
        ("image/jpeg", "not base64!", "base64"),
        ("image/jpeg", "", "1 to"),
        ("image/jpeg", shown(bytes(MOST_BYTES + 1)), "scale it down"),
        ("image/jpeg", shown(b"GIF89a"), "neither a JPEG nor a PNG"),
        ("image/jpeg", shown(png(1, 1)), "image/png"),
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, mime: str, data: str, words: str) -> None:
    """In one sentence, and nothing is written."""
    with pytest.raises(RefusalError, match=words) as refusal:
        Album(tmp_path).add(mime, data)
    assert refusal.value.code == "bad_request"
    assert not (tmp_path / "images").exists()


def test_an_album_that_cannot_be_written(tmp_path: Path) -> None:
    """The disk is full, or there is a file in the way: said in one sentence."""
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(RefusalError) as refusal:
        Album(tmp_path).add("image/jpeg", shown(jpeg(1, 1)))
    assert refusal.value.code == "failed"


class Hub:
    """Notes what the gateway is told."""

    def __init__(self, inner: Path) -> None:
        self.inner = inner
        self.told: list[Order] = []

    def order(self, worker: str, order: Order) -> None:
        """As ``lived.supervisor.hub.Hub``."""
        assert worker == "gateway"
        self.told.append(order)


def typing(folder: Path) -> tuple[Speaking, Hub]:
    """An open session."""
    picture = Picture(Ns(0), conversing=True, muted=False, volume=100)
    picture.take(SessionState(state="open", connection=1))
    hub = Hub(folder)
    return Speaking(hub, picture), hub  # type: ignore[arg-type]


def test_typed_text_is_repeated_until_it_was_taken(tmp_path: Path) -> None:
    """To each gateway that begins, in order, under the same numbers."""
    speaking, hub = typing(tmp_path)
    for text in ("one", "two", "three"):
        speaking.say(text)
    said = [order for order in hub.told if isinstance(order, Say)]
    assert [order.text for order in said] == ["one", "two", "three"]
    assert said[0].number < said[1].number < said[2].number
    speaking.taken(said[1].number)
    hub.told.clear()
    speaking.repeat()
    assert hub.told == [said[0], said[2]]


def test_typed_text_that_nobody_takes_is_bounded(tmp_path: Path) -> None:
    """Refused, not forgotten; with the conversation it is over."""
    speaking, hub = typing(tmp_path)
    for n in range(MOST_UNTAKEN):
        speaking.say(str(n))
    with pytest.raises(RefusalError, match="try again"):
        speaking.say("one too many")
    speaking.over()
    hub.told.clear()
    speaking.repeat()
    assert hub.told == []
    speaking.say("again")
