"""What a person has to mend is said where a person looks, and systemd does not try again and again."""

import pytest

from system.machine import KEY, eventually
from system.service import CONFIG, ERROR, Service

pytestmark = pytest.mark.system


def refused(service: Service, code: int, sentence: str, in_short: str = "") -> None:
    """It does not start; `systemctl status` says why, with what systemctl shows by itself. ``in_short`` where the
    sentence itself is in the log alone."""
    begin = service.now()
    service.machine.run("systemctl stop lived")
    assert service.machine.try_("systemctl start lived").returncode != 0
    shown = service.machine.show("lived", "ActiveState", "Result", "ExecMainStatus", "NRestarts", "StatusText")
    # `auto-restart` would be activating
    assert (shown["ActiveState"], shown["Result"], shown["NRestarts"]) == ("failed", "exit-code", "0")
    assert int(shown["ExecMainStatus"]) == code
    assert (in_short or sentence) in shown["StatusText"]
    status = service.machine.try_("systemctl status lived").stdout
    assert f'Status: "{shown["StatusText"]}"' in status
    assert sentence in status
    assert KEY not in status
    assert [e for e in service.journal(begin, ERROR) if sentence in e["MESSAGE"]]
    said = [entry["MESSAGE"] for entry in service.journal(begin)]
    assert [text for text in said if "Killing" in text] == [], "its workers were left to systemd"


def test_a_wrong_option(service: Service) -> None:
    """File, line, option, value, and what was expected."""
    service.configure(CONFIG + "volume = 400\n")
    refused(service, 78, "audio.volume = 400 is not possible; expected a whole number from 0 to 100 (%).")


def test_a_missing_file(service: Service) -> None:
    """Found out by a worker: the daemon ends for it, and says it."""
    service.configure(CONFIG.replace("user.wav", "nothing.wav"))
    refused(
        service,
        66,
        "audio.input: cannot read /srv/nothing.wav: No such file or directory",
        "capture: ended with code 66",
    )


def test_a_wrong_key(service: Service) -> None:
    """What no key looks like is refused before anything starts."""
    service.configure(CONFIG)
    service.set_key("two words\n")
    refused(service, 78, "a blank")


def test_no_key(service: Service) -> None:
    """Nobody has put it there yet: the service runs and tells, instead of systemd failing for ever (243/CREDENTIALS).
    (tests/system/test_install.py: what happens when somebody does.)"""
    service.configure(CONFIG)
    service.set_key(None)
    service.machine.run("systemctl restart lived")
    told = "systemctl status lived | grep -q 'Status: \"gateway: There is no API key; run .livectl setup.'"
    eventually(service.machine, told, 10)
    shown = service.machine.show("lived", "ActiveState", "NRestarts")
    assert (shown["ActiveState"], shown["NRestarts"]) == ("active", "0")


def test_mended(service: Service) -> None:
    """After the mistake is mended a plain start is enough."""
    service.configure("[audio]\nvolume = 400\n")
    refused(service, 78, "audio.volume")
    service.configure(CONFIG)
    service.machine.run("systemctl start lived")
    service.wait_ready()
