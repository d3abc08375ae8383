"""The vectors of texts, kept in the application's database from run to run."""

import logging
import threading
from collections.abc import Mapping, Sequence

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database.sqlite import reading
from app.extensions import db
from app.settings import Settings
from clustering.errors import ModelUnavailable
from clustering.text.cleaning import gist
from clustering.text.glossary import spell_out
from clustering.text.passages import split_passages
from clustering.text.set_aside.fillers import strip_fillers
from clustering.vectors.cache import KeptEncoder, digest
from clustering.vectors.encoders import Encoder, load_encoder
from ideas.base import chunks
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.term import glossary_of
from ideas.contributions.idea import Idea, is_submitted
from ideas.work.vector import forget_vectors, keep_vectors, known_vectors, unused_vectors

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
    """Delete vectors of what no idea says any more, as a whole or in a passage, in short separate transactions."""
    with db.session.session_factory() as session:
        with reading(session):
            used: set[bytes] = set()
            for campaign_id in session.scalars(select(Campaign.id)):
                used |= {digest(model, said) for said in _said_in(session, campaign_id)}
            unused = unused_vectors(session, model, used=used)
        for kept_for, digests in unused.items():
            for some in chunks(digests):
                forget_vectors(session, kept_for, some)
                session.commit()


def _said_in(session: Session, campaign_id: int) -> set[str]:
    """What the ideas of a campaign say: as people wrote it, as a run reads it, passage by passage, spelt out."""
    ideas = select(Idea.title, Idea.body).where(Idea.campaign_id == campaign_id, is_submitted())
    texts = [Idea(title=title, body=body).text for title, body in session.execute(ideas)]
    gists = [gist(text) for text in texts]
    said = {*gists, *strip_fillers(gists)}
    for text, words in zip(texts, gists, strict=True):
        said.update(passage.gist for passage in split_passages(text, words))
    return said | set(map(spell_out(glossary_of(session, campaign_id)), said))
