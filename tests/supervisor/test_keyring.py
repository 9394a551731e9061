"""The key of the gateway: found, waited for, replaced."""

import os
from pathlib import Path

import pytest

from lived.config import Config
from lived.credentials import NoKeyError, api_key
from lived.errors import CredentialError
from lived.supervisor.keyring import LOOK_EVERY, Keyring, News
from lived.units import Ns

CONFIG = Config()


def keyring(*files: Path, handed_over: bool = False) -> Keyring:
    """One that finds what is in ``files``."""
    return Keyring(lambda _: api_key({}, files), files, handed_over)


def times() -> "list[Ns]":
    """Moments at which it looks again."""
    return [Ns(n * LOOK_EVERY) for n in range(1, 9)]


def test_a_key_that_is_there(tmp_path: Path) -> None:
    """It is found at the start; another one is another secret, and one that vanishes is kept."""
    file = tmp_path / "api-key"
    file.write_text("one")
    keys = keyring(file)
    assert keys.look(CONFIG)
    assert (keys.secret, keys.missing) == ("one", "")
    assert not keys.look(CONFIG)
    file.write_text("two")
    assert keys.look(CONFIG)
    file.unlink()
    assert not keys.look(CONFIG)
    assert (keys.secret, keys.missing) == ("two", "")
    assert "two" not in repr(keys)


def test_one_that_comes_later(tmp_path: Path) -> None:
    """It is said to be missing, looked for every two seconds and no sooner, and taken once."""
    file = tmp_path / "api-key"
    keys, (first, second, third, *_) = keyring(file), times()
    assert not keys.look(CONFIG)
    assert keys.missing.startswith("There is no API key")
    assert keys.look_again(CONFIG, first) is News.NONE
    file.write_text("one\n")
    assert keys.look_again(CONFIG, Ns(second - 1)) is News.NONE
    assert keys.look_again(CONFIG, second) is News.SECRET
    assert (keys.secret, keys.missing) == ("one", "")
    assert keys.look_again(CONFIG, third) is News.NONE


def test_one_that_is_still_being_written(tmp_path: Path) -> None:
    """A damaged key ends nothing later on: it is said, and looked at again. At the start it is an error."""
    file = tmp_path / "api-key"
    keys, (first, second, *_) = keyring(file), times()
    keys.look(CONFIG)
    file.write_text("two words")
    assert keys.look_again(CONFIG, first) is News.NONE
    assert "a blank" in keys.missing
    with pytest.raises(CredentialError):
        keyring(file).look(CONFIG)
    file.write_text("one")
    assert keys.look_again(CONFIG, second) is News.SECRET


def test_a_file_that_only_systemd_may_read(tmp_path: Path) -> None:
    """What was there at the start is no news, however unreadable; a change of it is, once; an empty file is none."""
    file = tmp_path / "api-key"
    file.write_text("old")
    looks = times()

    def find(_: Config) -> str:
        raise NoKeyError("There is none.")  # as where it may not be read

    keys = Keyring(find, [file], handed_over=True)
    keys.look(CONFIG)
    assert keys.look_again(CONFIG, looks[0]) is News.NONE
    file.write_text("new one")
    assert keys.look_again(CONFIG, looks[1]) is News.COPY
    assert keys.look_again(CONFIG, looks[2]) is News.NONE
    file.write_text("")
    assert keys.look_again(CONFIG, looks[3]) is News.NONE
    file.write_text("another")
    os.utime(file, ns=(0, 0))
    assert keys.look_again(CONFIG, looks[4]) is News.COPY
    others = Keyring(find, [file], handed_over=False)
    file.write_text("and another one")
    assert others.look_again(CONFIG, looks[0]) is News.NONE, "not started by systemd: nobody would start it again"
