"""What the model, the version of the API or Vertex AI would refuse, row by row."""

from pathlib import Path

import pytest

from lived.config.compatibility import MODEL_RULES, VERSION_RULES, VERTEX_RULES, warnings
from lived.config.load import load
from lived.errors import ConfigError

ET = "gemini-3.8-live-extended-thinking"
OLD = "gemini-3.1-flash-live-preview"
NATIVE = "gemini-2.5-flash-native-audio-preview-12-2025"
NEW = "gemini-3.8-live"
TOOL = "[[tools]]\nname = 'a'\ndescription = 'b'\ncommand = ['c']\n"
MCP = "[[mcp]]\nname = 'm'\ncommand = ['c']\n"
VERTEX = "live.vertex = true\nlive.project = 'p'\n"

REFUSED = [
    (NEW, "live.generation.thinking_level = 'low'", "live.generation.thinking_level", "takes no thinking level"),
    (ET, "", "live.generation.thinking_level", "demands low, medium or high"),
    (ET, "live.generation.thinking_level = 'minimal'", "live.generation.thinking_level", "demands low, medium or"),
    (NATIVE, "live.generation.thinking_level = 'low'", "live.generation.thinking_level", "a budget of tokens"),
    (NEW, "live.generation.proactive = 'off'", "live.generation.proactive", "it is always on"),
    (ET, "live.generation = { thinking_level = 'low', proactive = 'on' }", "live.generation.proactive", "not know"),
    (ET, "live.generation = { thinking_level = 'low', proactive = 'off' }", "live.generation.proactive", "not know"),
    (OLD, "live.generation.proactive = 'on'", "live.generation.proactive", "does not know it"),
    (NEW, "live.generation.affective_dialog = true", "live.generation.affective_dialog", "does not know it"),
    (OLD, "live.generation.affective_dialog = true", "live.generation.affective_dialog", "does not know it"),
    (NATIVE, "live.google_search = true\ntoolbox.builtin = ['mute']", "live.google_search", "toolbox.builtin = []"),
    (NATIVE, f"live.google_search = true\n{TOOL}", "live.google_search", "no tools"),
    (NATIVE, f"live.google_search = true\n{MCP}", "live.google_search", "no mcp"),
    (OLD, "live.voice = 'en-us-tavi'", "live.voice", "the 30 voices only"),
    (ET, f"live.generation.thinking_level = 'low'\n{TOOL}behavior = 'blocking'", "tools.behavior", "never waits"),
    (ET, f"live.generation.thinking_level = 'low'\n{MCP}behavior = 'blocking'", "mcp.behavior", "never waits"),
    (ET, f"live.generation.thinking_level = 'low'\n{TOOL}scheduling = 'silent'", "tools.scheduling", "when to speak"),
    (OLD, f"{TOOL}behavior = 'non_blocking'", "tools.behavior", "always waits"),
    (OLD, f"{MCP}scheduling = 'interrupt'", "mcp.scheduling", "when to speak"),
]

ALLOWED = [
    (NEW, "live.generation.proactive = 'on'"),
    (NEW, f"live.google_search = true\n{TOOL}behavior = 'blocking'\nscheduling = 'interrupt'"),
    (NEW, f"{TOOL}parameters = {{ type = 'object', additionalProperties = false }}"),
    (NEW, "live.api_version = 'v1'"),
    (NEW, "live.voice = 'en-us-tavi'"),
    (ET, f"live.generation.thinking_level = 'low'\n{TOOL}behavior = 'non_blocking'"),
    (OLD, f"live.generation.thinking_level = 'minimal'\n{TOOL}behavior = 'blocking'"),
    (NATIVE, "live.google_search = true"),
    (NATIVE, "live.api_version = 'v1alpha'\nlive.generation = { proactive = 'on', affective_dialog = true }"),
    (NATIVE, f"{TOOL}behavior = 'non_blocking'\nscheduling = 'silent'"),
    ("gemini-9", "live.generation = { thinking_level = 'low', proactive = 'off', affective_dialog = true }"),
    ("gemini-live-2.5-flash-native-audio", f"{VERTEX}live.generation.proactive = 'on'"),
]

OTHER_REFUSALS = [
    (f"live.model = '{NATIVE}'\nlive.generation.proactive = 'on'", "live.generation.proactive", "live.api_version"),
    (f"live.model = '{NATIVE}'\nlive.generation.affective_dialog = true", "affective_dialog", "live.api_version"),
    ("live.vertex = true", "live.project", "live.vertex"),
    (f"{VERTEX}live.api_version = 'v1alpha'", "live.api_version", "live.vertex"),
    (f"{VERTEX}live.vad.coverage = 'all_input'", "live.vad.coverage", "live.vertex"),
    (f"{VERTEX}live.vad.mode = 'hybrid'", "live.vad.mode", "live.vertex"),
    (f"{VERTEX}live.token_url = 'https://h/t'", "live.token_url", "live.vertex"),
    (f"{VERTEX}live.token_command = ['t']", "live.token_command", "live.vertex"),
    (f"{VERTEX}live.token_file = 't'", "live.token_file", "live.vertex"),
]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lived.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("model", "text", "key", "reason"), REFUSED)
def test_what_a_model_refuses(tmp_path: Path, model: str, text: str, key: str, reason: str) -> None:
    """The sentence names the option, the model, and the reason, with what to do."""
    path = written(tmp_path, f"live.model = '{model}'\n{text}\n")

    with pytest.raises(ConfigError) as caught:
        load(path, [], {})

    sentence = str(caught.value)
    assert sentence.startswith(f"{path}, line ")
    assert f"{key} = " in sentence
    assert f'live.model = "{model}"' in sentence
    assert "do not go together: this model " in sentence or "in this model" in sentence
    assert reason in sentence


@pytest.mark.parametrize(("model", "text"), ALLOWED)
def test_what_a_model_takes(tmp_path: Path, model: str, text: str) -> None:
    """No rule refuses more than it must."""
    assert load(written(tmp_path, f"live.model = '{model}'\n{text}\n"), [], {}).live.model == model


@pytest.mark.parametrize(("text", "first", "second"), OTHER_REFUSALS)
def test_what_a_version_or_a_platform_refuses(tmp_path: Path, text: str, first: str, second: str) -> None:
    """Both options are named, whichever of them was set."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), [], {})

    assert f"{first} = " in str(caught.value)
    assert f"{second} = " in str(caught.value)


def test_every_rule_has_a_row() -> None:
    """A new rule needs a test of its own."""
    reasons = {row[3] for row in REFUSED}
    for rule in MODEL_RULES:
        assert any(reason in rule.reason for reason in reasons), rule.reason
    keys = {row[1] for row in OTHER_REFUSALS}
    for rule in (*VERSION_RULES, *VERTEX_RULES):
        assert any(rule.key.endswith(key) for key in keys), rule.key


@pytest.mark.parametrize("model", ["gemini-3.5-transcribe-live", "models/gemini-3.5-live-translate-preview"])
def test_models_that_do_not_converse(tmp_path: Path, model: str) -> None:
    """They are refused with what they do instead."""
    with pytest.raises(
        ConfigError, match=r"expected a model that converses: it (writes down|translates) what it hears"
    ):
        load(written(tmp_path, f"live.model = '{model}'"), [], {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (f"live.model = '{NATIVE}'", ["2026-11-17"]),
        (f"live.model = '{OLD}'", ["2026-11-17"]),
        ("live.model = 'gemini-live-2.5-flash-preview'", ["2025-12-09"]),
        ("live.model = 'gemini-9'\nlive.api_version = 'v1'", ["does not know this model", "v1beta has it all"]),
    ],
)
def test_warnings(tmp_path: Path, text: str, words: list[str]) -> None:
    """Models past their day, unknown ones and a bare v1 are allowed and remarked on."""
    told = warnings(load(written(tmp_path, text), [], {}))

    assert len(told) == len(words)
    assert all(word in sentence for word, sentence in zip(words, told, strict=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("live.token_url = 'https://h'\nlive.token_file = 't'", "one source of tokens is enough"),
        ("live.token_url = 'http://h'", "expected https://HOST[:PORT][/PATH][?QUERY] without user name or password."),
        ("live.token_url = 'https://me:x@h'", "without user name or password."),
        ("live.token_command = ['']", "expected a program, then its arguments."),
        ("camera.device = 'folder:'", "camera.device"),
        ("conversation.greeting = 'Hello!'", 'a greeting is never said; set greet = "boot" or "start".'),
        ("live.nudge_s = 50", "the nudge must come first."),
        ("toolbox.builtin = ['sing']", 'expected some of ["set_volume", "mute", "end_conversation"], each once.'),
        ("toolbox.builtin = ['mute', 'mute']", "each once."),
        ("live.location = 'US central'", 'expected a region such as "us-central1", or "global".'),
    ],
)
def test_other_options_that_do_not_fit(tmp_path: Path, text: str, words: str) -> None:
    """Sources of tokens, camera, greeting, patience, built-in tools, region."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), [], {})

    assert words in str(caught.value)


def test_a_camera_folder_starts_at_the_file(tmp_path: Path) -> None:
    """``folder:`` holds a path, a device none."""
    assert load(written(tmp_path, "camera.device = 'folder:pics'"), [], {}).camera.device == f"folder:{tmp_path}/pics"
    assert load(written(tmp_path, "camera.device = 'Webcam'"), [], {}).camera.device == "Webcam"
