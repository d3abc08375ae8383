"""How long the digests of 20,000 people take, on SQLite: what each of them is told, by the job that runs every hour.

Each person follows a campaign and holds notices that exceeded their budget; a tenth wrote an idea, and got support. The
job runs in a process of its own, so that its peak memory is its own. The text of a digest is made when it is sent: what
that takes is printed too.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from datetime import timedelta
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import insert, select

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import from_env
from benchmarks.figures import Target, peak_mb, show_table, show_targets, timed
from ideas.activity.activity import Activity, Verb, record
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Person

PEOPLE, CAMPAIGNS, HELD, LETTERS = 20_000, 20, 4, 200
SEED = 5
MAX_SECONDS, MAX_MB = 60.0, 500.0

_CHILD = "from benchmarks.product.digests import run_job; run_job()"


def show() -> dict[str, Any]:
    """Prints and returns the seconds and the peak memory of the job, and the milliseconds of a text."""
    print(f"\nDigests of {PEOPLE:,} people in {CAMPAIGNS} campaigns, SQLite")
    with tempfile.TemporaryDirectory() as instance:
        environment = os.environ | {"CONVERGENCE_INSTANCE": instance, "DATABASE_URL": ""}
        app = create_app(from_env(environment))
        with app.app_context():
            upgrade()
            _write_people()
            db.session.remove()
            db.engine.dispose()
        given = environment | {"LETTERS": str(LETTERS)}
        child = subprocess.run([sys.executable, "-c", _CHILD], env=given, check=True, capture_output=True, text=True)
        made, seconds, megabytes, letter = json.loads(child.stdout.splitlines()[-1])
    show_table(["digests", "seconds", "MB", "ms for a text"],
               [[f"{made:,}", f"{seconds:.1f}", f"{megabytes:.0f}", f"{letter:.1f}"]])  # fmt: skip
    targets = [
        Target("digests made", made, PEOPLE),
        Target("seconds", seconds, MAX_SECONDS, True),
        Target("peak MB", megabytes, MAX_MB, True),
    ]
    figures = {"made": made, "seconds": seconds, "mb": megabytes, "letter_ms": letter}
    return figures | {"targets": show_targets(targets)}


def run_job() -> None:
    """In the child: run the job, then write some of the texts. Prints the figures as JSON."""
    from app.jobs import send_digests
    from app.mail.letters.digest import write_digest_letter

    with create_app(from_env(os.environ)).app_context():
        found, seconds = timed(lambda: send_digests.run(None, report=lambda _stage, _share: None))  # type: ignore[arg-type]
        megabytes = peak_mb()
        some = database().scalars(select(Message).limit(int(os.environ["LETTERS"]))).all()
        _written, spent = timed(lambda: [write_digest_letter(database(), one, now=now()) for one in some])
        db.session.remove()
    print(json.dumps([found["weekly"], seconds, megabytes, 1000 * spent / max(len(some), 1)]))


def _write_people() -> None:
    """People who were not here for a week, in campaigns that opened, close soon or owe a debrief."""
    session, instant, chance = database(), now(), random.Random(SEED)  # noqa: S311 -- people to measure on
    day = timedelta(days=1)
    facts = {"locale": "fr", "created_at": instant - 90 * day, "verified_at": instant - 90 * day}
    session.execute(
        insert(Person), [facts | {"name": f"Member {n}", "email": f"{n}@example.org"} for n in range(PEOPLE)]
    )
    people = session.scalars(select(Person.id).order_by(Person.id)).all()
    for number in range(CAMPAIGNS):
        ends = instant + (number % 3 * 10 - 7) * day
        session.add(
            Campaign(
                title=f"Campaign {number}", benefit="Three changes.", motivation="Thanks.", owner_id=people[0],
                created_at=instant - 60 * day, announced_at=instant - (number % 4 * 9 + 1) * day,
                opens_at=instant - 50 * day, closes_at=ends, debrief_due_at=ends + 9 * day,
            )
        )  # fmt: skip
    session.flush()
    campaigns = session.scalars(select(Campaign)).all()
    written = {"body": "A later bus.", "created_at": instant, "updated_at": instant, "submitted_at": instant - 2 * day}
    session.execute(
        insert(Idea),
        [written | {"author_id": one, "campaign_id": chance.choice(campaigns).id} for one in people[::10]],
    )
    ideas = session.scalars(select(Idea.id)).all()
    session.execute(
        insert(Vote),
        [{"idea_id": chance.choice(ideas), "person_id": one, "created_at": instant - day} for one in people[1::2]],
    )
    for number in range(HELD):
        campaign = campaigns[number % len(campaigns)]
        record(session, Verb.OPENED, campaign, by=None, now=instant - 3 * day, campaign_id=campaign.id)
        session.commit()
        act = session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
        told = {
            "kind": NoticeKind.FOLLOWED_CAMPAIGN, "activity_id": act.id, "campaign_id": campaign.id,
            "object_kind": "campaign", "object_id": campaign.id, "created_at": act.at, "not_before": act.at,
            "held_at": act.at,
        }  # fmt: skip
        session.execute(insert(Notice), [told | {"person_id": one, "key": f"{act.id}:{one}"} for one in people])
    session.commit()
