"""A page of another application that shows how many answers wait on Convergence. Python alone is needed.

1. An administrator registers http://127.0.0.1:8099 at /organisation/hosts of Convergence, and copies the secret.
2. `python docs/examples/host.py http://127.0.0.1:5000 1 SECRET rose.ndiaye@example.org`: the address of Convergence,
   the number of the application, its secret, and who uses the page.
3. Open http://127.0.0.1:8099.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8099
LASTS = 300  # seconds

PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Portail</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"></head>
<body><header><h1>Portail de l’équipe</h1>
<script src="{site}/notice.js" data-host="{host}" data-token="{token}" defer></script>
</header><p>Votre planning de la semaine…</p></body></html>
"""


def identity_token(secret: str, email: str) -> str:
    """A JSON Web Token with HMAC and SHA-256. Any library for these makes the same: algorithm HS256."""
    now = int(time.time())
    header, claims = {"alg": "HS256", "typ": "JWT"}, {"email": email, "iat": now, "exp": now + LASTS}
    signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{_base64(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def server(site: str, host: str, secret: str, email: str, *, port: int = PORT) -> ThreadingHTTPServer:
    """The application. Its pages load nothing but the script of Convergence, and connect nowhere else."""

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = identity_token(secret, email)
            page = PAGE.format(site=escape(site), host=escape(host), token=escape(token)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            policy = f"default-src 'none'; script-src {site}; connect-src {site}; img-src data:"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_given: object) -> None:
            """Say nothing: the address has nothing of interest."""

    return ThreadingHTTPServer(("127.0.0.1", port), Portal)


if __name__ == "__main__":
    server(*sys.argv[1:5]).serve_forever()
