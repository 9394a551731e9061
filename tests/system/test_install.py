"""livectl install-service and uninstall-service, for real, in both scopes; and livectl finds what it installed."""

import json
from collections.abc import Iterator

import pytest

from system.machine import KEY, ROOT, STAND_IN, Machine, eventually
from system.service import CONFIG, Service

pytestmark = pytest.mark.system

LIVECTL = "/opt/lived/bin/livectl"
UNIT = "/etc/systemd/system/lived.service"
HOME = "/home/pi"
AS_PI = (
    f"setpriv --reuid pi --regid pi --init-groups env -i HOME={HOME} XDG_RUNTIME_DIR=/run/user/$(id -u pi) PATH=$PATH"
)


@pytest.fixture
def bare(installed: Service) -> Iterator[Machine]:
    """The program alone; afterwards again as the other tests have it."""
    machine = installed.machine
    machine.run(
        f"systemctl disable --now lived 2>/dev/null; rm -rf {UNIT} {UNIT}.d /etc/lived; systemctl daemon-reload"
    )
    yield machine
    machine.write(UNIT, (ROOT / "systemd" / "lived.service").read_bytes())
    machine.run("systemctl daemon-reload")
    installed.set_key(None)  # the next test has to set it up


def test_the_system(bare: Machine) -> None:
    """From nothing to READY; again is no change; a dry run changes nothing; what was made is unmade."""
    dry = bare.run(f"{LIVECTL} install-service --dry-run")
    assert "would write /etc/systemd/system/lived.service" in dry
    assert bare.try_(f"test -e {UNIT} -o -e /etc/lived").returncode != 0

    bare.write("/etc/lived/lived.toml", CONFIG)
    said = bare.run(f"{LIVECTL} install-service --key-file -", KEY.encode())
    assert "because no sound server runs here" in said
    assert "uninstall-service --system" in said
    assert KEY not in said
    assert bare.run("systemctl is-active lived; systemctl is-enabled lived").split() == ["active", "enabled"]
    assert bare.run("stat -c '%a %U' /etc/lived/api-key").split() == ["600", "root"]
    assert bare.run("cat /etc/lived/lived.toml") == CONFIG
    assert "lived" in bare.run("id -nG lived").split()
    status = json.loads(bare.run(f"{LIVECTL} status --json || test $? = 4"))
    assert (status["scope"], status["runtime_dir"]) == ("system", "/run/lived")
    assert "gateway: talking to the Live API" in eventually(
        bare, f"{LIVECTL} logs -n 100 | grep 'talking to the Live API'", 20
    )
    main = bare.show("lived", "MainPID")

    assert "Nothing to do" in bare.run(f"{LIVECTL} install-service --system")
    assert bare.show("lived", "MainPID") == main

    bare.run(f"{LIVECTL} uninstall-service")
    assert bare.try_(f"test -e {UNIT} -o -e /run/lived").returncode != 0
    assert bare.run("cat /etc/lived/api-key").strip() == KEY
    bare.run(f"{LIVECTL} uninstall-service --system --purge")
    left = "/etc/lived /var/lib/lived /var/lib/private/lived"
    assert bare.run(f"ls -d {left} 2>/dev/null; id lived 2>/dev/null; true") == ""


def test_without_a_key(bare: Machine) -> None:
    """It runs, and says where the key belongs; when the key is there it goes on by itself: no command, and systemd
    starts it anew once, for its copy of a file that the service may not read."""
    bare.write("/etc/lived/lived.toml", CONFIG)
    bare.run(f"{LIVECTL} install-service --system")
    assert bare.run("systemctl is-active lived; systemctl is-enabled lived").split() == ["active", "enabled"]
    status = json.loads(bare.run(f"{LIVECTL} status --json || test $? = 4"))
    assert status["session"]["state"] == "failed"
    assert "There is no API key; run 'livectl setup'" in status["text"]
    assert "There is no API key" in bare.show("lived", "StatusText")["StatusText"]
    bare.write("/etc/lived/api-key", f"{KEY}\n", mode="0600")
    eventually(bare, f"{LIVECTL} status | grep -q ^Ready", 30)
    assert bare.show("lived", "NRestarts")["NRestarts"] == "1"
    # another key while it converses: livectl setup has systemd hand it over
    pid = bare.show("lived", "MainPID")
    said = bare.run(f"{LIVECTL} setup --yes --key-file - --voice Puck 2>&1", KEY.encode())
    assert "write /etc/lived/conf.d/10-setup.toml" in said
    assert KEY not in said
    assert bare.show("lived", "MainPID") != pid
    eventually(bare, f"{LIVECTL} status | grep -q ^Ready", 30)
    assert bare.run("stat -c '%a %U' /etc/lived/api-key /etc/lived/conf.d/10-setup.toml").split("\n")[:2] == [
        "600 root",
        "644 root",
    ]
    bare.run(f"{LIVECTL} uninstall-service --system --purge")


def test_a_user(bare: Machine) -> None:
    """Where a sound server runs for a user the service is that user's: it lingers, and has its key."""
    # what loginctl enable-linger does; it needs libpam-systemd, which the small container lacks
    bare.write("/etc/systemd/system/user@.service.d/test.conf", "[Service]\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n")
    linger = "mkdir -p /var/lib/systemd/linger && touch /var/lib/systemd/linger/pi && systemctl start user@$(id -u pi)"
    bare.run(f"systemctl daemon-reload; useradd -m -d {HOME} pi && {linger}")
    eventually(bare, "test -S /run/user/$(id -u pi)/systemd/private", 20)
    bare.run("touch /run/user/$(id -u pi)/pipewire-0")
    config = CONFIG.replace(str(STAND_IN), HOME).replace("/srv/user.wav", f"{HOME}/user.wav")
    bare.run(f"cp {STAND_IN}/ca.pem /srv/user.wav {HOME}")
    bare.write(f"{HOME}/.config/lived/lived.toml", config)
    bare.write(f"{HOME}/key", KEY)
    bare.run(f"chmod 644 {HOME}/user.wav {HOME}/ca.pem; chown -R pi: {HOME}")

    refused = bare.try_(f"{LIVECTL} install-service")
    assert "PipeWire runs for pi" in refused.stderr
    assert "without sudo" in refused.stderr
    try:
        said = bare.run(f"{AS_PI} {LIVECTL} install-service --key-file {HOME}/key")
        assert "because PipeWire runs for pi" in said
        status = json.loads(bare.run(f"{AS_PI} {LIVECTL} status --json || test $? = 4"))
        assert status["scope"] == "user"
        assert status["runtime_dir"].startswith("/run/user/")
        eventually(bare, f"{AS_PI} {LIVECTL} status | grep -q ^Ready", 20)
        assert "Nothing to do" in bare.run(f"{AS_PI} {LIVECTL} install-service")
        assert "lived is a service of this user already" in bare.try_(f"{LIVECTL} install-service --system").stderr
        bare.run(f"{AS_PI} {LIVECTL} uninstall-service --purge")
        left = f"{HOME}/.config/lived {HOME}/.config/systemd/user/lived.service {HOME}/.local/state/lived"
        assert bare.run(f"ls -d {left} 2>/dev/null; true") == ""
    finally:
        bare.run("systemctl stop user@$(id -u pi); rm /var/lib/systemd/linger/pi; userdel -r pi 2>/dev/null; true")
