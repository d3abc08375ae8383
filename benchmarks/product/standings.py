"""How long the standing of 100,000 people takes: the query of its page, of a campaign and of a space, on PostgreSQL and
on SQLite.

Each person supports an idea; some wrote one or commented, half of the comments mention somebody; one in ten is a
newcomer. All are in the space, each in one of GROUPS departments. Nothing is kept between questions.
"""

import random
import statistics
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
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
from ideas.contributions.talk.mention import Mention
from ideas.contributions.vote import Vote
from ideas.people.person import Person
from ideas.recognition.group_standing import Group, group_standing, space_group_standing
from ideas.recognition.standing import NEWCOMER, Board, Standing, campaign_standing, space_standing
from ideas.spaces.audience import AudienceSpace
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue
from ideas.spaces.space import Membership, MembershipState, Space, SpaceRole

PEOPLE, IDEAS, COMMENTS, GROUPS = 100_000, 10_000, 20_000, 20
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
            campaign, space = write(PEOPLE, IDEAS, COMMENTS)
            found[name] = {what: measure(read) for what, read in readings(campaign, space).items()}
            db.session.remove()
            db.engine.dispose()
    rows = [[what, *(f"{ms[what]:.0f} ms" for ms in found.values())] for what in next(iter(found.values()))]
    show_table(["standing", *found], rows)
    slowest = [
        Target(f"{name}: ms of the slowest standing", max(ms.values()), MAX_MS, True) for name, ms in found.items()
    ]
    return {"ms": found, "targets": show_targets(slowest)}


def write(people: int, ideas: int, comments: int) -> tuple[Campaign, Space]:
    """A campaign in which so many people supported an idea each, and some wrote and commented; its space, with all."""
    session, at, chance = database(), now(), random.Random(SEED)  # noqa: S311 -- people to measure on
    account = {"locale": "fr", "verified_at": at}
    joined = [at if number % 10 == 0 else at - 2 * NEWCOMER for number in range(people)]
    named = [
        account | {"name": f"Member {number}", "email": f"{number}@example.org", "created_at": since}
        for number, since in enumerate(joined)
    ]
    session.execute(insert(Person), named)
    ids = session.scalars(select(Person.id).order_by(Person.id)).all()
    campaign = Campaign(
        title="Standings", benefit="Three changes.", motivation="Thanks.", owner_id=ids[0], created_at=at,
        announced_at=at, opens_at=at - timedelta(days=9), closes_at=at + timedelta(days=9),
        debrief_due_at=at + timedelta(days=30),
    )  # fmt: skip
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
    comment_ids = session.scalars(select(Comment.id)).all()[::2]
    session.execute(
        insert(Mention),
        [{"comment_id": one, "person_id": chance.choice(ids), "name": "Member"} for one in comment_ids],
    )
    session.execute(
        insert(Vote), [{"idea_id": chance.choice(idea_ids), "person_id": one, "created_at": at} for one in ids]
    )
    space = _write_space(campaign, ids)
    session.commit()
    if db.engine.dialect.name == "postgresql":  # as its autovacuum does a minute later
        session.execute(text("ANALYZE"))
        session.commit()
    return campaign, space


def _write_space(campaign: Campaign, ids: Sequence[int]) -> Space:
    """The space of the campaign, with all these people, who are compared by their departments."""
    session, at = database(), campaign.created_at
    attribute = Attribute(name="Department", values=[AttributeValue(name=f"Group {one}") for one in range(GROUPS)])
    campaign.owner.is_admin = True  # who may create it
    space = create_space(session, text=SpaceText("Everybody"), by=campaign.owner, now=at)
    session.add(attribute)
    session.flush()
    campaign.standing_attribute_id = attribute.id
    session.add(AudienceSpace(campaign_id=campaign.id, number=0, space_id=space.id))
    has = {"attribute_id": attribute.id}
    values = [value.id for value in attribute.values]
    session.execute(
        insert(PersonValue),
        [has | {"person_id": one, "value_id": values[number % GROUPS]} for number, one in enumerate(ids)],
    )
    inside = set(session.scalars(select(Membership.person_id).where(Membership.space_id == space.id)))
    of_space = {
        "space_id": space.id,
        "role": SpaceRole.MEMBER,
        "state": MembershipState.MEMBER,
        "since": at,
        "note": "",
    }
    session.execute(insert(Membership), [of_space | {"person_id": one} for one in ids if one not in inside])
    return space


def readings(campaign: Campaign, space: Space) -> dict[str, Callable[[], Standing | list[Group]]]:
    """What reads each standing: the boards of the campaign and of the space, and a later page."""
    session, until = database(), now() + timedelta(seconds=1)
    person = session.scalars(select(Person).where(Person.id != campaign.owner_id).limit(1)).one()
    attribute = session.get_one(Attribute, campaign.standing_attribute_id)
    facts: dict[str, Any] = {"since": None, "now": now(), "reader": person}
    boards = [board for board in Board if board is not Board.GROUPS]
    found: dict[str, Callable[[], object]] = {
        board.value: partial(campaign_standing, session, campaign, board=board, **facts) for board in boards
    }
    after = campaign_standing(session, campaign, board=Board.ACTIVITY, **facts).after
    found["activity, next page"] = partial(
        campaign_standing, session, campaign, board=Board.ACTIVITY, **facts, after=after
    )
    found["groups"] = partial(group_standing, session, campaign, since=None, until=until)
    found |= {f"space, {one}": partial(space_standing, session, space, board=one, **facts) for one in boards}
    found["space, groups"] = partial(
        space_group_standing, session, space, attribute, since=None, until=until, reader=person
    )
    return found


def measure(read: Callable[[], object]) -> float:
    """The median milliseconds of a page of a standing."""
    return 1000 * statistics.median(timed(read)[1] for _ in range(ROUNDS))
