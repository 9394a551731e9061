"""lived.toml(5), out of the table of options."""

from collections.abc import Iterable

from lived.config.schema import Option, options, sections, tables
from lived.config.specimens import INTRODUCTIONS
from lived.config.values import toml
from lived.manuals import roff

_ABOUT = """\
The configuration of `lived`(8): TOML, UTF-8, at most 64 KiB. Every option has a default, and an empty file is a valid
one. `livectl config show` prints every option with its value and what set it, `livectl config check` says what is
wrong.

The later of these wins: the defaults; one file (`--config`, `$LIVED_CONFIG`, `~/.config/lived/lived.toml` or
`/etc/lived/lived.toml`); the files `conf.d/*.toml` beside it, sorted by name; the environment
(`LIVED_AUDIO__VOLUME=50`); `--set audio.volume=50`.

Paths start at the folder of the file. A default of `""` for a number means that the server decides.

The API key is no option: it is taken from `GEMINI_API_KEY`, `GOOGLE_API_KEY`, or the systemd credential `api-key`.
"""
_SPECIMEN = """\
[audio]
input = "USB"
output = "default"

[live]
voice = "Kore"
instruction = "You are the receptionist of a small hotel. Answer briefly."
language = "German"
"""


def configuration_page() -> str:
    """lived.toml(5)."""
    blocks = [
        roff.title("lived.toml", 5),
        roff.heading("NAME"),
        "lived.toml \\- configuration of lived\n",
        roff.heading("DESCRIPTION"),
        roff.prose(_ABOUT),
        roff.heading("OPTIONS"),
    ]
    for section, struct in sections().items():
        blocks.append(roff.subheading(f"[{section}]"))
        blocks.append(roff.prose((struct.__doc__ or "").partition("\n")[0]))
        blocks.append(_entries(option for option in options().values() if option.section == section))
    blocks.append(roff.heading("LISTS OF TABLES"))
    for name, fields in tables().items():
        blocks.append(roff.subheading(f"[[{name}]]"))
        blocks.append(roff.prose(INTRODUCTIONS[name]))
        blocks.append(_entries(fields.values()))
    blocks.append(roff.heading("EXAMPLE") + roff.literal(_SPECIMEN))
    blocks.append(roff.heading("SEE ALSO") + roff.running("`lived`(8), `livectl`(1)") + "\n")
    return "".join(blocks)


def _entries(rows: Iterable[Option]) -> str:
    return "".join(roff.entry(_term(option), _meaning(option)) for option in rows)


def _term(option: Option) -> str:
    return roff.bold(option.name) if option.required else f"{roff.bold(option.name)} = {_value(option)}"


def _value(option: Option) -> str:
    return f"\\fI{roff.escaped(toml(option.default))}\\fP"


def _meaning(option: Option) -> str:
    facts = "; ".join(fact for fact in (option.limits, option.unit, "needed" if option.required else "") if fact)
    return f"{option.help}{f' ({facts})' if facts else ''}."
