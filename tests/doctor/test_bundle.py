"""The report for a bug: what is in it, and what must never be."""

import base64
import json
import re
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lived.cli.doctor.bundle import write
from lived.cli.doctor.finding import ok, warning
from lived.cli.doctor.site import Site
from lived.cli.options import Options
from lived.config.load import load
from lived.errors import LivedError

PLANTED = {
    "key": "planted-Key-0123456789/+abcd",
    "google": "AIzaSyD-no-real-key-0123456789_abcdefg",
    "token": "planted-token-45af/77",
    "handle": "planted-handle-9b1c-22",
    "header": "planted-header-value-6",
    "tool": "planted tool-environment",
    "password": "planted:password",
    "argument": "planted-argument-3",
    "setting": "planted-setting-8",
    "query": "planted-query-5",
    "mcp": "planted-mcp-header-4",
    "account": "planted-private-key-1",
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A device whose every corner has a secret, and whose log repeats them all, in base64 too."""
    config = tmp_path / "lived.toml"
    (tmp_path / "headers").write_text(f"X-Own: {PLANTED['header']}\nAuthorization: Bearer {PLANTED['header']}\n")
    (tmp_path / "mcp").write_text(f"Authorization: Bearer {PLANTED['mcp']}\n")
    (tmp_path / "account.json").write_text(json.dumps({"type": "service_account", "private_key": PLANTED["account"]}))
    (tmp_path / "token").write_text(PLANTED["token"] + "\n")
    config.write_text(
        f"""
        daemon.state_dir = "{tmp_path}"
        live.instruction = "At home with Ann"
        [[tools]]
        name = "bus"
        description = "d"
        command = ["bus", "--token", "{PLANTED["argument"]}"]
        environment = ["BUS_TICKET"]
        [[mcp]]
        name = "m"
        url = "https://mcp.example/?x={PLANTED["query"]}"
        headers_file = "{tmp_path}/mcp"
        [[workers]]
        name = "own"
        module = "json"
        settings = {{password = "{PLANTED["setting"]}"}}
        """
    )
    (tmp_path / "session.json").write_text(json.dumps({"handle": PLANTED["handle"], "model": "m", "saved_at": 1}))
    lines = [
        f"info gateway: {secret} and {base64.b64encode(b'x' + secret.encode()).decode()}" for secret in PLANTED.values()
    ]
    (tmp_path / "lived.log").write_text("12:00:00 info lived: ready\n" + "\n".join(lines) + "\n")
    environ = {
        "HOME": str(tmp_path), "PATH": "/nowhere",
        "GEMINI_API_KEY": PLANTED["key"], "GOOGLE_API_KEY": PLANTED["google"],
        "BUS_TICKET": PLANTED["tool"], "HTTPS_PROXY": f"http://{PLANTED['password']}@proxy.example:3128",
        "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "account.json"),
    }  # fmt: skip
    overrides = [f"live.token_file={tmp_path}/token", f"live.headers_file={tmp_path}/headers",
                 "live.base_url=https://relay.example"]  # fmt: skip
    options = Options(config=config, overrides=overrides[1:])
    loaded = load(config, overrides[1:], environ)
    import msgspec

    loaded = msgspec.structs.replace(loaded, live=msgspec.structs.replace(loaded.live, token_file=f"{tmp_path}/token"))
    status = {"state": "ready", "text": f"asked with {PLANTED['argument']} token={PLANTED['token']}", "workers": []}
    return Site(options=options, config=loaded, environ=environ, status=status)


def _files(bundle: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(bundle) as archive:
        for entry in archive.getmembers():
            file = archive.extractfile(entry)
            assert file is not None
            yield entry.name, file.read().decode()


def _decoded(text: str) -> Iterator[str]:
    """Everything in it that may be base64, at each of the four places where it may begin."""
    for found in re.findall(r"[A-Za-z0-9+/_-]{6,}", text):
        for cut in range(4):
            piece = found[cut:].replace("-", "+").replace("_", "/")
            yield base64.b64decode(piece[: len(piece) // 4 * 4]).decode("latin-1")


def test_no_secret_is_in_it(site: Site, tmp_path: Path) -> None:
    """Not in any file, plain or in base64, though each was in the log, the configuration or a file."""
    bundle = tmp_path / "report.tar.gz"
    findings = [warning("tls", f"The server says {PLANTED['key']}.", f"curl -H 'X-Goog: {PLANTED['google']}'")]

    write(bundle, site, findings)

    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    for name, text in _files(bundle):
        for what, secret in PLANTED.items():
            assert secret not in text, (name, what)
            assert not any(secret in told for told in _decoded(text)), (name, what)


def test_what_is_in_it(site: Site, tmp_path: Path) -> None:
    """Versions, configuration, log, status, metrics, findings; and of an instruction its length alone."""
    bundle = tmp_path / "report.tar.gz"
    write(bundle, site, [ok("python", "Python 3.13.")])
    files = {name.rpartition("/")[2]: text for name, text in _files(bundle)}
    assert set(files) == {
        "findings.txt", "findings.json", "versions.json", "configuration.json", "status.json", "log.txt", "metrics.txt",
    }  # fmt: skip
    assert "12:00:00 info lived: ready" in files["log.txt"]
    assert json.loads(files["versions.json"])["packages"]["pyzmq"]
    told = json.loads(files["configuration.json"])
    assert told["live.instruction"]["value"] == "(16 characters)"
    assert told["audio.volume"]["value"] == 100
    assert "Ann" not in files["configuration.json"]


def test_a_file_that_cannot_be_written(site: Site, tmp_path: Path) -> None:
    """One sentence."""
    with pytest.raises(LivedError, match="choose another file for --bundle"):
        write(tmp_path / "no" / "folder", site, [])
