"""The index of the search: both databases give the same answers, and it holds what the texts hold."""

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from flask_migrate import upgrade
from hypothesis import event, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import delete, select, true
from sqlalchemy.orm import Session

from app.extensions import db
from app.settings import Settings
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from ideas.search import Match, index_of, read_query, search, searchable_models
from ideas.text import clean
from tests.databases import own_database

AT = datetime(2026, 1, 1, tzinfo=UTC)
# Letters that fold, endings, apostrophes, hyphens and scripts without spaces; few enough for words to meet.
KNOWN = [
    "vélo", "vélos", "VELO", "velodrome", "gratuit", "gratuite", "gratuité", "l’achat", "achat", "d'achats",
    "porte-vélo", "portevélos", "œuvre", "oeuvres", "the", "thé", "le", "la", "pas", "eau", "eaux", "bus", "buses",
    "city", "cities", "meeting", "meetings", "24/7", "24", "c++", "自転車", "自", "車です", "ถนน", "ถ", "مدرسة", "🚲",
    "École", "e\u0301cole", "*", '"', "'", "(", ")", "AND", "OR", "NOT", "NEAR", ":", "&", "|", "!", "_", "-", "x\x0by",
]  # fmt: skip
WORDS = st.sampled_from(KNOWN) | st.text(max_size=6)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)


@pytest.fixture(scope="module")
def both(postgresql_url, tmp_path_factory):
    """A session on a migrated database of each kind, with one campaign."""
    with ExitStack() as stack:
        sessions = []
        for url in ("sqlite://", postgresql_url):
            folder = tmp_path_factory.mktemp("both")
            settings = Settings(folder, url, secret_key="only for tests", base_url="http://localhost", testing=True)
            app = stack.enter_context(own_database(settings, folder))
            with app.app_context():
                upgrade()
                session = stack.enter_context(Session(db.engine))
            owner = Person(name="Alice", email="a@example.org", locale="fr", created_at=AT)
            session.add(Campaign(id=1, title="T", owner=owner, created_at=AT))
            session.commit()
            sessions.append(session)
        yield sessions


@pytest.mark.postgresql
@examples(max_examples=60)
@given(texts=st.lists(TEXTS, min_size=1, max_size=12), words=TEXTS, match=st.none() | st.sampled_from(Match))
def test_both_databases_find_the_same_ideas_in_the_same_order(both, texts, words, match):
    found = []
    for session in both:
        for number, body in enumerate(texts, 1):
            idea = Idea(id=number, campaign_id=1, body=clean(body), created_at=AT, updated_at=AT, submitted_at=AT)
            session.add(idea)
        session.flush()
        ids, before = [], None
        while before is not None or not ids:
            page = search(session, Idea, read_query(words), where=true(), match=match, limit=3, before=before)
            ids += [idea.id for idea in page.rows] or [None]
            before = page.older
        found.append((ids, page.total, page.match))
        session.rollback()
    assert found[0] == found[1]
    event(f"found {len([one for one in found[0][0] if one])}")


def test_a_command_makes_the_index_again(app, session, idea):
    for model in searchable_models():
        session.execute(delete(index_of(model)))
    session.commit()
    answer = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert (answer.exit_code, answer.output) == (0, "Every text is indexed.\n")
    session.expire_all()
    found = search(session, Idea, read_query("clicks"), where=true())
    assert [one.id for one in found.rows] == [idea.id]
    assert session.scalar(select(index_of(Campaign).c.id)) == idea.campaign_id
