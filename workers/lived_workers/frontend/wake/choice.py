"""Which words are listened for: what the options say, as far as it is there."""

from pathlib import Path, PurePath

from lived.config.options import Frontend
from lived_workers.frontend.wake.spotter import Absent, Spotter


def spotter(options: Frontend) -> Spotter:
    """Listens for the words of ``[frontend.wake]``: all of them in mode "wake", else for stop words alone.

    What cannot be loaded is left out, and ``missing`` says so. Where no word is wanted, nothing is loaded.
    """
    wake = options.wake
    wanted = frozenset(wake.names if options.uplink.mode == "wake" else wake.stop_words)
    if not wanted:
        return Absent("")
    try:
        from lived_workers.frontend.wake.micro import Micro, ModelError, builtin, own
    except (ImportError, OSError):
        return Absent("No wake word is heard: pymicro-wakeword cannot be loaded; install lived[wake].")
    words = [builtin(name) for name in wake.words if name in wanted]
    problems: list[str] = []
    for path in wake.models:
        if PurePath(path).stem in wanted:
            try:
                words.append(own(Path(path)))
            except ModelError as error:
                problems.append(str(error))
    found: Spotter = Micro(words) if words else Absent("")
    found.missing = " ".join(problems)
    return found
