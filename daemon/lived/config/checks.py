"""What one field alone cannot tell: options that exclude each other, names of voices, forms of addresses. Pure."""

from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec

from lived.config.compatibility import model_problem, vertex_problem
from lived.config.options import Config
from lived.config.options.frontend import WAKE_WORDS
from lived.config.options.subscribers import RECORDABLE, TAKEN
from lived.config.options.tools import BUILTIN
from lived.config.problem import Problem
from lived.config.values import toml
from lived.config.voices import canonical, nearest_voice

HIGHEST_PORT = 65_535

LOWEST_RATE = 8000
"""Hz. Below it no card works and no speech is understood."""


def problem(config: Config) -> Problem | None:
    """The first thing that is wrong with ``config`` as a whole, or None."""
    return next((found for check in CHECKS if (found := check(config)) is not None), None)


def settled(config: Config) -> Config:
    """``config`` with names as the server spells them."""
    voice = canonical(config.live.voice) or config.live.voice
    if voice == config.live.voice:
        return config
    return msgspec.structs.replace(config, live=msgspec.structs.replace(config.live, voice=voice))


def _devices(config: Config) -> Problem | None:
    for key, device in (("audio.input", config.audio.input), ("audio.output", config.audio.output)):
        if not device.strip() or device == "file:":
            return Problem((key,), '"default", a device name, an ALSA card id, "file:PATH" or "null"')
    if config.audio.input.startswith("file:") and config.audio.input == config.audio.output:
        return Problem(("audio.input", "audio.output"), "must be different files")
    return None


def _rates(config: Config) -> Problem | None:
    for key, rate in (("audio.input_rate", config.audio.input_rate), ("audio.output_rate", config.audio.output_rate)):
        if 0 < rate < LOWEST_RATE:
            return Problem((key,), f"0 or a whole number from {LOWEST_RATE} (Hz)")
    return None


def _voice(config: Config) -> Problem | None:
    if canonical(config.live.voice) is not None:
        return None
    close = nearest_voice(config.live.voice)
    advice = f"; did you mean {close}?" if close else " (docs/configuration.md lists the voices)"
    return Problem(("live.voice",), f'one of the 30 voices, a locale id such as "en-us-tavi", or ""{advice}')


def _compression(config: Config) -> Problem | None:
    live = config.live
    if live.compression and live.compression_target_tokens >= live.compression_trigger_tokens:
        keys = ("live.compression_target_tokens", "live.compression_trigger_tokens")
        return Problem(keys, "the target must be smaller than the trigger")
    return None


def _base_url(config: Config) -> Problem | None:
    # the SDK always connects with TLS, whatever the scheme; and the address is shown in logs and in status
    if config.live.base_url and not _is_address(config.live.base_url, schemes=("https", "wss")):
        return Problem(("live.base_url",), "https://HOST[:PORT][/PATH] without user name, password or query")
    return None


def _is_address(
    text: str, *, schemes: tuple[str, ...] = ("https",), query: bool = False, plain_here: bool = False
) -> bool:
    """Whether ``text`` is an address without secrets; ``plain_here`` allows http to this machine."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    here = url.hostname is not None and url.hostname.startswith(("127.", "::1", "localhost"))
    scheme = url.scheme in schemes or (plain_here and here and url.scheme == "http")
    blank = any(character.isspace() for character in text)
    extras = "@" in url.netloc or url.fragment or port == 0 or (url.query and not query)
    return bool(scheme and url.hostname and not blank and not extras)


def _token(config: Config) -> Problem | None:
    names = ("token_url", "token_command", "token_file")
    found = [f"live.{name}" for name in names if getattr(config.live, name)]
    if len(found) > 1:
        return Problem((found[0], found[1]), "one source of tokens is enough")
    if config.live.token_command and not config.live.token_command[0].strip():
        return Problem(("live.token_command",), "a program, then its arguments")
    if config.live.token_url and not _is_address(config.live.token_url, query=True):
        return Problem(("live.token_url",), "https://HOST[:PORT][/PATH][?QUERY] without user name or password")
    return None


def _speech(config: Config) -> Problem | None:
    speech, bargein = config.frontend.speech, config.frontend.bargein
    if speech.stop_percent >= speech.start_percent:
        keys = ("frontend.speech.stop_percent", "frontend.speech.start_percent")
        return Problem(keys, "speech must end at a smaller likelihood than it begins")
    if bargein.suspect_ms >= bargein.sure_ms:
        return Problem(("frontend.bargein.suspect_ms", "frontend.bargein.sure_ms"), "suspicion comes before certainty")
    return None


def _wake_words(config: Config) -> Problem | None:
    wake = config.frontend.wake
    if len(set(wake.words)) < len(wake.words) or not set(wake.words) <= set(WAKE_WORDS):
        return Problem(("frontend.wake.words",), f"some of {toml(WAKE_WORDS)}, each once")
    if not all(path.endswith(".json") for path in wake.models):
        return Problem(("frontend.wake.models",), "paths that end in .json, such as /etc/lived/hello.json")
    if len(set(wake.names)) < len(wake.names):
        return Problem(("frontend.wake.models",), "files with names that differ from each other and from the words")
    if not set(wake.stop_words) <= set(wake.names):
        return Problem(("frontend.wake.stop_words",), f"some of {toml(wake.names)}: words, and files of models")
    return None


def _uplink(config: Config) -> Problem | None:
    frontend, key = config.frontend, "frontend.uplink.mode"
    if frontend.uplink.mode == "always":
        return None
    if not frontend.enabled:
        return Problem((key, "frontend.enabled"), "the front end decides what is sent; set enabled = true")
    if config.live.vad.mode == "manual":
        return Problem((key, "live.vad.mode"), 'a button says what is sent; set mode = "always"')
    if frontend.vad == "off":
        return Problem((key, "frontend.vad"), "somebody must say what is speech")
    if frontend.uplink.mode == "wake" and not set(frontend.wake.names) - set(frontend.wake.stop_words):
        return Problem((key, "frontend.wake.words"), "there must be a word to wake it")
    return None


def _camera(config: Config) -> Problem | None:
    if config.camera.device and not config.camera.device.removeprefix("folder:").strip():
        return Problem(("camera.device",), '"/dev/video0", a part of a name, "folder:PATH" or ""')
    return None


def _greeting(config: Config) -> Problem | None:
    if config.conversation.greeting and config.conversation.greet == "never":
        reason = 'a greeting is never said; set greet = "boot" or "start"'
        return Problem(("conversation.greeting", "conversation.greet"), reason)
    return None


def _patience(config: Config) -> Problem | None:
    if config.live.nudge_s >= config.live.hung_s:
        return Problem(("live.nudge_s", "live.hung_s"), "the nudge must come first")
    return None


def _builtin(config: Config) -> Problem | None:
    chosen = config.toolbox.builtin
    if len(set(chosen)) < len(chosen) or not set(chosen) <= set(BUILTIN):
        return Problem(("toolbox.builtin",), f"some of {toml(BUILTIN)}, each once")
    return None


def _tools(config: Config) -> Problem | None:
    for index, tool in enumerate(config.tools):
        key = f"tools[{index}]"
        if not tool.command or not tool.command[0].strip():
            return Problem((f"{key}.command",), "a program, then its arguments")
        if not tool.description.strip():
            return Problem((f"{key}.description",), "a sentence; the model chooses by it")
        if tool.parameters and tool.parameters.get("type") != "object":
            return Problem((f"{key}.parameters",), 'a JSON Schema with type = "object", or nothing')
    return None


def _mcp(config: Config) -> Problem | None:
    for index, server in enumerate(config.mcp):
        key = f"mcp[{index}]"
        if bool(server.command) == bool(server.url):
            return Problem((f"{key}.command", f"{key}.url"), "a server has one of the two")
        if server.command and not server.command[0].strip():
            return Problem((f"{key}.command",), "a program, then its arguments")
        if server.url and not _is_address(server.url, query=True, plain_here=True):
            return Problem((f"{key}.url",), "https://HOST[:PORT][/PATH], or http:// to this machine, without password")
    return None


def _metrics(config: Config) -> Problem | None:
    if config.metrics.listen and not 0 < config.metrics.address[1] <= HIGHEST_PORT:
        return Problem(("metrics.listen",), f"a port from 1 to {HIGHEST_PORT}")
    return None


def _hooks(config: Config) -> Problem | None:
    if not config.hooks:
        return None
    from lived.wire.events.named import fields_of, nearest, types_of  # who has no hook does not pay for it

    for index, hook in enumerate(config.hooks):
        key = f"hooks[{index}]"
        types = types_of(hook.event)
        if not types:
            return Problem((f"{key}.event",), f"an event of docs/protocol.md; did you mean {nearest(hook.event)}?")
        unknown = next((name for name in hook.match if name not in fields_of(types)), None)
        if unknown is not None:
            known = ", ".join(sorted(fields_of(types)))
            return Problem((f"{key}.match",), f"fields of {hook.event}: {known} (not {unknown})")
        if not hook.command or not hook.command[0].strip():
            return Problem((f"{key}.command",), "a program, then its arguments")
    return None


def _streams(config: Config) -> Problem | None:
    chosen = config.record.streams
    if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(RECORDABLE):
        return Problem(("record.streams",), f"some of {toml(RECORDABLE)}, each once")
    return None


def _workers(config: Config) -> Problem | None:
    known: dict[str, str] = {}
    for index, worker in enumerate(config.workers):
        key = f"workers[{index}].name"
        if worker.name in TAKEN:
            return Problem((key,), "another name: this is a worker of lived")
        if worker.name in known:
            return Problem((known[worker.name], key), "a name may be used once")
        known[worker.name] = key
    return None


def _names(config: Config) -> Problem | None:
    """The model knows a function by its name alone."""
    rows = [(f"tools[{index}].name", tool.name) for index, tool in enumerate(config.tools)]
    rows += [(f"mcp[{index}].name", server.name) for index, server in enumerate(config.mcp)]
    known = dict.fromkeys(config.toolbox.builtin, "toolbox.builtin")
    for key, name in rows:
        if name in known:
            return Problem((known[name], key), "a name may be used once")
        known[name] = key
    return None


CHECKS: tuple[Callable[[Config], Problem | None], ...] = (
    _devices,
    _rates,
    _voice,
    _compression,
    _base_url,
    _token,
    _speech,
    _wake_words,
    _uplink,
    _camera,
    _greeting,
    _patience,
    _builtin,
    _tools,
    _mcp,
    _streams,
    _metrics,
    _hooks,
    _workers,
    _names,
    model_problem,
    vertex_problem,
)
"""In this order; the first problem is the one that is told."""
