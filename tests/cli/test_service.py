"""lived.service: found, told, and its failures in one sentence. systemctl is a program on PATH; here it is a fake."""

from pathlib import Path

import pytest

from lived.cli import service
from lived.cli.service import Service, installed, running_as
from lived.errors import LivedError


class Systemctl:
    """Answers as scripted, and writes down how it was called."""

    def __init__(self, folder: Path) -> None:
        self._script = folder / "systemctl"
        self._calls = folder / "calls"
        self.says("")

    def says(self, body: str) -> None:
        """A shell script's body; ``$*`` are the arguments."""
        self._script.write_text(f'#!/bin/sh\necho "$*" >> {self._calls}\n{body}\n')
        self._script.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """What it was asked."""
        return self._calls.read_text().splitlines() if self._calls.exists() else []


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    """The only systemctl there is."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    return Systemctl(folder)


def test_not_installed_without_systemd(systemctl: Systemctl, tmp_path: Path) -> None:
    """A machine that systemd did not boot is not asked."""
    assert installed(tmp_path / "nowhere") is None
    assert systemctl.calls == []


def test_installed(systemctl: Systemctl, tmp_path: Path) -> None:
    """The user's own unit comes before the machine's; a unit that is not found is none."""
    systemctl.says("echo not-found")
    assert installed(tmp_path) is None
    systemctl.says('case "$*" in *--user*) echo not-found;; *) echo loaded;; esac')
    assert installed(tmp_path) == Service(user=False)
    systemctl.says("echo loaded")
    assert installed(tmp_path) == Service(user=True)


def test_an_enabled_unit_is_meant(systemctl: Systemctl, tmp_path: Path) -> None:
    """A package brings the units of both scopes; the enabled one is the one that somebody wants."""
    systemctl.says('case "$*" in *--user*) echo loaded; echo disabled;; *) echo loaded; echo enabled;; esac')
    assert installed(tmp_path) == Service(user=False)
    systemctl.says("echo loaded; echo enabled")
    assert installed(tmp_path) == Service(user=True)


def test_linger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's service that ends with the session is warned of; the machine's, and one that lingers, are not."""
    monkeypatch.setattr("getpass.getuser", lambda: "pi")
    assert "ends when pi logs out: 'loginctl enable-linger' keeps it" in Service(user=True).warning(tmp_path)
    assert Service(user=False).warning(tmp_path) == ""
    (tmp_path / "pi").touch()
    assert Service(user=True).warning(tmp_path) == ""


def test_no_systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the program is missing there is no service."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installed(tmp_path) is None


def test_orders(systemctl: Systemctl) -> None:
    """Start does not wait for READY; stop waits."""
    Service(user=False).start()
    Service(user=True).stop()
    assert systemctl.calls == ["--no-pager start --no-block lived.service", "--user --no-pager stop lived.service"]


def test_refusal_is_a_sentence(systemctl: Systemctl) -> None:
    """systemd's own first line, and what to do."""
    systemctl.says('echo "Interactive authentication required." >&2; exit 1')
    with pytest.raises(LivedError, match=r"Interactive authentication required\. Use sudo"):
        Service(user=False).start()


def test_failure(systemctl: Systemctl) -> None:
    """A failed unit is told with its exit code and the command that shows the log; a starting one is no failure."""
    systemctl.says("echo ActiveState=activating")
    assert Service(user=False).failure() == ""
    systemctl.says("echo ActiveState=failed; echo Result=exit-code; echo ExecMainStatus=78")
    assert "exit code 78" in Service(user=False).failure()
    assert "journalctl --user -u lived" in Service(user=True).failure()
    systemctl.says("echo ActiveState=failed; echo Result=exit-code; echo ExecMainStatus=78; echo StatusText=No key.")
    assert "(exit-code, exit code 78): No key; 'journalctl -u lived" in Service(user=False).failure()


def test_a_unit_for_each_worker(systemctl: Systemctl, tmp_path: Path) -> None:
    """Found where its target is enabled; stopped by name, since a target does not wait; the failed one tells."""
    systemctl.says('case "$*" in *lived.target*) echo loaded; echo enabled;; *) echo loaded; echo disabled;; esac')
    split = Service(user=False, split=True)
    assert installed(tmp_path) == split
    split.start()
    split.stop()
    assert systemctl.calls[-2:] == ["--no-pager start --no-block lived.target", "--no-pager stop lived-* lived.target"]
    block = "echo ActiveState={}; echo Result=exit-code; echo ExecMainStatus={}; echo StatusText={}; echo"
    systemctl.says("; ".join(block.format(*facts) for facts in (("active", 0, "fine"), ("failed", 78, "NoKey"))))
    assert "(exit-code, exit code 78): NoKey; 'journalctl -u lived-*" in split.failure()


def test_hanging_systemctl(systemctl: Systemctl, monkeypatch: pytest.MonkeyPatch) -> None:
    """A systemd that does not answer is an error, not a wait for ever."""
    monkeypatch.setattr(service, "_PATIENCE_S", 0.1)
    systemctl.says("exec sleep 60")
    with pytest.raises(LivedError, match="takes longer"):
        Service(user=False).stop()


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("0::/system.slice/lived.service\n", Service(user=False)),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/lived.service\n", Service(user=True)),
        ("0::/user.slice/user-1000.slice/session-2.scope\n", None),
        ("0::/system.slice/not-lived.service\n", None),
        ("0::/system.slice/lived-broker.service\n", Service(user=False, split=True)),
        ("1:name=systemd:/system.slice/lived.service\n0::/\n", Service(user=False)),
    ],
)
def test_running_as(tmp_path: Path, groups: str, expected: Service | None) -> None:
    """The control group tells whether systemd started a daemon, and which systemd."""
    (tmp_path / "42").mkdir()
    (tmp_path / "42" / "cgroup").write_text(groups)
    assert running_as(42, tmp_path) == expected
    assert running_as(43, tmp_path) is None
