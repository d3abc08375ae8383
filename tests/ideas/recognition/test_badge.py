"""Badges follow from what people did, and each is told once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb, advance, record
from ideas.answers.debriefs.debrief import write_debrief
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, add_to_team
from ideas.contributions.comment import add_comment
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import withdraw_idea
from ideas.contributions.vote import Vote, cast_vote
from ideas.moderation.review import hide, review_for
from ideas.outreach.follow import follow
from ideas.people.person import Motivation, Person, choose_motivation
from ideas.people.sanction import Reason
from ideas.recognition import badge, telling
from ideas.recognition.badge import Badge, badges_of
from ideas.recognition.facts import PointAct, Scope, facts
from ideas.recognition.telling import READER, BadgeTold, tell_badges
from ideas.themes.passage import Passage


@pytest.fixture
def badges(session):
    def read(person):
        session.commit()
        return {reached.badge: reached.level for reached in badges_of(session, [person.id])[person.id]}

    return read


def test_levels_follow_how_often_something_was_done(
    session, badges, campaign, make_ideas, make_person, charlie, count_queries, now
):
    ideas = make_ideas(campaign, charlie, [{"body": f"Idea {number}"} for number in range(5)])
    fans = [make_person(f"Fan {number}") for number in range(10)]
    session.add_all(Vote(idea_id=ideas[0].id, person_id=fan.id, created_at=now) for fan in fans)
    assert badges(charlie) == {Badge.IDEAS: 2, Badge.SUPPORTED: 3}
    assert badges(fans[0]) == {Badge.SUPPORTER: 1}
    [reached] = badges_of(session, [fans[0].id])[fans[0].id]
    assert (reached.number, reached.next) == (1, 5)
    withdraw_idea(session, ideas[0], by=charlie, now=now)
    assert badges(charlie) == {Badge.IDEAS: 1}
    ids = [charlie.id, *(fan.id for fan in fans)]
    assert count_queries(lambda: badges_of(session, ids)) == 6


@pytest.mark.one_database
def test_each_of_the_five_levels_begins_at_its_number_and_the_last_has_no_next(session, campaign, make_ideas, charlie):
    read, written = {}, 0
    for number in (1, 4, 5, 9, 10, 29, 30, 59, 60, 61):
        make_ideas(campaign, charlie, [{"body": f"Idea {one}"} for one in range(written, number)])
        written = number
        [reached] = badges_of(session, [charlie.id])[charlie.id]
        read[number] = (reached.level, reached.next)
    assert read == {
        1: (1, 5), 4: (1, 5), 5: (2, 10), 9: (2, 10), 10: (3, 30), 29: (3, 30), 30: (4, 60), 59: (4, 60),
        60: (5, None), 61: (5, None),
    }  # fmt: skip


def test_special_badges_say_how_somebody_took_part(
    session, badges, campaign, make_idea, make_ideas, make_person, make_theme, alice, charlie, now
):
    dora, opening = make_person("Dora"), campaign.opens_at
    first = make_idea(campaign, charlie, "Buses and benches", submitted_at=opening + timedelta(hours=23), lang="fr")
    assert badges(charlie) == {Badge.IDEAS: 1, Badge.EARLY: 1}
    add_comment(session, first, author=alice, body="Welcome.", now=now)
    assert Badge.WELCOMED not in badges(charlie)  # days later
    late = make_idea(campaign, dora, "Late", submitted_at=opening + timedelta(hours=25), lang="fr")
    make_idea(campaign, dora, "In English", submitted_at=now, lang="en")
    add_comment(session, late, author=alice, body="Welcome.", now=opening + timedelta(hours=30))
    assert badges(dora) == {Badge.IDEAS: 1, Badge.BILINGUAL: 1, Badge.WELCOMED: 1}
    kept, emil = make_idea(campaign, charlie, "Kept", submitted_at=opening + timedelta(days=2)), make_person("Emil")
    merged = make_idea(campaign, emil, "Merged", submitted_at=opening + timedelta(days=3), merged_into_id=kept.id)
    add_comment(session, kept, author=alice, body="Before", now=opening + timedelta(days=2))
    assert Badge.WELCOMED not in badges(emil), "that was not for them"
    add_comment(session, kept, author=alice, body="Welcome both.", now=merged.submitted_at + timedelta(hours=2))
    assert Badge.WELCOMED in badges(emil)
    buses, benches = make_theme(campaign, "Buses", ideas=[first]), make_theme(campaign, "Benches")
    session.add(Passage(idea_id=first.id, theme_id=benches.id, start=0, end=5, strength=1.0, version=first.version))
    assert buses.id
    assert Badge.BRIDGE not in badges(charlie)  # themes are not public yet
    campaign.debriefed_at = now
    assert Badge.BRIDGE in badges(charlie)
    campaign.debriefed_at = None
    for number, idea in enumerate(make_ideas(campaign, charlie, [{"body": f"Idea {place}"} for place in range(10)])):
        assert number < 9 or Badge.HELPFUL not in badges(dora)
        add_comment(session, idea, author=dora, body="Yes", now=now)
    assert badges(dora)[Badge.HELPFUL] == 1


def told(session):
    """The badges that each act of the log names, since this was asked last."""
    ours = Activity.object_kind == BadgeTold.__tablename__
    acts = session.scalars(select(Activity).where(ours).order_by(Activity.id)).all()
    return [(act.object_id, act.after["badges"]) for act in acts]


def test_each_badge_is_told_once_even_if_it_is_lost_and_comes_back(
    session, campaign, charlie, make_person, make_ideas, now
):
    dora, eli = make_person("Dora"), make_person("Eli")
    make_ideas(campaign, eli, [{"body": f"Idea {number}"} for number in range(4)])
    choose_motivation(charlie, Motivation.OFF)
    session.commit()
    latest = session.scalar(select(Activity.id).order_by(Activity.id.desc()).limit(1))
    advance(session, READER, latest or 0)

    idea = submit_idea(session, campaign, author=dora, title="", body="One", now=now)
    submit_idea(session, campaign, author=charlie, title="", body="Mine", now=now)
    session.commit()
    assert tell_badges(session, now=now) == 1  # Eli did nothing since, Charlie wants none
    session.commit()
    assert told(session) == [(dora.id, [["ideas", 1]])]
    withdraw_idea(session, idea, by=dora, now=now)
    submit_idea(session, campaign, author=dora, title="", body="Two", now=now)
    fifth = submit_idea(session, campaign, author=eli, title="", body="Five", now=now)
    session.commit()
    assert tell_badges(session, now=now) == 1
    cast_vote(session, fifth, by=dora, now=now)
    session.commit()
    assert tell_badges(session, now=now) == 2
    session.commit()
    assert told(session)[1:] == [(eli.id, [["ideas", 2]]), (dora.id, [["supporter", 1]]), (eli.id, [["supported", 1]])]
    assert tell_badges(session, now=now) == 0  # what it recorded itself concerns nobody
    assert tell_badges(session, now=now) is None
    kept = {(row.person_id, row.level) for row in session.scalars(select(BadgeTold)) if row.badge is Badge.IDEAS}
    assert kept == {(dora.id, 1), (eli.id, 1), (eli.id, 2)}
    assert {act.verb for act in session.scalars(select(Activity)) if act.object_kind == "badge_told"} == {Verb.GRANTED}


def test_an_act_concerns_those_alone_whose_badges_it_may_change(
    session, campaign, charlie, alice, make_person, make_idea, now, monkeypatch
):
    """Not everyone who wrote in the campaign, unless its answers are published or changed."""
    dora, eli = make_person("Dora"), make_person("Eli")
    written = {person: make_idea(campaign, person, f"Of {person.name}") for person in (charlie, dora)}
    asked = set()
    monkeypatch.setattr(telling, "badges_of", lambda _session, people: asked.update(people) or {})

    def looked_at():
        session.commit()
        asked.clear()
        tell_badges(session, now=now)
        session.commit()
        return {session.get(Person, person_id).name for person_id in asked}

    looked_at()
    follow(session, campaign, by=eli, now=now)
    assert looked_at() == set()
    review = review_for(session, campaign, written[dora], by=alice, now=now)
    hide(session, review, reason=Reason.OTHER, by=alice, now=now)
    assert looked_at() == {"Alice", "Dora"}
    add_to_team(session, campaign, eli, role=Role.JURY, by=alice, now=now)
    assert looked_at() == {"Alice", "Eli"}
    debrief = write_debrief(session, campaign, body="Done.", by=alice, now=now)
    session.commit()
    assert looked_at() == {"Alice"}
    campaign.debriefed_at = now
    record(session, Verb.PUBLISHED, debrief, by=alice, campaign_id=campaign.id, now=now)
    assert looked_at() == {"Alice", "Charlie", "Dora"}


@pytest.mark.one_database
def test_what_is_adopted_or_in_several_themes_is_read_of_ones_own_ideas_alone(
    session, campaign, charlie, make_idea, make_person, make_theme, now
):
    """However many ideas of others are in themes: counted in steps of SQLite."""
    make_theme(campaign, "Buses", ideas=[make_idea(campaign, charlie, "A bus")])
    campaign.debriefed_at = now
    scope = Scope(select(Campaign.id), people=[charlie.id])
    found = []

    def steps():
        session.commit()
        driver = session.connection().connection.driver_connection
        found.clear()
        driver.set_progress_handler(lambda: found.append(1), 100)
        session.execute(facts(scope, [PointAct.ADOPTED])).all()
        session.execute(badge._bridges(scope)).all()  # noqa: SLF001 -- the other badges are not read by theme
        driver.set_progress_handler(None, 0)
        return len(found)

    few = steps()
    make_theme(campaign, "Benches", bodies=[f"Bench {number}" for number in range(300)], author=make_person("Dora"))
    assert steps() <= few + 1
