"""Facts in, findings out: each judgement of livectl doctor by a table."""

from typing import Any

import pytest

from lived.cli.doctor.finding import Finding, Level
from lived.cli.doctor.judge import live, machine, network, service, sound

BITS = 64
USER = service.Unit(True, True, "active")
OFF = service.Unit(False, False, "inactive")
SPLIT = service.Unit(True, True, "active", name="lived.target")
GOOD = sound.Heard(input="Mic at 16000 Hz", output="Speaker", seconds=2.0, peak_dbfs=-20, rms_dbfs=-40, echo_db=-23.0,
                   delay_ms=80.0)  # fmt: skip
GATEWAY = {"name": "gateway", "state": "running", "ready": True}
CAPTURE = {
    "name": "capture",
    "state": "running",
    "ready": True,
    "text": "USB at 48000 Hz",
    "counters": {"overflows": 0},
}


def told(**changed: Any) -> dict[str, Any]:
    """A daemon's status."""
    return {"state": "ready", "text": "listening", "conversing": True,
            "workers": [CAPTURE, GATEWAY]} | changed  # fmt: skip


@pytest.mark.parametrize(
    ("finding", "level", "words"),
    [
        (machine.python((3, 13, 5), BITS), Level.OK, "3.13.5"),
        (machine.python((3, 9, 2), BITS), Level.FAILURE, "3.11 or newer"),
        (machine.python((3, 11, 2), 32), Level.FAILURE, "64-bit system"),
        (machine.disk([]), Level.SKIPPED, "No folder"),
        (machine.disk([machine.Disk("/a", 9000), machine.Disk("/b", 90)]), Level.FAILURE, "90 MB are free for /b"),
        (machine.disk([machine.Disk("/a", 300)]), Level.WARNING, "300 MB"),
        (machine.disk([machine.Disk("/a", 9000)]), Level.OK, "9,000 MB"),
        (machine.temperature(None), Level.SKIPPED, "no temperature"),
        (machine.temperature(51.2), Level.OK, "51 °C"),
        (machine.temperature(76.0), Level.WARNING, "76 °C"),
        (machine.temperature(85.0), Level.FAILURE, "slows down"),
        (machine.throttling(None), Level.SKIPPED, "vcgencmd"),
        (machine.throttling(0), Level.OK, "full speed"),
        (machine.throttling(0x50005), Level.FAILURE, "voltage is too low, it is throttled"),
        (machine.throttling(0x10000), Level.WARNING, "since it was started: the supply's voltage"),
        (machine.clock(machine.Clock(0.0, 1e9, True)), Level.FAILURE, "1970-01-01"),
        (machine.clock(machine.Clock(2e9, 1e9, False)), Level.WARNING, "not synchronised"),
        (machine.clock(machine.Clock(2e9, 1e9, None)), Level.SKIPPED, "does not tell"),
        (machine.clock(machine.Clock(2e9, 1e9, True)), Level.OK, "is synchronised"),
        (machine.realtime(machine.RealTime("", None, False)), Level.SKIPPED, "off"),
        (machine.realtime(machine.RealTime("", True, True)), Level.OK, "running daemon"),
        (machine.realtime(machine.RealTime("", False, True)), Level.WARNING, "have no real-time"),
        (machine.realtime(machine.RealTime("its limit is 0", None, True)), Level.WARNING, "its limit is 0"),
        (machine.realtime(machine.RealTime("", None, True)), Level.OK, "may ask"),
        (network.name("x.example", 2, ""), Level.OK, "2 addresses"),
        (network.name("x.example", 0, "no such name"), Level.FAILURE, "no such name"),
        (network.tls(network.Tls("s", unreached="Connection refused")), Level.FAILURE, "cannot be reached"),
        (network.tls(network.Tls("s", refused="x", code=10, now=1e9)), Level.FAILURE, "expired by this clock (2001-"),
        (network.tls(network.Tls("s", refused="x", code=9)), Level.FAILURE, "not valid yet"),
        (network.tls(network.Tls("s", refused="x", code=62)), Level.FAILURE, "for another name"),
        (network.tls(network.Tls("s", refused="x", code=20, own=True)), Level.FAILURE, "live.ca_file"),
        (network.tls(network.Tls("s", refused="x", code=20)), Level.FAILURE, "a proxy may read along"),
        (network.tls(network.Tls("s", ends=86_400.0 * 5, now=0.0)), Level.WARNING, "ends in 5 days"),
        (network.tls(network.Tls("s", ends=86_400.0 * 50, now=0.0)), Level.OK, "trusted"),
        (network.proxy("", ""), Level.OK, "None"),
        (network.proxy("p:1", ""), Level.OK, "p:1 is used"),
        (network.proxy("p:1", "Connection refused"), Level.FAILURE, "Connection refused"),
        (network.power_saving(None), Level.SKIPPED, "iw"),
        (network.power_saving({}), Level.OK, "No Wi-Fi"),
        (network.power_saving({"wlan0": True}), Level.WARNING, "wlan0 saves power"),
        (network.power_saving({"wlan0": False}), Level.OK, "does not"),
        (sound.servers([], [], True), Level.OK, "ALSA directly"),
        (sound.servers(["PipeWire"], [], False), Level.OK, "PipeWire"),
        (sound.servers(["PipeWire"], [], True), Level.WARNING, "cannot reach it"),
        (sound.servers([], ["1000"], False), Level.WARNING, "belongs to user 1000"),
        (sound.holders([], {}), Level.OK, "Nobody"),
        (sound.holders([sound.Holder(7, "lived-capture", "card0")], {7: "capture"}), Level.OK, "lived-capture"),
        (sound.holders([sound.Holder(7, "pipewire", "card0")], {}), Level.OK, "pipewire"),
        (sound.holders([sound.Holder(7, "arecord", "card0")], {8: "capture"}), Level.WARNING, "arecord (process 7)"),
        (service.daemon(None, "", ""), Level.WARNING, "does not run"),
        (service.daemon(None, "You may not talk to it.", ""), Level.FAILURE, "may not"),
        (service.daemon(told(), "", "/run/lived"), Level.OK, "ready: listening"),
        (service.daemon(told(state="degraded", text="capture: gone"), "", "/run"), Level.FAILURE, "capture: gone"),
        (service.scope(None, None, False), Level.SKIPPED, "No systemd"),
        (service.scope(OFF, OFF, False), Level.OK, "Not installed"),
        (service.scope(USER, USER, True), Level.FAILURE, "fight for one card"),
        (service.scope(OFF, USER, True), Level.OK, "of the user is active"),
        (service.scope(service.Unit(True, True, "failed"), None, False), Level.FAILURE, "has failed"),
        (service.scope(service.Unit(True, False, "inactive"), None, False), Level.WARNING, "not start by itself"),
        (service.scope(service.Unit(True, True, "active", 9), None, False), Level.WARNING, "anew 9 times"),
        (service.scope(OFF, OFF, False, SPLIT), Level.OK, "of the system is active"),
        (service.scope(USER, OFF, False, SPLIT), Level.FAILURE, "Both lived.service and lived.target"),
        (service.scope(OFF, USER, False, SPLIT), Level.FAILURE, "fight for one card"),
        (service.scope(USER, OFF, False, service.Unit(True, False, "inactive")), Level.OK, "of the system is active"),
        (service.scope(OFF, None, False, SPLIT._replace(state="failed")), Level.FAILURE, "has failed"),
        (service.linger("pi", False, False), Level.SKIPPED, "Only"),
        (service.linger("pi", True, False), Level.WARNING, "logs out"),
        (service.linger("pi", True, True), Level.OK, "without anybody"),
    ],
)  # fmt: skip
def test_judgement(finding: Finding, level: Level, words: str) -> None:
    """Level and sentence; what has to be mended by a person at this device has a command or says what to do."""
    assert finding.level is level, finding
    assert words in finding.text
    assert finding.text.endswith(".")
    if level is Level.FAILURE:
        assert finding.remedy or "install" in finding.text


@pytest.mark.parametrize(
    ("facts", "levels"),
    [
        (GOOD, "ok ok ok"),
        ({"error": "No microphone matches."}, "failure ok skipped"),
        ({"output_error": "Busy."}, "ok failure skipped"),
        ({"peak_dbfs": -120.0, "echo_db": None}, "failure ok warning"),
        ({"peak_dbfs": 0.0}, "warning ok ok"),
        ({"overflows": 2, "underflows": 3}, "warning warning ok"),
        ({"echo_db": None}, "ok ok warning"),
        ({"delay_ms": 700.0}, "ok ok warning"),
    ],
)
def test_what_was_heard(facts: Any, levels: str) -> None:
    """Microphone, loudspeaker, echo: each by its own figures."""
    import msgspec

    heard = facts if isinstance(facts, sound.Heard) else msgspec.structs.replace(GOOD, **facts)
    assert " ".join(one.level for one in sound.heard(heard, front_end=True)) == levels


def test_echo_that_nothing_takes_out() -> None:
    """A loudspeaker that the microphone hears is a warning while the front end is off."""
    found = sound.heard(GOOD, front_end=False)[-1]
    assert (found.level, found.remedy) == (Level.WARNING, "livectl setup")
    assert "frontend.enabled = true" in found.text


@pytest.mark.parametrize(
    ("facts", "about"),
    [
        (live.Handshake(ms=300), ""),
        (live.Handshake(cause="http", code=401), "key"),
        (live.Handshake(cause="closed", code=1007, reason="API key not valid."), "key"),
        (live.Handshake(cause="closed", code=1008, reason="models/x is not found"), "configuration"),
        (live.Handshake(cause="closed", code=1007, reason="Invalid JSON payload"), "configuration"),
        (live.Handshake(cause="http", code=503), "way"),
        (live.Handshake(cause="closed", code=1011, reason="quota"), "way"),
        (live.Handshake(cause="name"), "way"),
        (live.Handshake(cause="account"), "key"),
    ],
)
def test_whose_fault_it_is(facts: live.Handshake, about: str) -> None:
    """The key, the configuration, or the way there."""
    assert live.about(facts) == about
    levels = [one.level for one in live.handshake(facts, "m")]
    assert (Level.FAILURE in levels) == bool(about)


def test_devices_and_rates() -> None:
    """One finding a device; none to record or to play with is a failure."""
    both = sound.Listed("USB", (16_000, 48_000), (), 1, 2)
    (one,) = sound.devices([both])
    assert one.text == "USB: records at 16000/48000 Hz, plays at no rate now (busy?)."
    assert sound.devices([])[0].level is Level.FAILURE
    assert "loudspeaker" in sound.devices([sound.Listed("Mic", inputs=1)])[0].text


def test_of_a_running_daemon() -> None:
    """Its own words and counters; the card is not taken from it."""
    found = sound.running(told())
    assert [one.level for one in found] == [Level.OK, Level.SKIPPED]
    lost = sound.running(told(workers=[CAPTURE | {"counters": {"overflows": 3}}]))
    assert (lost[0].level, "3 overflows" in lost[0].text) == (Level.WARNING, True)
    assert sound.running(told(workers=[CAPTURE | {"ready": False, "text": "busy"}]))[0].level is Level.FAILURE


def test_groups() -> None:
    """The group of the card, and that of the daemon."""
    assert [one.level for one in sound.groups("pi", True, True, True)] == [Level.OK, Level.OK]
    refused = sound.groups("pi", True, False, False)
    assert [one.remedy for one in refused] == ["sudo usermod -aG audio pi", "sudo usermod -aG lived pi"]
    assert sound.groups("pi", False, False, None)[0].level is Level.SKIPPED


def test_leftovers() -> None:
    """Orphans and two daemons are failures, stale sockets a warning, nothing is well."""
    assert service.leftovers([], ["/run/lived"], [])[0].level is Level.OK
    found = service.leftovers(["/a"], ["/b", "/c"], [service.Orphan(12, "lived-capture")])
    assert [one.level for one in found] == [Level.FAILURE, Level.FAILURE, Level.WARNING]
    assert found[0].remedy == "kill 12"


@pytest.mark.parametrize(
    ("session", "levels"),
    [
        ({"state": "open"}, "ok ok"),
        ({"state": "failed", "text": "The API key is refused."}, "skipped failure"),
        ({"state": "retrying", "text": ""}, "skipped failure"),
        ({"state": "off"}, "skipped skipped"),
    ],
)
def test_the_session_of_a_running_daemon(session: dict[str, str], levels: str) -> None:
    """Its own words; its key is not told to everybody."""
    assert " ".join(one.level for one in live.of_the_daemon(session)) == levels
