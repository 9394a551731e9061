"""One booted Debian for all tests, and in it one service that is sound when a test begins."""

import os
from collections.abc import Generator, Iterator

import pytest

from system.machine import Machine, project_wheel, wheelhouse
from system.service import SCENARIO, Service


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Debian 12, or $SUITE, with the project installed and the stand-in running."""
    if refusal := Machine.refusal():
        pytest.skip(f"no systemd can be booted here: {refusal}")
    machine = Machine(os.environ.get("SUITE", "bookworm"))
    wheel = project_wheel(tmp_path_factory.mktemp("wheel"))
    machine.up(wheelhouse(machine.suite))
    try:
        machine.install(wheel)
        machine.start_stand_in(SCENARIO)
        yield machine
    finally:
        machine.down()


@pytest.fixture(scope="session")
def installed(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The service, not started."""
    return Service(machine, tmp_path_factory.mktemp("user"))


@pytest.fixture
def service(installed: Service) -> Service:
    """The service in the middle of a conversation, as installed; what the test before has changed is changed back."""
    installed.make_sound()
    return installed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows the journal of the service."""
    report = yield
    found = getattr(item, "funcargs", {})
    booted = found.get("machine") or found.get("service") or found.get("packaged")
    if report.failed and booted is not None:
        machine = booted if isinstance(booted, Machine) else booted.machine
        journal = machine.try_("journalctl -u lived -n 60 --no-pager -o short-precise; systemctl status lived -n 0")
        report.sections.append(("journal of the service", journal.stdout))
    return report
