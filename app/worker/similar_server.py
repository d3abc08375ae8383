"""Answers the pages that ask for similar ideas (app.web.similar), in threads of the worker process.

Only this site's user may connect: the socket lies in the instance folder and has the rights 0600. One worker process of
the machine answers; another takes over when that one ends. A request that comes while too many wait, or whose page has
given up, gets no answer.
"""

import fcntl
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import Flask

from app.extensions import database
from app.settings import Settings
from app.web.similar import MAX_LINE_BYTES, MAX_TEXT_LENGTH, MAX_TEXTS, address_of, socket_file
from app.worker.similar_index import REFRESH_SECONDS, SimilarIndex, mean_of
from app.worker.vector_store import kept_encoder, loaded
from clustering.errors import ModelUnavailable
from clustering.vectors.encoders import Encoder, embed_ideas

THREADS = 2
# More than these would wait longer than their pages do.
MAX_WAITING = 16
READ_SECONDS = 1.0
ACCEPT_SECONDS = 0.5
# Between two tries to become the one that answers.
AGAIN_SECONDS = 5.0

log = logging.getLogger(__name__)


@contextmanager
def answering(app: Flask, stop: threading.Event) -> Iterator[None]:
    """Answer from here on. `stop` is set at the end of the block, if it was not before."""
    server = SimilarServer(app, stop)
    threads = [threading.Thread(target=run, name=f"similar: {run.__name__}") for run in (server.run, server.keep_fresh)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


class SimilarServer:
    def __init__(self, app: Flask, stop: threading.Event, encoder: Encoder | None = None) -> None:
        """`encoder`: instead of that of the settings."""
        self._app, self._stop = app, stop
        self._settings: Settings = app.extensions["settings"]
        self._given = encoder
        self.index = SimilarIndex(lambda: self._given or kept_encoder())
        self._asked = threading.Event()
        self._room = threading.BoundedSemaphore(MAX_WAITING)

    def run(self) -> None:
        """Listen as soon as no other worker of this instance does, until the stop."""
        while not self._stop.is_set():
            try:
                with _sole(self._settings.instance / "similar.lock") as is_sole:
                    if is_sole:
                        self._listen(socket_file(self._settings))
            except OSError:
                log.exception("similar ideas can't be answered; pages search by words")
            self._stop.wait(AGAIN_SECONDS)

    def keep_fresh(self) -> None:
        """Read what is new after requests, at most every few seconds, until the stop."""
        while not self._stop.is_set():
            if not self._asked.wait(ACCEPT_SECONDS):
                continue
            self._asked.clear()
            with self._app.app_context():
                try:
                    self.index.refresh(stopped=self._stop.is_set)
                except ModelUnavailable as error:
                    log.error("%s", error)  # noqa: TRY400 -- the message is complete without a traceback
                except Exception:
                    # The database may be back at the next turn.
                    log.exception("the ideas that are searched by meaning could not be read")
                    database().rollback()
            self._stop.wait(REFRESH_SECONDS)

    def _listen(self, path: Path) -> None:
        path.unlink(missing_ok=True)  # of a process that died
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening, ThreadPoolExecutor(THREADS) as pool:
            with address_of(path) as address:
                listening.bind(address)
            path.chmod(0o600)
            listening.listen(MAX_WAITING)
            listening.settimeout(ACCEPT_SECONDS)
            try:
                while not self._stop.is_set():
                    with suppress(TimeoutError):
                        connection, _address = listening.accept()
                        if self._room.acquire(blocking=False):
                            pool.submit(self._answer, connection)
                        else:
                            connection.close()
            finally:
                path.unlink(missing_ok=True)

    def _answer(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(READ_SECONDS)
                asked = json.loads(_line(connection))
                if float(asked["until"]) > time.time():
                    answer = self._near(asked) if "texts" in asked else self._found(asked)
                    connection.sendall(json.dumps(answer).encode() + b"\n")
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.debug("a request for similar ideas got no answer: %s", error)
        except Exception:
            log.exception("a request for similar ideas failed")
        finally:
            self._room.release()

    def _found(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The ideas of a campaign and the answered themes that are near a text."""
        campaign_id, text = int(asked["campaign"]), str(asked["text"])[:MAX_TEXT_LENGTH]
        self._asked.set()
        if (encoder := self._encoder()) is None:
            return {"ready": False}
        vectors = embed_ideas(encoder, [text], glossary=self.index.glossary(campaign_id))
        found = self.index.nearest(campaign_id, vectors[0])
        return {"ready": False} if found is None else {"ready": True, "ideas": found[0], "themes": found[1]}

    def _near(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answered themes that are near a theme with these texts."""
        texts = [str(text)[:MAX_TEXT_LENGTH] for text in asked["texts"]][:MAX_TEXTS]
        self._asked.set()
        if not texts or (encoder := self._encoder()) is None:
            return {"ready": False}
        near = self.index.near_themes(mean_of(embed_ideas(encoder, texts)))
        return {"ready": False} if near is None else {"ready": True, "ideas": [], "themes": near}

    def _encoder(self) -> Encoder | None:
        try:
            return self._given or loaded(self._settings.embedding_model)
        except ModelUnavailable:
            return None


def _line(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        received = connection.recv(MAX_LINE_BYTES)
        line += received
        if not received or len(line) > MAX_LINE_BYTES:
            raise ValueError("no whole line")
    return line


@contextmanager
def _sole(path: Path) -> Iterator[bool]:
    """True where no other process has this lock. The system gives it back when its process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
