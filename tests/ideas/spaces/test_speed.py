"""The condition that every page asks stays cheap among a hundred thousand memberships."""

import re
from time import perf_counter

import pytest
from sqlalchemy import func, insert, select, text

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import campaign_visible_to, visible_campaign, visible_campaigns
from ideas.contributions.idea import Idea, idea_visible_to
from ideas.people.person import Person
from ideas.spaces.audience import Audience, AudienceSpace
from ideas.spaces.space import Entry, Membership, MembershipState, Space, SpaceKind, SpaceRole

PEOPLE, SPACES = 2_000, 50
MAX_SECONDS = 0.05  # on a busy machine; alone it takes a few thousandths

pytestmark = pytest.mark.slow


@pytest.fixture
def crowd(session, campaign, alice, now):
    """A hundred thousand memberships: everyone is in every space."""
    people = [{"name": f"P{n}", "email": f"p{n}@example.org", "created_at": now} for n in range(PEOPLE)]
    spaces = [
        {"name": f"S{n}", "description": "", "kind": SpaceKind.INTEREST, "entry": Entry.OPEN, "created_at": now}
        for n in range(SPACES)
    ]
    person_ids = session.scalars(insert(Person).returning(Person.id), people).all()
    space_ids = session.scalars(insert(Space).returning(Space.id), spaces).all()
    place = {"state": MembershipState.MEMBER, "role": SpaceRole.MEMBER, "note": "", "since": now}
    for space_id in space_ids:
        session.execute(
            insert(Membership), [place | {"space_id": space_id, "person_id": person_id} for person_id in person_ids]
        )
    campaign.audience = Audience.SPACES
    session.add(AudienceSpace(campaign_id=campaign.id, number=0, space_id=space_ids[0]))
    session.flush()
    session.execute(text("ANALYZE"))
    return session.get_one(Person, person_ids[-1])


def seconds(act):
    act()  # what is built once is built
    began = perf_counter()
    act()
    return perf_counter() - began


def test_one_campaign_the_list_and_the_ideas_are_found_fast(session, campaign, idea, crowd, now):
    assert session.scalar(select(func.count()).select_from(Membership)) == PEOPLE * SPACES
    assert visible_campaign(session, campaign.id, crowd) is campaign
    for act in (
        lambda: visible_campaign(session, campaign.id, crowd),
        lambda: visible_campaigns(session, crowd, now=now),
        lambda: session.scalars(select(Idea).where(idea_visible_to(crowd))).all(),
    ):
        assert seconds(act) < MAX_SECONDS


def test_memberships_are_reached_by_the_person_and_never_all_read(session, crowd):
    asked = select(Campaign.id).where(campaign_visible_to(crowd))
    bind = session.get_bind()
    statement = asked.compile(bind.engine, compile_kwargs={"literal_binds": True, "render_postcompile": True})
    explain = "EXPLAIN QUERY PLAN " if bind.dialect.name == "sqlite" else "EXPLAIN "
    plan = "\n".join(str(row) for row in session.connection().exec_driver_sql(explain + str(statement)).all())
    assert "SEARCH membership USING" in plan or re.search(r"Index .*membership", plan)
    assert "SCAN membership" not in plan
    assert "Seq Scan on membership" not in plan
