"""How the next session begins, and what is kept for it."""

import stat
import time
from pathlib import Path

import msgspec
import pytest

from lived.config import Config
from lived.units import MILLISECOND, Frames, Ns
from lived.wire.events import Swapped
from lived_workers.gateway.history import Turn
from lived_workers.gateway.reconnect import Rung
from lived_workers.gateway.store import HANDLE_LIFETIME_S, Store
from lived_workers.gateway.swaps import Swaps
from lived_workers.gateway.thread import SEED_INSTRUCTION, Opening, Thread, wanted_by
from lived_workers.gateway.unanswered import MOST_REPEATED, Unanswered


def config(**live: object) -> Config:
    """With these options under live."""
    return msgspec.structs.replace(Config(), live=msgspec.structs.replace(Config().live, **live))


def make(folder: Path, **live: object) -> Thread:
    """A thread of a fresh process."""
    (folder / "run").mkdir(exist_ok=True)
    return Thread(Store(folder / "run", folder / "state"), config(**live).live)


def test_the_ladder_with_all_there_is(tmp_path: Path) -> None:
    """Handle, transcript, excuse."""
    thread = make(tmp_path)
    thread.opened(thread.opening(Rung.RESUMED))
    thread.take("secret", resumable=True)
    thread.history.add("user", "Hello.")
    assert thread.opening(Rung.RESUMED) == Opening(Rung.RESUMED, "secret", [], "")
    assert thread.opening(Rung.RESEEDED) == Opening(Rung.RESEEDED, "", [Turn("user", "Hello.")], "")
    assert thread.opening(Rung.FORGOTTEN).apology


def test_the_ladder_with_nothing(tmp_path: Path) -> None:
    """A first session: no handle, nothing said, nothing to be sorry for."""
    thread = make(tmp_path)
    for rung in Rung:
        assert thread.opening(rung) == Opening(Rung.FORGOTTEN, "", [], "")


def test_not_resumable_keeps_the_handle_before(tmp_path: Path) -> None:
    """It rolls back a little; that is better than nothing."""
    thread = make(tmp_path)
    thread.take("old", resumable=True)
    thread.take("", resumable=False)
    assert thread.opening(Rung.RESUMED).handle == "old"


def test_a_fresh_session_makes_the_old_handle_worthless(tmp_path: Path) -> None:
    """It belongs to a session that is given up."""
    thread = make(tmp_path)
    thread.take("old", resumable=True)
    thread.opened(thread.opening(Rung.FORGOTTEN))
    assert thread.opening(Rung.RESUMED).handle == ""


def test_the_next_process_goes_on(tmp_path: Path) -> None:
    """Also after a reboot; both files are nobody else's."""
    thread = make(tmp_path)
    thread.take("secret", resumable=True)
    thread.history.add("user", "Hello.")
    thread.tick()
    Store.save(thread._store, Ns(0))
    after = make(tmp_path)
    after.remember()
    assert after.opening(Rung.RESUMED).handle == "secret"
    assert after.opening(Rung.RESEEDED).seed == [Turn("user", "Hello.")]
    for name in ("session.json", "history.json"):
        assert stat.S_IMODE((tmp_path / "state" / name).stat().st_mode) == 0o600


def test_after_two_hours_it_is_another_conversation(tmp_path: Path) -> None:
    """Nobody is sorry for what was said yesterday."""
    store = make(tmp_path)._store
    thread = make(tmp_path)
    thread.history.add("user", "Hello.")
    thread.tick()
    assert store.history(time.time() + HANDLE_LIFETIME_S - 60)
    assert store.history(time.time() + HANDLE_LIFETIME_S + 60) == []
    assert store.history(time.time() - 60) == [], "a clock that was set back"


def test_the_end_of_a_conversation_removes_it(tmp_path: Path) -> None:
    """Nothing of it lies about."""
    thread = make(tmp_path)
    thread.take("secret", resumable=True)
    thread.history.add("user", "Hello.")
    thread.tick()
    thread.forget()
    thread.tick()
    after = make(tmp_path)
    after.remember()
    assert after.opening(Rung.RESUMED) == Opening(Rung.FORGOTTEN, "", [], "")
    assert not (tmp_path / "state" / "history.json").exists()


def test_a_file_begins_a_conversation_but_excuses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It seeds the first session; what is wrong with it is a sentence."""
    path = tmp_path / "before.jsonl"
    path.write_text('{"side": "user", "text": "Hello."}\n')
    thread = make(tmp_path, history_file=str(path))
    thread.begin()
    assert thread.opening(Rung.RESUMED).seed == [Turn("user", "Hello.")]
    assert not thread.opening(Rung.FORGOTTEN).apology
    path.write_text("rubbish")
    again = make(tmp_path, history_file=str(path))
    again.begin()
    assert "line 1" in caplog.text
    gone = make(tmp_path, history_file=str(tmp_path / "gone"))
    gone.begin()
    assert "Cannot read live.history_file" in caplog.text


def test_no_secret_is_shown(tmp_path: Path) -> None:
    """A handle is as good as the conversation."""
    thread = make(tmp_path)
    thread.take("secret", resumable=True)
    assert "secret" not in repr(thread.opening(Rung.RESUMED))


def test_a_model_without_history_is_instructed() -> None:
    """The transcript stands behind the instruction."""
    opening = Opening(Rung.RESEEDED, "", [Turn("user", "Hello."), Turn("model", "Hi.")], "")
    old = wanted_by(opening, config(model="gemini-2.5-flash-native-audio-x", instruction="Be brief."))
    assert old.instruction == f"Be brief.\n\n{SEED_INSTRUCTION}\nuser: Hello.\nmodel: Hi."
    assert not old.seed
    new = wanted_by(opening, config(instruction="Be brief."))
    assert (new.instruction, new.seed) == ("", True)


def test_the_account_of_a_swap() -> None:
    """From the first end to the next beginning, whatever was tried in vain between; nothing for the first one."""
    swaps = Swaps()
    ms = MILLISECOND
    assert swaps.opened(Rung.FORGOTTEN, Ns(0), Frames(0)) is None
    swaps.ended("goaway", Ns(100 * ms), Frames(5))
    swaps.ended("lost", Ns(200 * ms), Frames(7))
    told = swaps.opened(Rung.RESUMED, Ns(740 * ms), Frames(325))
    assert told == Swapped(cause="goaway", kept="resumed", gap_ms=640, lost=320)  # type: ignore[arg-type]
    assert swaps.opened(Rung.RESUMED, Ns(900 * ms), Frames(325)) is None


def test_a_question_is_asked_again_twice_at_most() -> None:
    """Unless it is going to be sent anyway; an answered one in between starts anew."""
    unanswered = Unanswered()
    assert unanswered.again([]) == ""
    asked = []
    for _ in range(4):
        unanswered.ended("Why?")
        unanswered.ended("")
        asked.append(unanswered.again([]))
    assert asked == ["Why?"] * MOST_REPEATED + [""] * (4 - MOST_REPEATED)
    assert unanswered.again([]) == ""
    unanswered.ended("Why?")
    assert unanswered.again(["Why?"]) == ""
    unanswered.ended("Who are you? Why? Since when?")
    assert unanswered.again(["Why? Since when?"]) == "Who are you?"
    unanswered.ended("Why?")
    unanswered.forget()
    assert unanswered.again([]) == ""
