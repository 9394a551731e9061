"""What people read, made from the table of options: the example file, the page of the manual, ``config show``."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill

import msgspec

from lived.config.options import Config
from lived.config.schema import Option, Value, options, sections, table_values, tables, values
from lived.config.sources import Source
from lived.config.specimens import INTRODUCTIONS, SPECIMENS
from lived.config.values import toml
from lived.config.voices import VOICES

EXAMPLE_FILE = Path("lived.example.toml")
MANUAL_FILE = Path("docs/configuration.md")

_EXAMPLE_HEAD = """\
# The configuration of lived. Every option is here with its default; remove the "#" before one to change it.
# "" for a number means that the server decides. At the end: lists of tools, hooks and workers.
# Made from daemon/lived/config/options: change it there, then run `python -m lived.config`.
# How files, environment and command line come together: docs/configuration.md
"""

_MANUAL_HEAD = """\
# Configuration

<!-- Made from daemon/lived/config by `python -m lived.config`: change it there. -->

`livectl config show` prints every option with its value and what set it, `livectl config check` says what is
wrong, `livectl config path` names the files.

## Where values come from

The later one wins:

1. the defaults below;
2. one file: `--config FILE`, else `$LIVED_CONFIG`, else `~/.config/lived/lived.toml`
   (`$XDG_CONFIG_HOME/lived/lived.toml`), else `/etc/lived/lived.toml`;
3. `conf.d/*.toml` in the folder of that file, sorted by name, those that begin with a dot left out; a folder with
   fragments and no `lived.toml` counts too;
4. the environment: `LIVED_AUDIO__VOLUME=50`, `LIVED_LIVE__VAD__SILENCE_MS=800`; a double underscore between section
   and option; every variable that begins with `LIVED_` is an option, except `LIVED_CONFIG`;
5. `--set section.option=value`, as often as needed: `--set audio.volume=50 --set live.voice=Puck`.

A value in the environment or after `--set` is read as TOML, and as a plain string where that fails or the option
is a string: `Kore` and `"Kore"` are the same. A list is written as TOML: `["a", "b"]`. Numbers whose default is `""`
are left to the server. Lists of tables (`[[tools]]`, `[[hooks]]`) stand in files only; those of all files add up.

Paths in a file start at the folder of `lived.toml` (for `conf.d` too), paths in the environment and after `--set` at
the current folder; `~/` is the home directory. Programs are looked for on `PATH` unless there is a slash in their
name; then it is such a path. Files are UTF-8 and at most 64 KiB long.

Everything is checked before anything starts, also a value that a later one replaces. A mistake is one sentence with
file, line, option, value, what was expected, and the nearest name for a misspelt one:

```
/etc/lived/lived.toml, line 7: audio.block_ms = 100 is not possible; expected a whole number from 5 to 40 (ms).
/etc/lived/lived.toml, line 3: live.voise is no option; did you mean live.voice?
```

What the chosen model would refuse is such a mistake too, since the server only hangs up:

```
/etc/lived/lived.toml, line 4: live.generation.thinking_level = "low" (/etc/lived/lived.toml) and live.model = \
"gemini-3.8-live" (default) do not go together: this model takes no thinking level; leave it empty.
```

`livectl config check` warns of models that nobody here knows or that have had their last day; `livectl models` lists
those that the key can use. `livectl config check` and the daemon also look at the files that are named: headers,
history, credentials.

The exit code is 78 for a wrong file or variable, 66 for a file that is missing or cannot be read, 64 for a wrong
`--set`.

## The API key

It is no option, and no file of the configuration may hold it. It is taken from `GEMINI_API_KEY`, else from
`GOOGLE_API_KEY`, else from the systemd credential `api-key` (`LoadCredential=api-key:/etc/lived/api-key`), else from
the file `api-key` (mode 0600) beside the main file, in `~/.config/lived` or in `/etc/lived`, which `livectl setup`
writes. Without a key the daemon runs and waits for one.

Headers for a relay and the credentials of Vertex AI are in files of their own, which the configuration only names;
let nobody but the daemon's user read them.
"""

_MANUAL_FOLDERS = """
## Folders

An empty `runtime_dir` means the first of: `$RUNTIME_DIRECTORY` (systemd sets it), `/run/lived` where the daemon may
write to it, `$XDG_RUNTIME_DIR/lived`, `/tmp/lived-UID`. An empty `state_dir` means the first of: `$STATE_DIRECTORY`
(systemd sets it), `$XDG_STATE_HOME/lived`, `~/.local/state/lived`.
"""


class Row(msgspec.Struct, frozen=True):
    """One line of ``config show``. ``source`` is a path, a variable, ``--set`` or ``default``."""

    key: str
    value: Value
    unit: str
    source: str
    help: str


def show(config: Config, sources: Mapping[str, Source]) -> list[Row]:
    """Every option with its value and what set it, in the order of the example; then tables, as ``tools[0].name``."""
    flat = values(config)
    rows = [Row(key, flat[key], option.unit, str(sources[key]), option.help) for key, option in options().items()]
    for key, value in table_values(config).items():
        table, _, field = key.partition("].")
        option = tables()[table.partition("[")[0]][field]
        rows.append(Row(key, value, option.unit, str(sources[f"{table}]"]), option.help))
    return rows


def dump(config: Config) -> str:
    """``config`` as a TOML file that loads to the same configuration."""
    flat = values(config)
    blocks = [f"[{section}]\n{_lines(section, flat)}" for section in sections()]
    for name, fields in tables().items():
        for row in getattr(config, name):
            lines = [f"{field} = {toml(getattr(row, field))}\n" for field in fields]
            blocks.append(f"[[{name}]]\n{''.join(lines)}")
    return "\n".join(blocks)


def example() -> str:
    """The text of lived.example.toml."""
    blocks = [_EXAMPLE_HEAD]
    for section, struct in sections().items():
        blocks.append(f"\n# {_title(struct)}\n[{section}]\n")
        blocks.extend(_commented(option, option.default) for option in _within(section))
    for name, fields in tables().items():
        specimen = SPECIMENS[name]
        blocks.append(f"\n{fill(INTRODUCTIONS[name], 118, initial_indent='# ', subsequent_indent='# ')}\n#[[{name}]]\n")
        blocks.extend(_commented(option, getattr(specimen, field)) for field, option in fields.items())
    return "".join(blocks)


def manual() -> str:
    """The text of docs/configuration.md."""
    blocks = [_MANUAL_HEAD]
    for section, struct in sections().items():
        blocks.append(f"\n## [{section}]\n\n{_title(struct)}\n\n{_table(_within(section))}")
    for name, fields in tables().items():
        about = f"{fill(INTRODUCTIONS[name], 118)}\n\n```toml\n{_specimen(name)}```\n"
        blocks.append(f"\n## [[{name}]]\n\n{about}\n{_table(list(fields.values()))}")
    blocks.append(_MANUAL_FOLDERS)
    blocks.append(f"\n## Voices\n\n{', '.join(VOICES)}. Upper and lower case are the same.\n")
    return "".join(blocks)


def _specimen(name: str) -> str:
    """The example of a list, without what is as it would be anyway."""
    rows = {field: (getattr(SPECIMENS[name], field), option) for field, option in tables()[name].items()}
    told = [f"{field} = {toml(value)}\n" for field, (value, option) in rows.items() if value != option.default]
    return f"[[{name}]]\n{''.join(told)}"


def _table(rows: list[Option]) -> str:
    head = "| option | default | unit | possible | meaning |\n|---|---|---|---|---|\n"
    return head + "".join(_table_row(option) for option in rows)


def _within(section: str) -> list[Option]:
    return [option for option in options().values() if option.section == section]


def _title(struct: type[msgspec.Struct]) -> str:
    return (struct.__doc__ or "").partition("\n")[0]


def _lines(section: str, flat: Mapping[str, Value]) -> str:
    return "".join(f"{option.name} = {toml(flat[option.key])}\n" for option in _within(section))


def _commented(option: Option, value: Value) -> str:
    facts = "; ".join(fact for fact in (option.limits, option.unit) if fact)
    return f"# {option.help}{f' ({facts})' if facts else ''}\n#{option.name} = {toml(value)}\n"


def _table_row(option: Option) -> str:
    default = "needed" if option.required else f"`{toml(option.default)}`"
    cells = (f"`{option.name}`", default, option.unit, option.limits, option.help)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
