"""The API key and its like: where they are, and how they stay out of everything else.

No function here puts a secret, or a part of one, into an exception, a log or a return value other than its own.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from lived.errors import CredentialError

VARIABLES = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
CREDENTIAL = "api-key"
"""Name of the systemd credential."""

ACCOUNT = "vertex"
"""Name of the systemd credential with the credentials of Vertex AI."""

ACCOUNT_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"

ACCOUNT_BYTES = 65_536
"""Longest file of credentials that is believed; a service account's has two thousand."""

KEY_BYTES = 4096
"""Longest key that is believed; today's have 39 characters, tokens some hundred."""

HIDDEN = "***"

NOT_FOR_WORKERS = frozenset(
    {
        *VARIABLES,
        ACCOUNT_VARIABLE,
        "CREDENTIALS_DIRECTORY",
        # systemd listens to the supervisor alone
        "NOTIFY_SOCKET",
        "WATCHDOG_USEC",
        "WATCHDOG_PID",
    }
)

_VAULT = "_LIVED_VAULT"
"""Tells the program that is executed anew which descriptor has the keys."""

_KEY = re.compile(r"[\x21-\x7e]+")


class NoKeyError(CredentialError):
    """There is none, as opposed to one that cannot be used."""


def api_key(environ: Mapping[str, str], files: Iterable[Path] = ()) -> str:
    """The key: $GEMINI_API_KEY, else $GOOGLE_API_KEY, else the file ``$CREDENTIALS_DIRECTORY/api-key``, else the first
    of ``files`` that has one and that this user may read (``lived.config.files.key_files``).

    An empty variable counts as not set. Raises CredentialError, which says what to do and never has the key;
    NoKeyError when there is none in any of these places.
    """
    for name in VARIABLES:
        if environ.get(name):
            return plausible(environ[name], f"${name}")
    folder = environ.get("CREDENTIALS_DIRECTORY")
    handed = [Path(folder) / CREDENTIAL] if folder else []
    for path in (*handed, *(path for path in files if os.access(path, os.R_OK))):
        try:
            return key_in(path)
        except NoKeyError:
            continue
    raise NoKeyError("There is no API key; run 'livectl setup', or set GEMINI_API_KEY.")


def key_in(path: Path) -> str:
    """The key in a file that has nothing else. Raises as ``api_key``."""
    try:
        with path.open("rb") as file:
            data = file.read(KEY_BYTES + 1)
    except FileNotFoundError:
        raise NoKeyError(
            f"There is no API key; put it into {path}, or set LoadCredential={CREDENTIAL}:FILE in the unit."
        ) from None
    except OSError as error:
        raise CredentialError(
            f"The API key in {path} cannot be read ({error.strerror}); let this user read it."
        ) from None
    # latin-1 decodes any bytes: the check below refuses what is not ASCII, and no decoding error can quote the key
    text = data.decode("latin-1").strip()
    if not text:
        raise NoKeyError(f"{path} is empty; put the API key into it, or into the file that LoadCredential= names.")
    return plausible(text, str(path))


def account(environ: Mapping[str, str], file: str) -> str:
    """The credentials of Vertex AI, JSON as they are: ``file`` (``live.credentials_file``), else the one that
    $GOOGLE_APPLICATION_CREDENTIALS names, else ``$CREDENTIALS_DIRECTORY/vertex``.

    Raises CredentialError, which says what to do and nothing of what is in a file.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    place = file or environ.get(ACCOUNT_VARIABLE) or (f"{folder}/{ACCOUNT}" if folder else "")
    advice = f"set live.credentials_file, or LoadCredential={ACCOUNT}:FILE in the unit."
    if not place:
        raise CredentialError(f"There are no credentials for Vertex AI; {advice}")
    try:
        with Path(place).open("rb") as opened:
            data = opened.read(ACCOUNT_BYTES + 1)
    except OSError as error:
        raise CredentialError(
            f"The credentials for Vertex AI in {place} cannot be read ({error.strerror}); {advice}"
        ) from None
    text = data.decode("utf-8", "replace").strip()
    if len(data) > ACCOUNT_BYTES or not text.startswith("{"):
        raise CredentialError(f"{place} has no credentials of Google Cloud; download them as JSON and put them there.")
    return text


class Vault:
    """The keys of the environment, in a file of the kernel: what is forked from this process meanwhile has none."""

    def __init__(self, file: int) -> None:
        """``file``: a descriptor, less than 0 for an empty vault."""
        self._file = file

    @classmethod
    def filled(cls) -> "Vault":
        """Take the keys out of the environment.

        A process cannot forget what it was started with: /proc/PID/environ shows it for ever, in every process that is
        forked from it too. So where there are keys this program is executed once more, without them; this returns in
        the program that was.
        """
        keys = [f"{name}={os.environ.pop(name)}" for name in VARIABLES if os.environ.get(name)]
        if keys:
            file = os.memfd_create("keys", 0)  # open in the program that follows
            os.write(file, "\0".join(keys).encode(errors="surrogateescape"))
            os.environ[_VAULT] = str(file)
            os.execv(sys.executable, sys.orig_argv)  # noqa: S606  (what runs already)
        file = int(os.environ.pop(_VAULT, "-1"))
        if file >= 0:
            os.set_inheritable(file, False)
        return cls(file)

    def opened(self) -> dict[str, str]:
        """What was put away; the vault is empty then."""
        if self._file < 0:
            return {}
        content = os.fsdecode(os.pread(self._file, os.fstat(self._file).st_size, 0))
        self.close()
        return dict(line.split("=", 1) for line in content.split("\0"))

    def close(self) -> None:
        """Throw away what is in it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` for a worker: without secrets and without what belongs to the supervisor alone."""
    return {name: value for name, value in environ.items() if name not in NOT_FOR_WORKERS}


def plausible(key: str, place: str) -> str:
    """``key``, which was found in ``place``, if it may be one. Raises CredentialError."""
    if len(key) > KEY_BYTES:
        raise CredentialError(f"{place} is too long for an API key; put the key there and nothing else.")
    if not _KEY.fullmatch(key):
        raise CredentialError(
            f"The API key in {place} has a blank, a line break or another character that no key has; "
            "put it there again, without anything around it."
        )
    return key
