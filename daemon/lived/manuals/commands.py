"""lived(8) and livectl(1), out of click's commands: what --help says, as a page."""

import re

import click

from lived.__main__ import daemon
from lived.cli.app import livectl
from lived.manuals import roff

_SEE = "`lived`(8), `livectl`(1), `lived.toml`(5), `systemctl`(1), `journalctl`(1)"
_CODES = re.compile(r"Exit codes: (?P<codes>.*?)\.(?:\n|$)", re.DOTALL)

_DAEMON_FILES = (
    ("/etc/lived/lived.toml", "The configuration, unless another file is named. See `lived.toml`(5)."),
    ("/etc/lived/conf.d/*.toml", "More of it, read in the order of their names."),
    ("/etc/lived/api-key", "The API key and nothing else, readable for root only; the unit hands it over."),
    ("/run/lived", "The sockets, for `livectl` and for programs that listen."),
    ("/var/lib/lived", "What outlives a restart: the handle of the conversation, numbers of turns, mute."),
)
_DAEMON_ENVIRONMENT = (
    ("GEMINI_API_KEY, GOOGLE_API_KEY", "The API key, where it does not come as a credential."),
    ("LIVED_CONFIG", "The configuration file."),
    ("LIVED_SECTION__OPTION", "One option, such as LIVED_AUDIO__VOLUME=50."),
    ("RUNTIME_DIRECTORY, STATE_DIRECTORY, CREDENTIALS_DIRECTORY, NOTIFY_SOCKET, WATCHDOG_USEC", "Set by systemd."),
)
_DAEMON_SIGNALS = (
    ("SIGTERM, SIGINT", "Stop the workers in order, then end."),
    ("SIGHUP", "Read the configuration again; only what it concerns is restarted, a mistake changes nothing."),
)


def daemon_page() -> str:
    """lived(8)."""
    context = click.Context(daemon, info_name="lived")
    said, codes = _parted(daemon.help or "")
    return "".join(
        [
            roff.title("lived", 8),
            roff.heading("NAME"),
            "lived \\- the voice of a device: a spoken conversation with the Gemini Live API\n",
            roff.heading("SYNOPSIS"),
            _synopsis(daemon, context),
            roff.heading("DESCRIPTION"),
            roff.prose(said),
            roff.prose("It stays in the foreground and logs to standard error; `lived.service` is its unit."),
            roff.heading("OPTIONS"),
            _options(daemon, context),
            roff.heading("SIGNALS"),
            roff.entries(_DAEMON_SIGNALS),
            roff.heading("EXIT STATUS"),
            codes,
            roff.heading("ENVIRONMENT"),
            roff.entries(_DAEMON_ENVIRONMENT),
            roff.heading("FILES"),
            roff.entries(_DAEMON_FILES),
            _see_also(),
        ]
    )


def livectl_page() -> str:
    """livectl(1)."""
    context = click.Context(livectl, info_name="livectl")
    said, codes = _parted(livectl.help or "")
    return "".join(
        [
            roff.title("livectl", 1),
            roff.heading("NAME"),
            "livectl \\- control lived, the voice of a device\n",
            roff.heading("SYNOPSIS"),
            _synopsis(livectl, context),
            roff.heading("DESCRIPTION"),
            roff.prose(said),
            roff.heading("OPTIONS"),
            roff.prose("Every command takes these too."),
            _options(livectl, context),
            roff.heading("COMMANDS"),
            _commands(livectl, context),
            roff.heading("EXIT STATUS"),
            codes,
            _see_also(),
        ]
    )


def _commands(group: click.Group, context: click.Context) -> str:
    """Each command of ``group``, and those in it, in the order of --help."""
    blocks = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        pieces = " ".join([inner.command_path.removeprefix("livectl "), *command.collect_usage_pieces(inner)])
        blocks.append(roff.subheading(pieces))
        blocks.append(roff.prose(command.help or ""))
        blocks.append(_options(command, inner))
        if isinstance(command, click.Group):
            blocks.append(_commands(command, inner))
    return "".join(blocks)


def _options(command: click.Command, context: click.Context) -> str:
    """A list of its options; --help, and what all commands have, once for all."""
    common = {parameter.name for parameter in livectl.get_params(context)} if context.parent else set()
    blocks = []
    for option in command.get_params(context):
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record and option.name not in common:
            blocks.append(roff.entry(roff.bold(record[0]), record[1]))
    return "".join(blocks)


def _synopsis(command: click.Command, context: click.Context) -> str:
    pieces = [f"\\fI{roff.escaped(piece)}\\fP" for piece in command.collect_usage_pieces(context)]
    return " ".join([roff.bold(context.command_path), *pieces]) + "\n"


def _parted(text: str) -> tuple[str, str]:
    """The help without its sentence about exit codes, and that as a list (roff)."""
    found = _CODES.search(text)
    if found is None:
        raise ValueError("a command that gets a page has to say its exit codes in its help")
    # "0 done, 1 failed": a comma divides only where a number comes next
    codes = [code.split(None, 1) for code in re.split(r"[,;]\s+(?=\d)", found["codes"])]
    return text.replace(found[0], ""), roff.entries((number, meaning) for number, meaning in codes)


def _see_also() -> str:
    return roff.heading("SEE ALSO") + f"{roff.running(_SEE)}\n"
