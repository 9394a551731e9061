"""The voices of the Live API (live protocol: prebuilt voices, and locale ids of newer models)."""

import difflib
import re

VOICES = (
    "Zephyr", "Puck", "Charon", "Kore", "Fenrir", "Leda", "Orus", "Aoede", "Callirrhoe", "Autonoe",
    "Enceladus", "Iapetus", "Umbriel", "Algieba", "Despina", "Erinome", "Algenib", "Rasalgethi", "Laomedeia",
    "Achernar", "Alnilam", "Schedar", "Gacrux", "Pulcherrima", "Achird", "Zubenelgenubi", "Vindemiatrix",
    "Sadachbia", "Sadaltager", "Sulafat",
)  # fmt: skip

_LOCALE_ID = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*-[a-z0-9]+", re.IGNORECASE)
_BY_FOLDED_NAME = {voice.casefold(): voice for voice in VOICES}


def canonical(name: str) -> str | None:
    """``name`` as the server spells it, "" for the server's default, None when there is no such voice."""
    if not name or _LOCALE_ID.fullmatch(name):
        return name
    return _BY_FOLDED_NAME.get(name.casefold())


def nearest_voice(name: str) -> str | None:
    """The voice that ``name`` was probably meant to be."""
    close = difflib.get_close_matches(name.casefold(), _BY_FOLDED_NAME, n=1)
    return _BY_FOLDED_NAME[close[0]] if close else None
