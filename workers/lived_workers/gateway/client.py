"""The SDK's client: for the Developer API, Vertex AI or a relay. What it is made with leaves here never."""

import logging
import ssl
import warnings
from typing import Any

import google.auth
import httpx2
import msgspec
from google import genai
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.genai import errors, types

from lived.config import Config
from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.headers import headers_of
from lived_workers.gateway.setup import GOOGLE, socket_options
from lived_workers.gateway.target import Target

VERTEX_VERSION = "v1beta1"
"""Of Vertex AI; ``live.api_version`` is the Developer API's."""

SCOPE = "https://www.googleapis.com/auth/cloud-platform"

REST_ERRORS = (errors.APIError, httpx2.HTTPError, OSError, ValueError)
"""What the client's REST methods raise; ValueError for an answer that makes no sense."""

logging.getLogger("websockets").setLevel(logging.CRITICAL)  # it logs tracebacks of what is reported in a sentence
warnings.filterwarnings("ignore", category=errors.ExperimentalWarning)  # the SDK's, at each use of a token


def client_for(config: Config, target: Target, key: str) -> genai.Client:
    """Read certificates and headers, and make the client: a tenth of a second.

    ``key``: an API key, a token, or the credentials of Vertex AI as JSON.

    Raises:
        LinkLostError: a file or the credentials cannot be used.
    """
    live = config.live
    vertex = live.vertex and not config.simulator.enabled
    options = socket_options(target.base_url, live.hung_s)
    certificates = _certificates(target.ca_file)
    # verify: for the SDK's HTTP clients, which would each load all certificates once more (1 MB)
    options |= {"ssl": certificates, "verify": certificates}
    # a little shorter than the whole, so that a silent network and a silent server are told apart
    options["open_timeout"] = 0.9 * live.setup_timeout_s
    http = types.HttpOptions(
        base_url=target.base_url.rstrip("/") or GOOGLE,
        api_version=VERTEX_VERSION if vertex else live.api_version,
        headers=headers_of(live) if target.own else None,
        client_args={"verify": certificates},
        async_client_args=options,
    )
    if not vertex:
        return genai.Client(api_key=key, vertexai=False, http_options=http)
    credentials = _account(key)
    return genai.Client(
        vertexai=True, project=live.project, location=live.location, credentials=credentials, http_options=http
    )


def _account(text: str) -> Credentials:
    try:
        load: Any = google.auth.load_credentials_from_dict  # has no types
        found = load(msgspec.json.decode(text, type=dict), scopes=[SCOPE])
    except (msgspec.MsgspecError, DefaultCredentialsError, GoogleAuthError, ValueError) as error:
        # not the error's own words: they may quote what is there
        raise LinkLostError(Cause.ACCOUNT, reason=type(error).__name__) from None
    credentials: Credentials = found[0]
    return credentials


def _certificates(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        why = error.strerror or "no certificates in it"
        raise LinkLostError(
            Cause.SETTING, reason=f"Cannot read live.ca_file {ca_file} ({why}): correct it, or leave it empty."
        ) from None
