"""How long the standing of 100,000 people takes: the query of its page, on PostgreSQL and on SQLite.

Each person supports an idea; some wrote one or commented; one in ten is a newcomer. Nothing is kept between questions.
"""

import random
import statistics
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import insert, select, text

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import from_env
from benchmarks.figures import Target, report_progress, show_table, show_targets, timed
from benchmarks.product.search import databases
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.people.person import Person
from ideas.recognition.standing import NEWCOMER, Board, campaign_standing

PEOPLE, IDEAS, COMMENTS = 100_000, 10_000, 20_000
ROUNDS = 10
SEED = 11
MAX_MS = 300


def show() -> dict[str, Any]:
    """Prints and returns the milliseconds of the first page of each standing and of a later one."""
    print(f"\nStandings of {PEOPLE:,} people with {IDEAS:,} ideas and {COMMENTS:,} comments ({ROUNDS} rounds, medians)")
    found: dict[str, dict[str, float]] = {}
    for name, environment in databases():
        with create_app(from_env(environment)).app_context():
            upgrade()
            report_progress(f"{name}: writing the people and what they did")
            campaign = write(PEOPLE, IDEAS, COMMENTS)
            found[name] = {board.value: measure(campaign, board) for board in Board}
            after = campaign_standing(
                database(), campaign, board=Board.ACTIVITY, since=None, now=now(), reader=None
            ).after
            found[name]["activity, next page"] = measure(campaign, Board.ACTIVITY, after=after)
            db.session.remove()
            db.engine.dispose()
    rows = [[what, *(f"{ms[what]:.0f} ms" for ms in found.values())] for what in next(iter(found.values()))]
    show_table(["standing", *found], rows)
    # One of the two databases has to: the larger communities are on PostgreSQL.
    promised = "PostgreSQL" if "PostgreSQL" in found else "SQLite"
    slowest = max(found[promised].values())
    return {
        "ms": found,
        "targets": show_targets([Target(f"{promised}: ms of the slowest standing", slowest, MAX_MS, True)]),
    }


def write(people: int, ideas: int, comments: int) -> Campaign:
    """A campaign in which so many people supported an idea each, and some wrote and commented."""
    session, at, chance = database(), now(), random.Random(SEED)  # noqa: S311 -- people to measure on
    account = {"locale": "fr", "verified_at": at}
    joined = [at if number % 10 == 0 else at - 2 * NEWCOMER for number in range(people)]
    named = [
        account | {"name": f"Member {number}", "email": f"{number}@example.org", "created_at": since}
        for number, since in enumerate(joined)
    ]
    session.execute(insert(Person), named)
    ids = session.scalars(select(Person.id).order_by(Person.id)).all()
    campaign = Campaign(title="Standings", owner_id=ids[0], created_at=at)
    session.add(campaign)
    session.flush()
    facts = {"campaign_id": campaign.id, "body": "An idea.", "created_at": at, "updated_at": at, "submitted_at": at}
    session.execute(insert(Idea), [facts | {"author_id": chance.choice(ids)} for _ in range(ideas)])
    idea_ids = session.scalars(select(Idea.id)).all()
    said = {"body": "A comment.", "created_at": at}
    session.execute(
        insert(Comment),
        [said | {"idea_id": chance.choice(idea_ids), "author_id": chance.choice(ids)} for _ in range(comments)],
    )
    session.execute(
        insert(Vote), [{"idea_id": chance.choice(idea_ids), "person_id": one, "created_at": at} for one in ids]
    )
    session.commit()
    if db.engine.dialect.name == "postgresql":  # as its autovacuum does a minute later
        session.execute(text("ANALYZE"))
        session.commit()
    return campaign


def measure(campaign: Campaign, board: Board, *, after: tuple[int, int] | None = None) -> float:
    """The median milliseconds of a page of a standing."""
    asked = {"board": board, "since": None, "now": now(), "reader": campaign.owner, "after": after}
    seconds = [timed(lambda: campaign_standing(database(), campaign, **asked))[1] for _ in range(ROUNDS)]
    return 1000 * statistics.median(seconds)
