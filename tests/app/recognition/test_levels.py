"""Pages of levels, of briefs shown early and of pioneers: who reads what, and what they may do there."""

import re

import pytest
from sqlalchemy import select

from app.mail.notices import notify_due
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.organisation.organisation import the_organisation
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.person import Motivation
from ideas.recognition.level import Level, LevelRule, set_levels
from ideas.recognition.pioneer import RENEWAL, YEAR, Pioneer, PioneerState
from ideas.spaces.audience import Audience
from ideas.spaces.membership import membership_of
from ideas.spaces.space import Space

pytestmark = pytest.mark.one_database


@pytest.fixture
def people(campaign, make_person, make_ideas):
    """Six people who wrote from six ideas to one."""
    found = [make_person(f"Writer {number}") for number in range(6)]
    for number, person in enumerate(found):
        make_ideas(campaign, person, [{"body": f"Idea {place}"} for place in range(6 - number)])
    return found


@pytest.fixture
def admin(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def tell(app, session, now):
    """Have people told of what happened."""

    def write():
        with app.app_context():
            notify_due(now)
        session.expire_all()

    return write


def test_a_person_reads_their_level_and_an_administrator_says_what_levels_take(
    session, campaign, people, admin, alice, draft_campaign, signed_in
):
    first = signed_in(people[0])
    page = first.get("/me/points").text
    assert "My level: Regular member" in page
    assert "Next level: Trusted member, from 200 points on. You have 60." in page
    office = signed_in(admin)
    sent = {
        f"{level}_{name}": value
        for level in ("regular", "trusted")
        for name, value in (("points", 70), ("supports", 2))
    }
    version = re.search(r'name="version"[^>]*value="(\d+)"', office.get("/organisation/levels").text)[1]
    refused = office.post("/organisation/levels", data=sent | {"version": version})
    assert (refused.status_code, "needs more points than a regular one" in refused.text) == (422, True)
    sent |= {"trusted_points": 900, "regular_reads_early": "y", "version": version}
    assert office.post("/organisation/levels", data=sent).status_code == 303
    assert office.post("/organisation/levels", data=sent | {"regular_points": 71}).status_code == 409
    assert "My level: Member" in first.get("/me/points").text
    sent |= {"regular_points": 60, "version": str(int(version) + 1)}
    assert office.post("/organisation/levels", data=sent).status_code == 303
    assert "You can support 2 more ideas in campaigns that limit support." in first.get("/me/points").text
    # The brief of the draft, which its team shows early.
    assert "No brief is shown early now" in first.get("/early-briefs").text
    owner = signed_in(alice)
    shown = owner.post(f"/campaigns/{draft_campaign.id}/early-brief", data={"shown": "yes"}, follow_redirects=True).text
    assert "The brief is shown early." in shown
    assert draft_campaign.challenge in first.get("/early-briefs").text
    assert "You read briefs when they are announced" in signed_in(people[5]).get("/early-briefs").text
    people[0].motivation = Motivation.OFF
    session.commit()
    assert draft_campaign.challenge not in first.get("/early-briefs").text


def test_a_member_volunteers_and_the_lead_invites_them_as_a_facilitator(
    session, campaign, people, alice, bob, signed_in, now
):
    set_levels(
        session, {Level.REGULAR: LevelRule(50, may_volunteer=True), Level.TRUSTED: LevelRule(900)}, by=alice, now=now
    )
    session.commit()
    first, lead, team = signed_in(people[0]), signed_in(alice), f"/campaigns/{campaign.id}/team"
    assert "You can offer to help run campaigns." in first.get("/me/points").text
    page = signed_in(people[5]).get("/me/volunteer").text
    assert "You may, from this level on: Regular member. It takes 50 points, and you have 10." in page
    assert signed_in(people[5]).post("/me/volunteer", data={"volunteers": "y"}).status_code == 422
    assert "Volunteers" not in lead.get(team).text
    assert first.post("/me/volunteer", data={"volunteers": "y"}).status_code == 303
    page = lead.get(team).text
    assert "Regular member · 60 points over all campaigns" in page
    invite = f"/campaigns/{campaign.id}/volunteers/{people[0].id}"
    assert f'action="{invite}"' in page
    assert people[0].email not in page
    assert signed_in(bob).post(invite).status_code == 403
    page = lead.post(invite, follow_redirects=True).text
    assert "Invitation sent to Writer 0." in page
    assert "Invite Writer 0" not in page
    refused = lead.post(invite)
    assert (refused.status_code, "does not volunteer for this campaign any more" in refused.text) == (422, True)


def test_pioneers_are_proposed_invited_told_first_renewed_and_leave_with_thanks(
    session, campaign, people, admin, alice, bob, make_person, make_campaign, signed_in, tell, now
):
    office, lead, chosen = signed_in(admin), signed_in(alice), signed_in(people[0])
    own = f"/campaigns/{campaign.id}/pioneers"
    assert "An administrator creates it first" in lead.get(own).text
    assert "You are not invited" in chosen.get("/me/pioneer").text
    page = office.post("/pioneers", data={"name": "Pioneers"}, follow_redirects=True).text
    assert "Rank 1 by points, with 60 points" in page
    assert "Writer 5" not in page
    assert signed_in(bob).get(own).status_code == 403
    assert f'href="{own}/people/{people[1].id}"' in lead.get(own).text
    assert "1 person is told" in lead.get(f"{own}/people/{people[0].id}").text
    assert "This member is not among those proposed." in lead.get(f"{own}/people/{people[5].id}").text
    assert lead.post(f"{own}/people/{people[5].id}", data={"words": "Come"}).status_code == 422
    assert lead.post(f"{own}/people/{people[0].id}", data={"words": "Come and see"}).status_code == 303
    tell()
    told = session.scalars(select(Notice).where(Notice.kind == NoticeKind.PIONEER)).all()
    assert [notice.person_id for notice in told] == [people[0].id]
    assert "You are invited to be a pioneer." in chosen.get("/me/notices").text
    page = chosen.get("/me/pioneer").text
    assert "Come and see" in page
    assert "Rank 1 by points" in page
    assert chosen.post("/me/pioneer/answer", data={"answer": "yes"}).status_code == 303
    assert chosen.post("/me/pioneer/renew").status_code == 422
    tell()
    assert "Writer 0 accepts your invitation" in lead.get("/me/notices").text
    space = session.get_one(Space, the_organisation(session).pioneer_space_id)
    assert membership_of(session, space, people[0]).is_in
    assert "Open the space" in chosen.get("/me/pioneer").text
    stage = AudienceChoice(Stage(Audience.SPACES, spaces=(space.id,)), [Stage(Audience.PUBLIC, opens_at=now + YEAR)])
    early = make_campaign(title="Early stage")
    choose_audience(session, early, choice=stage, by=admin, change_reason="Pioneers first", now=now)
    pioneer = session.scalars(select(Pioneer)).one()
    first_until = pioneer.until
    pioneer.until = now + RENEWAL / 2
    session.commit()
    here, other = f"/campaigns/{early.id}", signed_in(make_person("Emil"))
    for browser, status in ((chosen, 200), (other, 404)):
        assert browser.get(here).status_code == status
        assert (f'href="{here}"' in browser.get("/campaigns").text) is (status == 200)
    assert 'action="/me/pioneer/renew"' in chosen.get("/me/pioneer").text
    page = chosen.post("/me/pioneer/renew", follow_redirects=True).text
    assert "You are a pioneer for another year." in page
    assert 'action="/me/pioneer/renew"' not in page
    session.expire_all()
    assert pioneer.until == now + RENEWAL / 2 + YEAR > first_until
    thanks = f"/pioneers/people/{people[0].id}/thanks"
    assert office.post(thanks, data={"thanks": ""}).status_code == 422
    assert office.post(thanks, data={"thanks": "A fine year"}).status_code == 303
    session.expire_all()
    assert session.scalar(select(Pioneer)).state is PioneerState.LEFT
    assert "A fine year" in chosen.get("/me/pioneer").text
    assert membership_of(session, space, people[0]) is None
