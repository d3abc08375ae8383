"""Pioneers are proposed from the standings, invited, and stay for a year that they renew."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.errors import NotAllowed
from ideas.people.person import Motivation
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.recognition.early_brief import may_read_early
from ideas.recognition.nominee import merits_in, nominees
from ideas.recognition.pioneer import (
    YEAR,
    AlreadyPioneer,
    InvitationGone,
    Merit,
    NoPioneerSpace,
    NotProposed,
    PioneerSpaceThere,
    PioneerState,
    RenewalTooEarly,
    ThanksNeeded,
    answer_invitation,
    create_pioneer_space,
    invite_pioneer,
    leave_pioneers,
    pioneer_of,
    pioneer_space,
    renew,
    thank_pioneer,
    watch_years,
)
from ideas.spaces.edit import close_space
from ideas.spaces.membership import membership_of


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
def space(session, admin, now):
    return create_pioneer_space(session, name="Pioneers", by=admin, now=now)


@pytest.fixture
def invite(session, admin, now, space, people):
    def make(person, at=now):
        return invite_pioneer(session, person, merits=[Merit("activity", 1, 60)], words="Come", by=admin, now=at)

    return make


def test_who_is_proposed_follows_from_the_standings(session, campaign, people, invite, admin, now):
    proposed = nominees(session, now=now)
    assert [one.name for one in proposed] == ["Writer 0", "Writer 1", "Writer 2"], "never those who have the least"
    assert proposed[0].merits == [Merit("activity", 1, 60)]
    assert nominees(session, now=now, campaign=campaign) == proposed
    people[1].motivation = Motivation.PRIVATE
    give_sanction(session, people[2], SanctionKind.WARNING, reason=Reason.INSULT, quote="", words="", by=admin, now=now)
    pioneer = invite(people[0])
    session.flush()
    assert "Writer 3" not in [one.name for one in proposed]
    assert [one.name for one in nominees(session, now=now)] == []
    answer_invitation(session, pioneer, accepts=False, by=people[0], now=now)
    assert merits_in(session, people[0], now=now) == (), "who said no is not asked again for a year"
    assert nominees(session, now=now + YEAR + timedelta(days=1)) == [], "what is a year old counts no more"
    campaign.has_standings = False
    session.flush()
    assert nominees(session, now=now) == []


def test_an_invitation_is_answered_once_and_opens_the_space_for_a_year(
    session, people, space, invite, admin, charlie, now
):
    pioneer = invite(people[2])
    with pytest.raises(AlreadyPioneer):
        invite(people[2])
    with pytest.raises(NotAllowed):
        answer_invitation(session, pioneer, accepts=True, by=charlie, now=now)
    assert not may_read_early(session, people[2], now=now)
    answer_invitation(session, pioneer, accepts=True, by=people[2], now=now)
    with pytest.raises(InvitationGone):
        answer_invitation(session, pioneer, accepts=False, by=people[2], now=now)
    assert pioneer.is_in(now)
    assert membership_of(session, space, people[2]).is_in
    assert may_read_early(session, people[2], now=now)
    with pytest.raises(RenewalTooEarly):
        renew(session, pioneer, by=people[2], now=now)
    assert watch_years(session, now=now) == 0
    later = now + YEAR - timedelta(days=10)
    assert (watch_years(session, now=later), watch_years(session, now=later)) == (1, 0), "asked once"
    renew(session, pioneer, by=people[2], now=later)
    assert pioneer.until == now + 2 * YEAR
    assert watch_years(session, now=now + 2 * YEAR) == 1
    assert pioneer.state is PioneerState.ENDED
    assert membership_of(session, space, people[2]) is None
    with pytest.raises(InvitationGone):
        renew(session, pioneer, by=people[2], now=now + 2 * YEAR)
    session.commit()
    acts = [one.verb for one in session.scalars(select(Activity).order_by(Activity.id)) if one.object_kind == "pioneer"]
    assert acts == ["invited", "accepted", "reminded", "extended", "ended"]


def test_they_leave_by_themselves_or_with_thanks(session, people, space, invite, admin, now):
    first, second = invite(people[0]), invite(people[1])
    answer_invitation(session, first, accepts=True, by=people[0], now=now)
    leave_pioneers(session, first, by=people[0], now=now)
    assert (first.state, membership_of(session, space, people[0])) == (PioneerState.LEFT, None)
    with pytest.raises(ThanksNeeded):
        thank_pioneer(session, second, thanks=" ", by=admin, now=now)
    thank_pioneer(session, second, thanks="You helped.", by=admin, now=now)
    assert (second.state, second.thanks) == (PioneerState.LEFT, "You helped.")
    again = invite(people[0], at=now + YEAR)
    assert (again.id, again.state, again.thanks) == (first.id, PioneerState.INVITED, "")
    asked = ask_to_erase(session, people[0], contents=Contents.DELETE, by=people[0], now=now)
    erase(session, asked, words=Words(name="Former member", text="Erased."), now=now)
    assert pioneer_of(session, people[0]) is None


def test_there_is_one_space_and_nobody_is_invited_without_it(session, people, admin, now):
    merits = [Merit("activity", 1, 60)]
    with pytest.raises(NoPioneerSpace):
        invite_pioneer(session, people[0], merits=merits, words="", by=admin, now=now)
    create_pioneer_space(session, name="Pioneers", by=admin, now=now)
    with pytest.raises(PioneerSpaceThere):
        create_pioneer_space(session, name="Others", by=admin, now=now)
    with pytest.raises(NotProposed):
        invite_pioneer(session, people[0], merits=[], words="", by=admin, now=now)
    pioneer = invite_pioneer(session, people[1], merits=merits, words="", by=admin, now=now)
    answer_invitation(session, pioneer, accepts=True, by=people[1], now=now)
    invite_pioneer(session, people[2], merits=merits, words="", by=admin, now=now)
    close_space(session, pioneer_space(session), by=admin, now=now)
    again = create_pioneer_space(session, name="Pioneers again", by=admin, now=now)
    assert membership_of(session, again, people[1]).is_in, "who is a pioneer already"
    assert membership_of(session, again, people[2]) is None, "not who is only invited"
    people[0].motivation = Motivation.OFF
    with pytest.raises(NotProposed):
        invite_pioneer(session, people[0], merits=merits, words="", by=admin, now=now)
