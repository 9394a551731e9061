"""[frontend]: what the front end is told, and what does not go together."""

from pathlib import Path

import pytest

from lived.config import Config
from lived.config.load import load
from lived.errors import ConfigError


def _load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "lived.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, [], {})


def test_models_are_found_beside_the_file(tmp_path: Path) -> None:
    """Each path in a list starts at the folder of the file, as single paths do."""
    config = _load(tmp_path, '[frontend.wake]\nmodels = ["hello.json", "/opt/stop.json"]\nstop_words = ["stop"]')
    assert config.frontend.wake.models == (str(tmp_path / "hello.json"), "/opt/stop.json")
    assert config.frontend.wake.names == ("okay_nabu", "hello", "stop")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[frontend.speech]\nstop_percent = 50", "smaller likelihood"),
        ("[frontend.bargein]\nsure_ms = 40", "suspicion comes before certainty"),
        ('[frontend.wake]\nwords = ["alexa", "alexa"]', "each once"),
        ('[frontend.wake]\nwords = ["computer"]', "hey_jarvis"),
        ('[frontend.wake]\nmodels = ["hello.tflite"]', "end in .json"),
        ('[frontend.wake]\nmodels = ["a/hello.json", "b/hello.json"]', "differ"),
        ('[frontend.wake]\nmodels = ["okay_nabu.json"]', "differ"),
        ('[frontend.wake]\nstop_words = ["stop"]', 'some of ["okay_nabu"]'),
        ('[frontend.uplink]\nmode = "vad"', "the front end decides"),
        ('[frontend]\nenabled = true\n[frontend.uplink]\nmode = "vad"\n[live.vad]\nmode = "manual"', "a button"),
        ('[frontend]\nenabled = true\nvad = "off"\n[frontend.uplink]\nmode = "wake"', "somebody must say"),
        (
            '[frontend]\nenabled = true\n[frontend.uplink]\nmode = "wake"\n[frontend.wake]\nwords = []',
            "a word to wake it",
        ),
        (
            '[frontend]\nenabled = true\n[frontend.uplink]\nmode = "wake"\n[frontend.wake]\nstop_words = ["okay_nabu"]',
            "a word to wake it",
        ),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, text: str, said: str) -> None:
    """Each mistake is one sentence that says what was expected."""
    with pytest.raises(ConfigError, match=said.replace("[", r"\[")):
        _load(tmp_path, text)
