"""Volunteers: whose level lets them may offer to help, and leads invite them. Nobody else is shown to leads."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.campaigns.people.inviting import accept
from ideas.campaigns.people.team import Role, is_in_team, role_of
from ideas.organisation.organisation import the_organisation
from ideas.people.person import Motivation
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.recognition.level import DEFAULT_RULES, Level, LevelRule, level_rules, set_levels
from ideas.recognition.volunteer import (
    LevelNotReached,
    NotVolunteering,
    choose_to_volunteer,
    invite_volunteer,
    volunteers_for,
)
from ideas.spaces.audience import Audience
from ideas.spaces.invitation import Invitation

RULES = {Level.REGULAR: LevelRule(20), Level.TRUSTED: LevelRule(30, may_volunteer=True)}


@pytest.fixture
def writers(session, campaign, make_person, make_ideas, alice, now):
    """Rose and Ada, trusted members; Emil, a regular one. Each has so many ideas."""
    set_levels(session, RULES, by=alice, now=now)
    found = [make_person(name) for name in ("Rose", "Ada", "Emil")]
    for person, number in zip(found, (3, 4, 2), strict=True):
        person.created_at = now - timedelta(days=60)
        make_ideas(campaign, person, [{"body": f"Idea {place}"} for place in range(number)])
    return found


def names(session, campaign, now):
    return [(one.person.name, one.reached.points) for one in volunteers_for(session, campaign, now=now)]


def test_who_offers_it_and_may_is_proposed_invited_and_answers(session, campaign, writers, alice, charlie, now):
    rose, ada, emil = writers
    for person in (emil, charlie):
        with pytest.raises(LevelNotReached):
            choose_to_volunteer(session, person, volunteers=True, now=now)
    assert names(session, campaign, now) == [], "a level alone shows nobody to a lead"
    for person in (rose, ada):
        choose_to_volunteer(session, person, volunteers=True, now=now)
    assert names(session, campaign, now) == [("Ada", 40), ("Rose", 30)]
    invitation = invite_volunteer(session, campaign, ada, by=alice, now=now)
    assert (invitation.email, invitation.role) == (ada.email, Role.FACILITATOR)
    assert not is_in_team(session, campaign, ada), "nothing is given by itself"
    assert names(session, campaign, now) == [("Rose", 30)], "who is invited is not proposed again"
    accept(session, invitation, ada, now=now)
    assert role_of(session, campaign, ada) is Role.FACILITATOR
    for person in (ada, charlie):
        with pytest.raises(NotVolunteering):
            invite_volunteer(session, campaign, person, by=alice, now=now)
    assert len(session.scalars(select(Invitation)).all()) == 1


@pytest.mark.one_database
def test_who_may_no_longer_or_sees_no_such_campaign_is_not_proposed(
    session, campaign, writers, alice, make_person, now
):
    rose = writers[0]
    choose_to_volunteer(session, rose, volunteers=True, now=now)

    def proposed():
        session.flush()
        return [name for name, _points in names(session, campaign, now)] == ["Rose"]

    assert proposed()
    for of, name, spoilt in (
        (rose, "motivation", Motivation.OFF),
        (campaign, "audience", Audience.INVITED),
        (rose, "erased_at", now),
        (rose, "created_at", now),
        (rose, "volunteers", False),
    ):
        before = getattr(of, name)
        setattr(of, name, spoilt)
        assert not proposed(), name
        setattr(of, name, before)
    assert proposed()
    for_all = {level: replace(rule, points=1 + rule.points - 20, may_volunteer=True) for level, rule in RULES.items()}
    set_levels(session, for_all, by=alice, now=now)
    admin = make_person("Odin", is_admin=True)
    give_sanction(session, rose, SanctionKind.WARNING, reason=Reason.INSULT, quote="", words="", by=admin, now=now)
    assert not proposed(), "a regular member who broke a rule"


@pytest.mark.one_database
def test_an_earlier_application_reads_the_levels_that_a_later_one_saved(session, alice, now):
    """It takes each level for what it knows of it: five values."""
    assert level_rules(the_organisation(session)) == DEFAULT_RULES
    chosen = {Level.REGULAR: LevelRule(20, may_volunteer=True), Level.TRUSTED: LevelRule(30)}
    set_levels(session, chosen, by=alice, now=now)
    session.commit()
    assert level_rules(the_organisation(session)) == chosen
    known = {"points", "supports", "reads_early", "is_not_held"}
    assert all(set(the_organisation(session).levels[level]) == known for level in Level if level is not Level.MEMBER)
