"""Lists of tables, [[tools]] and [[mcp]]: loaded from files, added up, and every mistake a sentence with its line."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from lived.config import extras
from lived.config.explain import dump, show
from lived.config.load import load, load_with_sources
from lived.config.options import Mcp, Tool
from lived.config.schema import changed
from lived.config.sources import Source
from lived.errors import ConfigError, UsageError

NOTHING: Mapping[str, str] = MappingProxyType({})
BELL = "[[workers]]\nname = 'bell'\nmodule = 'bell'\n"
TOOL = "[[tools]]\nname = 'a'\ndescription = 'Does a.'\ncommand = ['a']\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lived.toml"
    path.write_text(text, encoding="utf-8")
    return path


def told(path: Path) -> str:
    """The sentence, without the file in front."""
    with pytest.raises(ConfigError) as caught:
        load(path, [], NOTHING)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}")
    return str(caught.value).removeprefix(f"{path}")


def test_a_whole_tool(tmp_path: Path) -> None:
    """Everything that a tool may say arrives, and the rest has its defaults."""
    path = written(
        tmp_path,
        """
[[tools]]
name = "get_weather"
description = "The weather of a town."
command = ["tools/weather.py", "--json"]
behavior = "non_blocking"
scheduling = "silent"
timeout_s = 3
environment = ["TZ"]
[tools.parameters]
type = "object"
required = ["town"]
additionalProperties = false
[tools.parameters.properties.town]
type = "string"
""",
    )

    (tool,) = load(path, [], NOTHING).tools

    assert tool == Tool(
        name="get_weather",
        description="The weather of a town.",
        command=(f"{tmp_path}/tools/weather.py", "--json"),
        behavior="non_blocking",
        scheduling="silent",
        timeout_s=3.0,
        environment=("TZ",),
        parameters={
            "type": "object",
            "required": ["town"],
            "additionalProperties": False,
            "properties": {"town": {"type": "string"}},
        },
    )


def test_programs_without_a_slash_are_looked_for(tmp_path: Path) -> None:
    """A bare name is found on PATH; ~/ is the home directory; arguments are no paths."""
    path = written(tmp_path, f"{TOOL}[[mcp]]\nname = 'm'\ncommand = ['~/bin/m', './x']\n")

    config = load(path, [], {"HOME": "/home/me"})

    assert config.tools[0].command == ("a",)
    assert config.mcp == (Mcp(name="m", command=("/home/me/bin/m", "./x")),)


def test_fragments_append_tables(tmp_path: Path) -> None:
    """Tables of all files add up in the order of the files, each known by its file and line."""
    main = written(tmp_path, TOOL)
    fragment = tmp_path / "conf.d/b.toml"
    fragment.parent.mkdir()
    fragment.write_text(TOOL.replace("'a'", "'b'") + "\n" + TOOL.replace("'a'", "'c'"), encoding="utf-8")

    config, sources = load_with_sources(main, [], NOTHING)

    assert [tool.name for tool in config.tools] == ["a", "b", "c"]
    assert sources["tools[0]"] == Source("file", str(main), 1)
    assert sources["tools[1]"] == Source("file", str(fragment), 1)
    assert sources["tools[2]"] == Source("file", str(fragment), 6)
    assert load(written(tmp_path / "conf.d", dump(config)), [], NOTHING).tools == config.tools


def test_show_lists_tables(tmp_path: Path) -> None:
    """Every field of every table, with the place of the table."""
    path = written(tmp_path, TOOL)

    rows = {row.key: row for row in show(*load_with_sources(path, [], NOTHING))}

    assert rows["tools[0].command"].value == ("a",)
    assert rows["tools[0].timeout_s"].unit == "s"
    assert rows["tools[0].timeout_s"].source == f"{path}, line 1"


def test_a_changed_list_is_named(tmp_path: Path) -> None:
    """A reload learns that the tools differ, not which field of which."""
    before = load(written(tmp_path, TOOL), [], NOTHING)
    after = load(written(tmp_path, TOOL.replace("Does", "Really does")), [], NOTHING)

    assert changed(before, after) == {"tools"}
    assert changed(after, after) == set()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            f"{TOOL}timeout_s = 0",
            ", line 5: tools.timeout_s = 0 is not possible; expected a number from 0.1 to 3600 (s).",
        ),
        (f"{TOOL}\n{TOOL}timeout_s = '1'", ', line 10: tools.timeout_s = "1" is not possible; expected a number'),
        (f"{TOOL}timeouts = 3", ", line 5: tools.timeouts is no option; did you mean tools.timeout_s?"),
        (
            f"{TOOL}\n{TOOL}zzzzzzzzzzzz = 3",
            ", line 10: tools.zzzzzzzzzzzz is no option; lived.example.toml lists all of them.",
        ),
        (
            "[[tools]]\nname = 'a'",
            ", line 1: [[tools]] has no description and command; each one needs name, description and command.",
        ),
        (f"{TOOL}\n\n[[tools]]\ncommand = ['x']\nname = 'b'", ", line 7: [[tools]] has no description;"),
        ("[[mcp]]\nurl = 'https://h'", ", line 1: [[mcp]] has no name; each one needs name."),
        ("[tools]\nname = 'a'", ", line 1: tools is a list of tables; begin each of them with [[tools]]."),
        ("tools = 3", ", line 1: tools is a list of tables;"),
        ("tools = [1]", ", line 1: tools is a list of tables;"),
        ("\n[[tool]]\nname = 'a'", ", line 2: tool is no option; did you mean tools?"),
        ("\n[tool]\nname = 'a'", ", line 2: tool is no section; did you mean tools?"),
        (TOOL.replace("['a']", "'a'"), ', line 4: tools.command = "a" is not possible; expected a list of at most 64'),
        (TOOL.replace("['a']", "[1]"), ", line 4: tools.command = a list is not possible; expected a list of at most"),
        (TOOL.replace("['a']", "[]"), ", line 1: tools.command = [] is not possible; expected a program, then its"),
        (TOOL.replace("Does a.", " "), ', line 1: tools.description = " " is not possible; expected a sentence'),
        (TOOL.replace("'a'\nd", "'a b'\nd"), ', line 2: tools.name = "a b" is not possible; expected letters, digits'),
        (f"{TOOL}behavior = 'blockin'", 'tools.behavior = "blockin" is not possible; expected one of'),
        (f"{TOOL}parameters = {{ type = 'string' }}", 'a JSON Schema with type = "object", or nothing.'),
        (f"{TOOL}parameters = {{ a = 1979-05-27 }}", ", line 5: tools.parameters = a table is not possible; expected"),
        (f"{TOOL}parameters = {{ a = nan }}", "of text, numbers, true, false, lists and tables, at most 32 deep."),
        (f"{TOOL}[tools.parameters.{'.'.join('a' * 9999)}]", "lists and tables, at most 32 deep."),
        ("[[mcp]]\nname = 'm'", ' mcp.command = [] ({}, line 1) and mcp.url = "" ({}, line 1) do not go together: a'),
        ("[[mcp]]\nname = 'm'\nurl = 'https://h'\ncommand = ['x']", "a server has one of the two."),
        ("[[mcp]]\nname = 'm'\nurl = 'http://h'", 'mcp.url = "http://h" is not possible; expected https://HOST'),
        ("[[mcp]]\nname = 'm'\ncommand = ['']", "mcp.command"),
        ("[[workers]]\nname = 'gateway'\nmodule = 'a'", "expected another name: this is a worker of lived."),
        ("[[workers]]\nname = 'Bell'\nmodule = 'a'", "expected a-z, 0-9, - and _, beginning with a letter"),
        ("[[workers]]\nname = 'bell'\nmodule = 'a b'", "expected a module's name"),
    ],
)
def test_a_mistake_in_a_table(tmp_path: Path, text: str, sentence: str) -> None:
    """File, line, key, value, what was expected, the nearest key."""
    path = written(tmp_path, text)

    assert sentence.replace("{}", str(path)) in told(path)


@pytest.mark.parametrize(
    ("text", "names", "lines"),
    [
        (f"{TOOL}\n{TOOL}", ("tools.name", "tools.name"), (1, 6)),
        (f"{TOOL}\n[[mcp]]\nname = 'a'\ncommand = ['x']", ("tools.name", "mcp.name"), (1, 6)),
        (f"{BELL}\n{BELL}", ("workers.name", "workers.name"), (1, 5)),
        ("toolbox.builtin = ['mute']\n" + TOOL.replace("'a'", "'mute'"), ("toolbox.builtin", "tools.name"), (0, 2)),
    ],
)
def test_a_name_is_used_once(tmp_path: Path, text: str, names: tuple[str, str], lines: tuple[int, int]) -> None:
    """Two functions of one name cannot be told apart; both places are named."""
    path = written(tmp_path, text)

    sentence = told(path)

    first, second = names
    assert f"{first} = " in sentence
    assert f"{second} = " in sentence
    assert all(f"line {line}" in sentence for line in lines if line)
    assert sentence.endswith("a name may be used once.")


def test_a_built_in_tool_that_is_off_frees_its_name(tmp_path: Path) -> None:
    """Somebody may bring a better one."""
    text = f"{TOOL}[toolbox]\nbuiltin = ['set_volume']".replace("'a'", "'mute'")

    assert load(written(tmp_path, text), [], NOTHING).tools[0].name == "mute"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/mcp", "http://localhost/mcp", "https://h/mcp?a=b"])
def test_plain_http_is_for_this_machine(tmp_path: Path, url: str) -> None:
    """A server of tools on this machine needs no certificate."""
    assert load(written(tmp_path, f"[[mcp]]\nname = 'm'\nurl = '{url}'"), [], NOTHING).mcp[0].url == url


def test_tables_stand_in_files_only() -> None:
    """The environment and the command line say where they belong."""
    with pytest.raises(ConfigError, match=r"LIVED_TOOLS: tools is a list of tables; write them into a file"):
        load(None, [], {"LIVED_TOOLS": "[]"})
    with pytest.raises(UsageError, match=r"--set: mcp is a list of tables; .* each as \[\[mcp\]\]\."):
        load(None, ["mcp=[]"], NOTHING)


@pytest.mark.parametrize("text", ['["a", "b"]', "['a','b',]"])
def test_lists_from_the_environment(text: str) -> None:
    """A list of strings is written as TOML."""
    assert load(None, [], {"LIVED_TOOLBOX__PLUGINS": text}).toolbox.plugins == ("a", "b")


@pytest.mark.parametrize("text", ["a", '"a"', "[1]", "3"])
def test_no_list_from_the_environment(text: str) -> None:
    """What is no list of strings is told how one is written."""
    with pytest.raises(ConfigError, match=r"expected a list of at most 64 strings"):
        load(None, [], {"LIVED_TOOLBOX__PLUGINS": text})


def test_a_number_may_be_left_to_the_server(tmp_path: Path) -> None:
    """ "" takes back what an earlier file set; 0 is a number."""
    path = written(tmp_path, "[live.generation]\ntemperature = 1\nseed = 0\ntop_p = ''")

    generation = load(path, ["live.generation.temperature="], NOTHING).live.generation

    assert (generation.temperature, generation.seed, generation.top_p) == (None, 0, None)
    with pytest.raises(UsageError, match=r'expected a number from 0 to 2 or ""'):
        load(path, ["live.generation.temperature=3"], NOTHING)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "there is no module no_such_bell for the worker 'bell'; install it, or set path to its folder."),
        ("/nowhere", "there is no module no_such_bell in /nowhere for the worker 'bell'; correct module or path."),
    ],
)
def test_a_worker_without_its_module_is_told_at_once(tmp_path: Path, path: str, sentence: str) -> None:
    """Not when it would begin; one whose module stands in its folder is fine."""
    text = f"[[workers]]\nname = 'bell'\nmodule = 'no_such_bell.main'\npath = '{path}'"
    config, sources = load_with_sources(written(tmp_path, text), [], NOTHING)
    with pytest.raises(ConfigError) as caught:
        extras.check(config, sources)
    assert str(caught.value).endswith(sentence.replace("no_such_bell", "no_such_bell.main"))

    (tmp_path / "no_such_bell").mkdir()
    found = written(tmp_path, text.replace(f"path = '{path}'", f"path = '{tmp_path}'"))
    extras.check(*load_with_sources(found, [], NOTHING))
