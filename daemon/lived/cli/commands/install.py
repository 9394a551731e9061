"""livectl install-service and uninstall-service: lived as systemd's affair."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from lived.cli.install import look
from lived.cli.install.plan import Facts, Scope, installation, installed_scope, removal, scope_of, waits_for_key
from lived.cli.install.steps import Step
from lived.cli.options import Options, common, pass_options, say
from lived.credentials import key_in
from lived.errors import UsageError


def _scope(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # click's signature
    if value:
        if "scope" in ctx.meta:
            raise UsageError("--user and --system exclude each other.")
        ctx.meta["scope"] = Scope(str(param.name))


def _scoped(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --user, --system and --dry-run."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing."),
        click.option("--system", is_flag=True, expose_value=False, callback=_scope, help="A service of the system."),
        click.option("--user", is_flag=True, expose_value=False, callback=_scope, help="A service of this user."),
    ):
        command = option(command)
    return command


@click.command()
@_scoped
@click.option("--key-file", type=click.Path(path_type=Path), metavar="F", help="A file with the API key; - for stdin.")
@common
@pass_options
def install_service(options: Options, key_file: Path | None, dry_run: bool) -> None:
    """Make lived a service that starts with the machine, and start it.

    Without --user or --system it looks: where PipeWire or PulseAudio runs for a user, the service has to be that
    user's, else it is the system's. Doing it again does what is missing, and nothing else.
    """
    facts = look.facts()
    scope, why = scope_of(click.get_current_context().meta.get("scope"), facts)
    key = key_in(Path("/dev/stdin") if str(key_file) == "-" else key_file) if key_file else ""
    steps = installation(facts, scope, key)
    _tell(options, f"lived becomes {why}." if steps else f"Nothing to do: lived is {scope.words} already.")
    _carry_out(options, steps, dry_run)
    undo = f"{'sudo ' if scope is Scope.SYSTEM else ''}{facts.livectl} uninstall-service --{scope}"
    done = "" if dry_run or not steps else outcome(facts, scope, key, undo)
    say(options, done, _data(scope, steps, dry_run, undo))


@click.command()
@_scoped
@click.option("--purge", is_flag=True, help="Remove the configuration, the key and the state too.")
@common
@pass_options
def uninstall_service(options: Options, purge: bool, dry_run: bool) -> None:
    """Stop the service of lived and remove it; the program stays.

    Configuration, key and state stay as well, unless --purge.
    """
    facts = look.facts()
    scope = installed_scope(click.get_current_context().meta.get("scope"), facts)
    steps = removal(facts, scope, purge)
    if not steps:
        _tell(options, f"Nothing to do: lived is not {scope.words}.")
    _carry_out(options, steps, dry_run)
    site, kept = facts.site(scope), ""
    if not purge:
        kept = f" {site.config.parent} and {site.state[0]} stay; --purge removes them."
    if scope is Scope.USER and facts.lingers:
        kept += f" {facts.person} still lingers: 'loginctl disable-linger' ends that."
    done = "" if dry_run or not steps else f"lived is not {scope.words} any more.{kept}"
    say(options, done, _data(scope, steps, dry_run, f"{facts.livectl} install-service --{scope}"))


def _carry_out(options: Options, steps: Sequence[Step], dry_run: bool) -> None:
    for step in steps:
        _tell(options, f"  {'would ' if dry_run else ''}{step.describe()}")
        if not dry_run:
            step.do()


def outcome(facts: Facts, scope: Scope, key: str, undo: str) -> str:
    """What there is now, what is still to do, and how to undo it."""
    sudo = "sudo " if scope is Scope.SYSTEM else ""
    state = "and runs: 'livectl status', 'livectl logs'."
    if waits_for_key(facts, scope, key):
        place = facts.site(scope).key
        state = f"and waits for the API key: '{sudo}{facts.livectl} setup' asks for it, or put it into {place}."
    lines = [f"lived is {scope.words} now, {state}"]
    if scope is Scope.SYSTEM:
        person = facts.person if facts.person != "root" else "USER"
        lines.append(f"livectl without sudo: 'sudo usermod -aG lived {person}', then log in again.")
    return "\n".join([*lines, f"To undo it: '{undo}'."])


def _data(scope: Scope, steps: Sequence[Step], dry_run: bool, undo: str) -> dict[str, Any]:
    return {"scope": scope.value, "done": not dry_run, "steps": [step.describe() for step in steps], "undo": undo}


def _tell(options: Options, words: str) -> None:
    if not options.json:
        click.echo(words)
