"""What outlives the gateway."""

import stat
import time
from pathlib import Path

import pytest

from lived.units import SECOND, Ns
from lived_workers.gateway import store as stores
from lived_workers.gateway.store import HANDLE_LIFETIME_S, TURNS_RESERVED, Session, Store


def make(folder: Path) -> Store:
    """A store whose runtime and state directories are apart."""
    (folder / "run").mkdir(exist_ok=True)
    return Store(folder / "run", folder / "state")


def test_turn_ids_grow_across_processes(tmp_path: Path) -> None:
    """Each process takes a block, and no id comes twice."""
    first, second = make(tmp_path), make(tmp_path)
    ids = [first.new_turn() for _ in range(TURNS_RESERVED + 5)]
    more = [second.new_turn() for _ in range(5)]
    assert ids == sorted(set(ids))
    assert set(ids).isdisjoint(more)
    assert make(tmp_path).new_turn() > max(ids + more)


def test_turn_ids_survive_an_emptied_state_directory(tmp_path: Path) -> None:
    """The daemon still runs, and playback would refuse ids that it has seen cut."""
    turn = make(tmp_path).new_turn()
    (tmp_path / "state" / "turns").unlink()
    assert make(tmp_path).new_turn() > turn


def test_turn_ids_survive_a_reboot(tmp_path: Path) -> None:
    """The runtime directory is gone, the state directory is not."""
    turn = make(tmp_path).new_turn()
    (tmp_path / "run" / "gateway.ledger").unlink()
    assert make(tmp_path).new_turn() > turn


def test_an_unreadable_count_is_outgrown(tmp_path: Path) -> None:
    """Rubbish in the file: the wall clock is larger than any count of turns."""
    make(tmp_path).new_turn()
    (tmp_path / "state" / "turns").write_text("rubbish")
    (tmp_path / "run" / "gateway.ledger").unlink()
    assert make(tmp_path).new_turn() > 1_000_000_000_000


def test_an_unwritable_state_directory_is_a_sentence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The conversation goes on; ids still grow, also over a restart and a reboot."""
    (tmp_path / "state").write_text("a file in the way")
    first = make(tmp_path).new_turn()
    assert "make it writable" in caplog.text
    assert make(tmp_path).new_turn() > first
    (tmp_path / "run" / "gateway.ledger").unlink()
    time.sleep(0.002)  # the wall clock counts milliseconds here
    assert first > 1_000_000_000_000


def test_a_handle_comes_back_for_its_model_and_time_only(tmp_path: Path) -> None:
    """Two hours, the same model, mode 0600."""
    store = make(tmp_path)
    store.keep(Session("secret-handle", "m", 1000.0))
    store.tick(Ns(10 * SECOND))
    file = tmp_path / "state" / "session.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert make(tmp_path).session("m", 1000.0) == "secret-handle"
    assert make(tmp_path).session("m", 1000.0 + HANDLE_LIFETIME_S) == ""
    assert make(tmp_path).session("m", 999.0) == ""
    assert make(tmp_path).session("other", 1000.0) == ""
    assert "secret" not in repr(Session("secret-handle", "m", 1.0))
    store.drop_session()
    assert not file.exists()
    assert make(tmp_path).session("m", 1000.0) == ""


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"handle": 1}', b"\xff\xfe"])
def test_a_broken_session_file_is_no_session(tmp_path: Path, content: bytes) -> None:
    """A power cut, an editor, an older version."""
    store = make(tmp_path)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "session.json").write_bytes(content)
    assert store.session("m", 0.0) == ""


def test_handles_are_written_at_most_once_a_second(tmp_path: Path) -> None:
    """An SD card is spared; the newest is written in the end."""
    store = make(tmp_path)
    file = tmp_path / "state" / "session.json"
    store.keep(Session("one", "m", 1.0))
    store.tick(Ns(10 * SECOND))
    store.keep(Session("two", "m", 1.0))
    store.tick(Ns(10 * SECOND + 1))
    assert b"one" in file.read_bytes()
    store.tick(Ns(11 * SECOND))
    assert b"two" in file.read_bytes()


def test_the_place_in_the_stream_survives(tmp_path: Path) -> None:
    """A successor goes on exactly there; not when the conversation was ended."""
    store = make(tmp_path)
    assert store.place is None
    store.heard(7, 320)
    store.heard(7, 640)
    assert make(tmp_path).place == (7, 640)
    store.forget_place()
    assert make(tmp_path).place is None


def test_a_killed_process_handed_over_what_its_kernel_still_sends(tmp_path: Path) -> None:
    """The kernel delivers what is on its way for a dead process too: sent again, it would be doubled."""
    store = make(tmp_path)
    store.heard(7, 320)
    store.handed(7, 960)
    assert make(tmp_path).place == (7, 960)
    store.heard(7, 960)
    assert make(tmp_path).place == (7, 960)


def test_what_is_stuck_was_not_heard(tmp_path: Path) -> None:
    """More than a round trip without an acknowledgment: the network is gone, and with it what the kernel holds."""
    store = make(tmp_path)
    store.heard(7, 320)
    store.handed(7, 320 + stores.IN_FLIGHT + 1)
    assert make(tmp_path).place == (7, 320)


def test_what_was_taken_back_is_not_on_its_way(tmp_path: Path) -> None:
    """Killed between two connections: what the first one did not deliver waits to be sent again."""
    store = make(tmp_path)
    store.heard(7, 320)
    store.handed(7, 960)
    store.taken_back()
    assert make(tmp_path).place == (7, 320)
    store.handed(7, 960)
    store.heard(8, 160)
    store.handed(7, 1_120)
    assert make(tmp_path).place == (8, 160)


def test_a_place_of_an_earlier_boot_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Epochs count from the boot: an old one would make the gateway deaf to every new one."""
    make(tmp_path).heard(10**15, 640)
    monkeypatch.setattr(stores, "_boot", lambda: 12345)
    assert make(tmp_path).place is None


def test_a_text_is_taken_once(tmp_path: Path) -> None:
    """By its number, whichever process was told it; one without a number always is new."""
    first = make(tmp_path)
    assert first.is_new(7)
    first.said(7)
    second = make(tmp_path)
    assert not second.is_new(7)
    assert second.is_new(8)
    second.said(0)
    assert second.is_new(0)
    assert not second.is_new(7)
