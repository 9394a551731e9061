"""The group of commands, and the one place where an error becomes a sentence and an exit code."""

import importlib
import io
import os
import sys
from collections.abc import Sequence

import click

from lived.cli.options import Exit, Options, common
from lived.errors import LivedError, NotRunningError, UsageError

COMMANDS = {
    "setup": "setup",
    "start": "start",
    "stop": "stop",
    "restart": "restart",
    "status": "status",
    "interrupt": "conversation",
    "mute": "conversation",
    "unmute": "conversation",
    "toggle": "conversation",
    "volume": "conversation",
    "say": "conversation",
    "talk": "talk",
    "instruct": "talk",
    "show": "talk",
    "tools": "tools",
    "record": "record",
    "devices": "devices",
    "events": "events",
    "monitor": "monitor",
    "top": "top",
    "listen": "listen",
    "config": "config",
    "models": "models",
    "doctor": "doctor",
    "token": "token",
    "demo": "demo",
    "logs": "logs",
    "install-service": "install",
    "uninstall-service": "install",
    "completion": "completion",
    "version": "version",
}
"""Each command and the file in ``lived.cli.commands`` that has it, in the order of ``--help``."""


class _Commands(click.Group):
    """Imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """In the order of the table, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or None when there is no such one."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"lived.cli.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with the nearest name for a misspelt one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands, invoke_without_command=True, no_args_is_help=False, context_settings={"max_content_width": 100}
)
@common
@click.pass_context
def livectl(ctx: click.Context) -> int | None:
    """Control lived, the voice of this device. Without a command: status.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the daemon is not running, 4 it runs but something does not work.
    """
    if ctx.invoked_subcommand is not None:
        return None
    from lived.cli.commands.status import show

    return show(ctx.ensure_object(Options))


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: never returns, never shows a traceback for what is not our fault."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of another encoding gets "?", not a traceback
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line; its exit code. Errors are one sentence on stderr."""
    try:
        code = livectl.main(arguments, prog_name="livectl", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else Exit.DONE
    except (click.exceptions.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except click.ClickException as error:
        return _tell(_usage(error), Exit.USAGE)
    except BrokenPipeError:
        # the interpreter would complain about stdout once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED  # as click says when it notices first
    except LivedError as error:
        return _tell(str(error), exit_code_of(error))
    except OSError as error:
        return _tell(f"{error.filename or 'The operation'}: {error.strerror or error}.", Exit.FAILED)


def exit_code_of(error: LivedError) -> Exit:
    """0 done, 1 failed, 2 usage, 3 daemon not running."""
    if isinstance(error, NotRunningError):
        return Exit.NOT_RUNNING
    return Exit.USAGE if isinstance(error, UsageError) else Exit.FAILED


def _tell(sentence: str, code: Exit) -> Exit:
    click.echo(f"livectl: {sentence}", err=True)
    return code


def _usage(error: click.ClickException) -> str:
    text = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "livectl"
    mark = "" if text.endswith(("?", "!")) else "."
    return f"{text}{mark} See '{path} --help'."
