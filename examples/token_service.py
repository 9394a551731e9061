"""A token service, on the machine that has the key: python token_service.py PORT CERTIFICATE.pem PASSWORD"""

import ssl
import subprocess
import sys
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, certificate, password = sys.argv[1:]


class TokenService(BaseHTTPRequestHandler):
    """GET: one token for one session, to whoever knows the password."""

    def do_GET(self) -> None:
        if not compare_digest(self.headers.get("Authorization", "").encode(), f"Bearer {password}".encode()):
            self.send_error(403)
            return
        made = subprocess.run(["livectl", "token", "create", "--lock", "--json"], stdout=subprocess.PIPE, check=False)
        self.send_response(503 if made.returncode else 200)
        self.end_headers()
        self.wfile.write(made.stdout)  # {"name": "auth_tokens/...", "expireTime": ..., ...}; nothing when it failed


server = ThreadingHTTPServer(("", int(port)), TokenService)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
