"""The condition that every page asks stays cheap among many memberships."""

import re

import pytest
from sqlalchemy import insert, select, text

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.people.person import Person
from ideas.spaces.audience import Audience, AudienceSpace
from ideas.spaces.space import Entry, Membership, MembershipState, Space, SpaceKind, SpaceRole

PEOPLE, SPACES = 400, 50

pytestmark = pytest.mark.slow


@pytest.fixture
def crowd(session, campaign, alice, now):
    """Twenty thousand memberships: everyone is in every space."""
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


def test_memberships_are_reached_by_the_person_and_never_all_read(session, crowd):
    asked = select(Campaign.id).where(campaign_visible_to(crowd))
    bind = session.get_bind()
    statement = asked.compile(bind.engine, compile_kwargs={"literal_binds": True, "render_postcompile": True})
    explain = "EXPLAIN QUERY PLAN " if bind.dialect.name == "sqlite" else "EXPLAIN "
    plan = "\n".join(str(row) for row in session.connection().exec_driver_sql(explain + str(statement)).all())
    assert "SEARCH membership USING" in plan or re.search(r"Index .*membership", plan)
    assert "SCAN membership" not in plan
    assert "Seq Scan on membership" not in plan
