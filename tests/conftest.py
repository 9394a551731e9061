"""Fixtures that tests of several rooms share."""

import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fakes.soundcard import SoundcardError, VirtualSoundcard
from fakes.turns import room

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the bench has tests too, and is nobody's package

# who starts the tests in the background has Ctrl-C ignored, and every program that they start would ignore it too
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# on a machine with other work to do, slowness says nothing about the code
settings.register_profile("lived", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lived")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Around all of it, so that waiting for one's turn is no part of the time that a test may take."""
    with room(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is configured on this machine, for this user or in this shell says nothing about the code."""
    ours = ("LIVED_", "GEMINI_", "GOOGLE_", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "NOTIFY_")
    for name in [name for name in os.environ if name.startswith(ours)]:
        del os.environ[name]
    empty = tmp_path_factory.mktemp("nobody") / "lived.toml"
    empty.touch()
    os.environ["LIVED_CONFIG"] = str(empty)


@pytest.fixture
def soundcard() -> Iterator[VirtualSoundcard]:
    """A fresh virtual sound card (16 kHz microphone, 24 kHz speaker). Its absence is a failure, never a skip."""
    card = VirtualSoundcard()
    try:
        card.start()
    except SoundcardError as error:
        pytest.fail(str(error), pytrace=False)
    yield card
    card.stop()
