"""A token service as somebody would run it: HTTPS, asks for a header, gives what it is told to."""

import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import trustme

PASSWORD = "Bearer of-this-device"  # noqa: S105 - nobody's


class TokenService:
    """Context manager. ``give`` makes the body of each answer; ``status`` other than 200 refuses."""

    def __init__(self, folder: Path, give: Callable[[], str]) -> None:
        self.give, self.status = give, 200
        self.methods: tuple[str, ...] = ("GET", "POST")
        self.location = ""
        self.asked: list[tuple[str, str]] = []
        """Method and Authorization of each request."""
        authority = trustme.CA()
        self.ca_file = folder / "token-ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        service = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            def do_GET(self) -> None:
                service._answer(self)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """For ``live.token_url``."""
        return f"https://127.0.0.1:{self._server.server_address[1]}/token?device=1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append((request.command, request.headers.get("Authorization", "")))
        status = self.status if request.command in self.methods else 405
        body = self.give().encode() if status == 200 else b"refused"
        request.send_response(status)
        if self.location:
            request.send_header("Location", self.location)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
