"""Which words are listened for: what the options say, as far as it is there."""

from pathlib import Path

from lived.config.options import Wake
from lived_workers.frontend.wake.spotter import Absent, Spotter


def spotter(wake: Wake) -> Spotter:
    """Listens for the words of ``[frontend.wake]``; what cannot be loaded is left out, and ``missing`` says so."""
    if not wake.names:
        return Absent("")
    try:
        from lived_workers.frontend.wake.micro import Micro, ModelError, builtin, own
    except (ImportError, OSError):
        return Absent("No wake word is heard: pymicro-wakeword cannot be loaded; install lived[wake].")
    words = [builtin(name) for name in wake.words]
    problems: list[str] = []
    for path in wake.models:
        try:
            words.append(own(Path(path)))
        except ModelError as error:
            problems.append(str(error))
    found = Micro(words) if words else Absent("")
    found.missing = " ".join(problems)
    return found
