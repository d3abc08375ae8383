"""The vectors of texts, kept in the application's database from run to run."""

import logging
import threading
from collections.abc import Mapping, Sequence

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.settings import Settings
from app.sqlite import reading
from clustering.errors import ModelUnavailable
from clustering.text.cleaning import gist
from clustering.vectors.cache import KeptEncoder, digest
from clustering.vectors.encoders import Encoder, load_encoder
from ideas.base import chunks
from ideas.contributions.idea import Idea, is_submitted
from ideas.work.vector import forget_vectors, keep_vectors, known_vectors, unused_vectors

BATCH = 1_000

log = logging.getLogger(__name__)
_loading = threading.Lock()
_loaded: dict[str, Encoder] = {}


class DatabaseStore:
    """Keeps the vectors of one model, each time in a short transaction of its own: whatever the work has open."""

    def __init__(self, model: str) -> None:
        self._model = model

    def known(self, digests: Sequence[bytes], /) -> Mapping[bytes, bytes]:
        """See clustering.vectors.cache.Store."""
        with db.session.session_factory() as session, reading(session):
            return known_vectors(session, self._model, digests)

    def keep(self, vectors: Mapping[bytes, bytes], /) -> None:
        """See clustering.vectors.cache.Store."""
        with db.session.session_factory() as session:
            keep_vectors(session, self._model, vectors)
            session.commit()


def kept_encoder() -> KeptEncoder:
    """The encoder of the settings, which embeds only what is not kept yet. Raises ModelUnavailable."""
    settings: Settings = current_app.extensions["settings"]
    encoder = loaded(settings.embedding_model)
    return KeptEncoder(encoder, DatabaseStore(encoder.name))


def loaded(model: str) -> Encoder:
    """The model, loaded once in a process, whatever thread asks first. Raises ModelUnavailable."""
    with _loading:
        if model not in _loaded:
            _loaded[model] = load_encoder(model)
        return _loaded[model]


def warm_up() -> None:
    """Load the model of the settings before the first job asks for it.

    One that can't be loaded is logged: the other work goes on.
    """
    settings: Settings = current_app.extensions["settings"]
    try:
        loaded(settings.embedding_model)
    except ModelUnavailable as error:
        log.error("%s", error)  # noqa: TRY400 -- the message is complete without a traceback


def forget_unused(model: str) -> None:
    """Delete vectors whose text no idea has any more, in short separate transactions."""
    with db.session.session_factory() as session:
        with reading(session):
            used = {
                digest(model, gist(Idea(title=title, body=body).text))
                for title, body in session.execute(
                    select(Idea.title, Idea.body).where(is_submitted()).execution_options(yield_per=BATCH)
                )
            }
            unused = unused_vectors(session, model, used=used)
        for kept_for, digests in unused.items():
            for some in chunks(digests):
                forget_vectors(session, kept_for, some)
                session.commit()
