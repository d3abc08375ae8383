"""Workshops of a space: announced, changed and cancelled by who runs it; members say whether they come."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.activity.version import ChangedMeanwhile
from ideas.errors import EmptyText
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for
from ideas.people.person import names_of
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.spaces.edit import SpaceText, close_space, create_space
from ideas.spaces.membership import SpaceClosed, add_person, leave, membership_of
from ideas.spaces.space import SpaceRole
from ideas.spaces.workshops.coming import (
    OnlyMembersCome,
    WorkshopAnswer,
    answer_workshop,
    coming_to,
    workshops_with,
)
from ideas.spaces.workshops.workshop import (
    CancelReasonNeeded,
    EndDoesNotFit,
    PlaceNeeded,
    StartIsPast,
    WorkshopOver,
    WorkshopText,
    announce_workshop,
    cancel_workshop,
    change_workshop,
    has_begun,
    workshops_of,
)


@pytest.fixture
def text(now):
    starts_at = now + timedelta(days=3)
    return WorkshopText("Sketching", "Room 4", starts_at, starts_at + timedelta(hours=2), "Bring a pen.")


@pytest.fixture
def space(session, alice, bob, charlie, make_person, now):
    """Alice runs it; Bob and Charlie are members, Olga observes."""
    space = create_space(session, text=SpaceText("Pioneers"), by=alice, now=now)
    for person in (bob, charlie):
        add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
    add_person(session, space, make_person("Olga"), role=SpaceRole.OBSERVER, by=alice, now=now)
    return space


@pytest.fixture
def workshop(session, space, text, alice, now):
    return announce_workshop(session, space, text=text, by=alice, now=now)


@pytest.fixture
def told(session):
    """Who is told of the latest act on a workshop, by name."""

    def names():
        session.commit()
        acts = select(Activity).where(Activity.object_kind == "workshop").order_by(Activity.id.desc())
        activity = session.scalars(acts).first()
        rule = rule_for(activity)
        ids = recipients(session, activity, rule) if rule is not None else []
        return sorted(names_of(session, ids).values())

    return names


def test_members_are_told_answer_and_are_told_of_what_changes(
    session, space, workshop, told, text, alice, bob, charlie, make_person, now
):
    assert told() == ["Bob", "Charlie", "Olga"]
    answer_workshop(session, workshop, comes=True, by=bob, now=now)
    answer_workshop(session, workshop, comes=True, by=charlie, now=now)
    answer_workshop(session, workshop, comes=False, by=charlie, now=now)
    assert told() == [], "nobody is told of an answer"
    coming = coming_to(session, workshop)
    assert ([person.name for person in coming.people], coming.declined) == (["Bob"], 1)
    with pytest.raises(OnlyMembersCome):
        answer_workshop(session, workshop, comes=True, by=make_person("Emil"), now=now)
    change_workshop(session, workshop, text=replace(text, words="Bring two pens."), by=alice, now=now, seen=1)
    assert told() == [], "neither its hour nor its place is another"
    with pytest.raises(ChangedMeanwhile):
        change_workshop(session, workshop, text=text, by=alice, now=now, seen=1)
    change_workshop(session, workshop, text=replace(text, place="Room 5"), by=alice, now=now, seen=2)
    assert told() == ["Bob", "Olga"], "not who declined"
    assert workshops_with(session, bob) == [workshop]
    assert workshops_with(session, charlie) == []
    with pytest.raises(CancelReasonNeeded):
        cancel_workshop(session, workshop, reason=" ", by=alice, now=now)
    announced = session.scalars(select(Activity).where(Activity.object_kind == "workshop")).first()
    begun = [has_begun(session, announced, now=at) for at in (now, text.starts_at)]
    assert begun == [False, True], "its mail is overtaken"
    cancel_workshop(session, workshop, reason="The room is taken.", by=alice, now=now)
    assert not has_begun(session, announced, now=text.starts_at)
    assert told() == ["Bob", "Olga"]
    assert workshops_with(session, bob) == [workshop], "so that calendars show it as cancelled"
    for act in (
        lambda: answer_workshop(session, workshop, comes=False, by=bob, now=now),
        lambda: change_workshop(session, workshop, text=text, by=alice, now=now),
        lambda: cancel_workshop(session, workshop, reason="Again", by=alice, now=now),
    ):
        with pytest.raises(WorkshopOver):
            act()
    leave(session, membership_of(session, space, bob), by=bob, now=now)
    assert workshops_with(session, bob) == []
    assert coming_to(session, workshop).people == []


@pytest.mark.one_database
def test_what_a_workshop_needs_and_until_when(session, space, workshop, text, alice, bob, now):
    wrong = (
        ({"title": " "}, EmptyText),
        ({"place": " "}, PlaceNeeded),
        ({"starts_at": now}, StartIsPast),
        ({"ends_at": text.starts_at}, EndDoesNotFit),
        ({"ends_at": text.starts_at + timedelta(days=8)}, EndDoesNotFit),
    )
    for changed, error in wrong:
        with pytest.raises(error):
            announce_workshop(session, space, text=replace(text, **changed), by=alice, now=now)
    with pytest.raises(WorkshopOver):
        answer_workshop(session, workshop, comes=True, by=bob, now=text.starts_at)
    assert workshops_of(session, space) == [workshop]
    answer_workshop(session, workshop, comes=True, by=bob, now=now)
    asked = ask_to_erase(session, bob, contents=Contents.DELETE, by=bob, now=now)
    erase(session, asked, words=Words(name="Former member", text="Erased."), now=now)
    assert session.scalars(select(WorkshopAnswer)).all() == []
    close_space(session, space, by=alice, now=now)
    with pytest.raises(SpaceClosed):
        announce_workshop(session, space, text=text, by=alice, now=now)
