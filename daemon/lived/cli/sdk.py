"""What only the SDK can do: a module of the gateway's package does it, which nobody here imports.

The module is started as a program, with the key on its standard input.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from lived.cli.options import Options
from lived.config import Config
from lived.errors import LivedError

PATIENCE_S = 60
"""Importing the SDK takes seconds on a small board; the server has the rest."""


def ask(
    options: Options,
    config: Config,
    module: str,
    wanted: dict[str, Any],
    *,
    environ: Mapping[str, str] = os.environ,
    patience_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """Run ``lived_workers.gateway.<module>`` with ``wanted``, the configuration and the key; its answer.

    ``environ``: where the key is looked for. Raises LivedError with its sentence; CredentialError where there
    is no key.
    """
    import msgspec

    from lived import credentials
    from lived.config import places

    folder = options.runtime_dir or places.runtime_dir(config, os.environ)
    request = {"config": config, "key": _key(options, config, environ), "runtime_dir": str(folder), **wanted}
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"lived_workers.gateway.{module}"],
            input=msgspec.json.encode(request) + b"\n",
            stdout=subprocess.PIPE,
            env=credentials.scrubbed(os.environ),
            timeout=patience_s,
            check=False,
        )
        answer = msgspec.json.decode(done.stdout, type=dict[str, Any])
    except subprocess.TimeoutExpired:
        raise LivedError(f"There was no answer within {patience_s:.0f} s; try again.") from None
    except msgspec.MsgspecError:
        raise LivedError("There was no answer; the lines above say why.") from None
    if "error" in answer:
        raise LivedError(str(answer["error"]))
    return answer


def _key(options: Options, config: Config, environ: Mapping[str, str]) -> str:
    from lived import credentials
    from lived.config.files import key_files

    if config.simulator.enabled:
        return "none"
    if config.live.vertex:
        return credentials.account(environ, config.live.credentials_file)
    return credentials.api_key(environ, key_files(options.config, environ))
