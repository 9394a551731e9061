"""What only the SDK can do: a module of the gateway's package does it, which nobody here imports.

The module is started as a program, with the key on its standard input.
"""

import os
import subprocess
import sys
from typing import Any

from lived.cli.options import Options
from lived.config import Config
from lived.errors import LivedError

PATIENCE_S = 60
"""Importing the SDK takes seconds on a small board; the server has the rest."""


def ask(options: Options, config: Config, module: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Run ``lived_workers.gateway.<module>`` with ``wanted``, the configuration and the key; its answer.

    Raises LivedError with its sentence; CredentialError where there is no key.
    """
    import msgspec

    from lived import credentials
    from lived.config import places

    folder = options.runtime_dir or places.runtime_dir(config, os.environ)
    request = {"config": config, "key": _key(config), "runtime_dir": str(folder), **wanted}
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"lived_workers.gateway.{module}"],
            input=msgspec.json.encode(request) + b"\n",
            stdout=subprocess.PIPE,
            env=credentials.scrubbed(os.environ),
            timeout=PATIENCE_S,
            check=False,
        )
        answer = msgspec.json.decode(done.stdout, type=dict[str, Any])
    except subprocess.TimeoutExpired:
        raise LivedError(f"There was no answer within {PATIENCE_S} s; try again.") from None
    except msgspec.MsgspecError:
        raise LivedError("There was no answer; the lines above say why.") from None
    if "error" in answer:
        raise LivedError(str(answer["error"]))
    return answer


def _key(config: Config) -> str:
    from lived import credentials

    if config.simulator.enabled:
        return "none"
    if config.live.vertex:
        return credentials.account(os.environ, config.live.credentials_file)
    return credentials.api_key(os.environ)
