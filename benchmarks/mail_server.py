"""A local mail server for benchmarks, in a process of its own: aiosmtpd, which throws every mail away."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.handlers import Sink


class Handler(Sink):
    """Offers to take several commands at once (RFC 2920), as Postfix, Exim and Exchange do."""

    async def handle_EHLO(  # noqa: N802 -- aiosmtpd's name
        self, _server: Any, session: Any, _envelope: Any, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [answers[0], "250-PIPELINING", *answers[1:]]


@contextmanager
def sink() -> Iterator[int]:
    """The port of a mail server that accepts every mail."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    handler = f"{__name__}.{Handler.__name__}"
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", handler]
    server = subprocess.Popen(command)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()
