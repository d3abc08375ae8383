"""A real small server on this machine, at an address that a namer asks; it answers as a test wants, well or badly."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer(content):
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


@contextmanager
def server(respond):
    """Serves `respond(handler)` for each post; gives the address and what was received."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, dict(self.headers), json.loads(body)))
            respond(self)

        def log_message(self, *_words):
            """Keeps the output of the tests clean."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.handle_error = lambda *_words: None  # who asked has gone: that is what some tests are about
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/v1", received
    finally:
        running.shutdown()
        running.server_close()


def send(handler, body, status=200, headers=()):
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
