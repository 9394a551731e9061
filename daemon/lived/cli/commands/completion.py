"""livectl completion: what a shell needs to complete our command lines."""

import click
from click.shell_completion import get_completion_class

from lived.cli.options import Options, common, pass_options, say
from lived.errors import LivedError

_VARIABLE = "_LIVECTL_COMPLETE"
"""By this click recognises a shell that asks for completions."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common
@pass_options
def completion(options: Options, shell: str) -> None:
    """Print the completion script for a shell.

    \b
    bash:  eval "$(livectl completion bash)" in ~/.bashrc.
    zsh:   the same with zsh, in ~/.zshrc, behind compinit.
    fish:  livectl completion fish > ~/.config/fish/completions/livectl.fish
    """
    text = script(click.get_current_context().find_root().command, shell)
    say(options, text, {"shell": shell, "script": text})


def script(command: click.Command, shell: str) -> str:
    """The script for ``shell``.

    Raises:
        LivedError: click knows no such shell.
    """
    known = get_completion_class(shell)
    if known is None:
        raise LivedError(f"There is no completion for {shell}: choose bash, zsh or fish.")
    # not source(), which runs bash to look at its version: a package is built where there may be none
    of = known(command, {}, "livectl", _VARIABLE)
    return (of.source_template % of.source_vars()).strip()
