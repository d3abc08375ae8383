"""Who finds a campaign: each kind of audience against each kind of person, from both ends of the rule."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.campaigns.audience import (
    AudienceChoice,
    AudienceReasonNeeded,
    NoSpaceChosen,
    NoValueChosen,
    OnlyPublicIsVisible,
    Stage,
    StageOutOfOrder,
    StageWidensNothing,
    audience_of,
    choose_audience,
    who_sees,
)
from ideas.campaigns.draft import duplicate_campaign
from ideas.campaigns.people.team import (
    Role,
    add_to_team,
    asks_for_account,
    role_of,
    seen_together,
    visible_campaign,
    visible_campaigns,
)
from ideas.people.person import Person
from ideas.spaces.audience import Audience
from ideas.spaces.guest import Guest, admit, dismiss
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue
from ideas.spaces.space import Entry, Membership, MembershipState, Space, SpaceKind, SpaceRole

EVERYONE = {
    "visitor", "participant", "in the space", "moderates the space", "observes the space", "asked to enter", "waits",
    "in another space", "has both values", "has one value", "guest", "observer", "facilitator", "owner", "admin",
}  # fmt: skip
TEAM = {"observer", "facilitator", "owner", "admin"}
IN_SPACE = {"in the space", "moderates the space", "observes the space"}
SEES = {
    Audience.PUBLIC: EVERYONE - {"visitor"},
    Audience.MEMBERS: EVERYONE - {"visitor"},
    Audience.SPACES: TEAM | IN_SPACE | {"guest"},
    Audience.SEGMENTS: TEAM | {"has both values", "guest"},
    Audience.INVITED: TEAM | {"guest"},
}


@pytest.fixture
def values(session):
    """The value that is asked of each of two attributes, and one that is not."""
    trade, region = Attribute(name="Trade"), Attribute(name="Region")
    session.add_all([trade, region])
    session.flush()
    found = [
        AttributeValue(attribute_id=attribute.id, name=name, place=place)
        for attribute in (trade, region)
        for place, name in enumerate(("asked", "other"))
    ]
    session.add_all(found)
    session.flush()
    return {(value.attribute_id == trade.id, value.name): value for value in found}


@pytest.fixture
def spaces(session, alice, now):
    made = [
        Space(name=name, kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=12, created_by_id=alice.id, created_at=now)
        for name in ("Board", "Other")
    ]
    session.add_all(made)
    session.flush()
    session.add(_place(made[0], alice, now, role=SpaceRole.MODERATOR))
    session.commit()
    return made


@pytest.fixture
def people(session, campaign, spaces, values, make_person, alice, bob, now):
    """One person of each kind."""
    board, other = spaces
    found = {kind: make_person(f"P{number}") for number, kind in enumerate(sorted(EVERYONE - TEAM - {"visitor"}))}
    found |= {"owner": alice, "facilitator": bob, "admin": make_person("Ada", is_admin=True), "visitor": None}
    found["observer"] = make_person("Olga")
    session.add_all(
        [
            _place(board, found["in the space"], now),
            _place(board, found["moderates the space"], now, role=SpaceRole.MODERATOR),
            _place(board, found["observes the space"], now, role=SpaceRole.OBSERVER),
            _place(board, found["asked to enter"], now, state=MembershipState.REQUESTED),
            _place(board, found["waits"], now, state=MembershipState.WAITING),
            _place(other, found["in another space"], now),
        ]
    )
    for kind, names in (("has both values", ("asked", "asked")), ("has one value", ("asked", "other"))):
        for is_trade, name in zip((True, False), names, strict=True):
            value = values[is_trade, name]
            session.add(PersonValue(person_id=found[kind].id, attribute_id=value.attribute_id, value_id=value.id))
    admit(session, campaign_id=campaign.id, person=found["guest"], by=alice, now=now)
    add_to_team(session, campaign, found["observer"], role=Role.OBSERVER, by=alice, now=now)
    session.commit()
    return found


def _place(space, person, now, *, state=MembershipState.MEMBER, role=SpaceRole.MEMBER):
    return Membership(space_id=space.id, person_id=person.id, state=state, role=role, since=now)


@pytest.fixture
def stage(spaces, values):
    """What each kind of audience names."""
    named = {
        Audience.SPACES: {"spaces": [spaces[0].id]},
        Audience.SEGMENTS: {"values": [values[True, "asked"].id, values[False, "asked"].id]},
    }
    return lambda audience, **facts: Stage(audience, **named.get(audience, {}), **facts)


@pytest.fixture
def open_to(session, campaign, alice, now):
    def choose(*stages, visitors=False, **facts):
        choice = AudienceChoice(stages[0], stages[1:], visitors)
        reason = {"change_reason": "Start small"} | facts
        kept = choose_audience(session, campaign, choice=choice, by=alice, now=now, **reason)
        session.commit()
        return kept

    return choose


def seen_by(session, campaign, people, now):
    """The kinds of people who find the campaign, asked in all four ways, which agree."""
    alone = {kind for kind, person in people.items() if visible_campaign(session, campaign.id, person)}
    listed = {kind for kind, person in people.items() if campaign in visible_campaigns(session, person, now=now)}
    ids = set(session.scalars(select(Person.id).where(who_sees(campaign))))
    from_its_end = {kind for kind, person in people.items() if person is not None and person.id in ids}
    members = {person.id: kind for kind, person in people.items() if person is not None}
    together = {members[person_id] for person_id, _campaign in seen_together(session, [campaign.id], members)}
    assert alone == listed
    assert alone - {"visitor"} == from_its_end == together
    return alone


@pytest.mark.parametrize("audience", list(Audience))
def test_a_campaign_is_found_by_exactly_its_audience_its_guests_and_its_team(
    session, campaign, people, stage, open_to, now, audience
):
    open_to(stage(audience))
    assert seen_by(session, campaign, people, now) == SEES[audience]


@pytest.mark.parametrize("audience", list(Audience))
def test_a_draft_is_found_by_its_team_alone_whatever_its_audience(
    session, campaign, people, stage, open_to, now, audience
):
    campaign.announced_at = None
    open_to(stage(audience))
    assert seen_by(session, campaign, people, now) == TEAM


def test_a_visitor_finds_a_public_campaign_only_where_the_switch_is_on(session, campaign, people, stage, open_to, now):
    open_to(stage(Audience.PUBLIC), visitors=True)
    assert seen_by(session, campaign, people, now) == EVERYONE
    open_to(stage(Audience.PUBLIC))
    assert "visitor" not in seen_by(session, campaign, people, now)
    assert asks_for_account(session, campaign.id)
    open_to(stage(Audience.MEMBERS))
    assert not asks_for_account(session, campaign.id)
    with pytest.raises(OnlyPublicIsVisible):
        open_to(stage(Audience.MEMBERS), visitors=True)


def test_an_observer_of_a_space_reads_and_writes_nothing(session, campaign, people, stage, open_to):
    open_to(stage(Audience.SPACES))
    assert role_of(session, campaign, people["observes the space"]) is Role.READER
    assert role_of(session, campaign, people["in the space"]) is Role.PARTICIPANT
    assert role_of(session, campaign, people["guest"]) is Role.PARTICIPANT
    assert role_of(session, campaign, people["facilitator"]) is Role.FACILITATOR


@pytest.mark.parametrize("later", [Audience.SPACES, Audience.SEGMENTS, Audience.MEMBERS, Audience.PUBLIC])
def test_a_later_stage_opens_at_its_date_by_the_clock_of_the_server(
    session, campaign, people, stage, open_to, now, later
):
    # `now` is when the tests began: on a slow machine that is more than an hour ago.
    open_to(stage(Audience.INVITED), stage(later, opens_at=now + timedelta(days=1)))
    assert seen_by(session, campaign, people, now) == SEES[Audience.INVITED]
    open_to(stage(Audience.INVITED), stage(later, opens_at=now - timedelta(seconds=2)))
    assert seen_by(session, campaign, people, now) == SEES[later]


def test_a_public_last_stage_shows_the_campaign_to_visitors_from_its_date_on(
    session, campaign, people, stage, open_to, now
):
    open_to(stage(Audience.SPACES), stage(Audience.PUBLIC, opens_at=now + timedelta(days=1)), visitors=True)
    assert seen_by(session, campaign, people, now) == SEES[Audience.SPACES]
    open_to(stage(Audience.SPACES), stage(Audience.PUBLIC, opens_at=now - timedelta(days=1)), visitors=True)
    assert seen_by(session, campaign, people, now) == EVERYONE


def test_stages_come_in_order_and_each_opens_to_somebody_new(stage, open_to, now):
    tomorrow, later = now + timedelta(days=1), now + timedelta(days=2)
    for stages, refusal in (
        ([stage(Audience.INVITED), stage(Audience.SPACES)], StageOutOfOrder),
        ([stage(Audience.INVITED), stage(Audience.SPACES, opens_at=later), stage(Audience.PUBLIC, opens_at=tomorrow)],
         StageOutOfOrder),
        ([stage(Audience.PUBLIC), stage(Audience.SPACES, opens_at=tomorrow)], StageWidensNothing),
        ([stage(Audience.SPACES), stage(Audience.MEMBERS, opens_at=tomorrow), stage(Audience.SPACES, opens_at=later)],
         StageWidensNothing),
    ):  # fmt: skip
        with pytest.raises(refusal):
            open_to(*stages)


def test_spaces_and_values_that_nobody_chose_or_that_do_not_exist_are_refused(open_to):
    for stage, refusal in (
        (Stage(Audience.SPACES), NoSpaceChosen),
        (Stage(Audience.SPACES, spaces=[987_654]), NoSpaceChosen),
        (Stage(Audience.SEGMENTS), NoValueChosen),
        (Stage(Audience.SEGMENTS, values=[987_654]), NoValueChosen),
    ):
        with pytest.raises(refusal):
            open_to(stage)


def test_a_private_space_of_others_cannot_be_named(session, spaces, open_to):
    """Alice is in the board, not in the other one: its number in a made-up form finds nothing."""
    with pytest.raises(NoSpaceChosen):
        open_to(Stage(Audience.SPACES, spaces=[spaces[1].id]))


def test_once_announced_a_change_needs_a_reason_that_stays_in_the_log(session, campaign, stage, open_to):
    with pytest.raises(AudienceReasonNeeded):
        open_to(stage(Audience.MEMBERS), change_reason=" ")
    open_to(stage(Audience.SPACES), change_reason="The board first")
    [act] = session.scalars(select(Activity).where(Activity.verb == Verb.CHANGED, Activity.object_kind == "campaign"))
    assert act.reason == "The board first"
    assert (act.before["audience"], act.after["audience"]) == ("public", "spaces")
    assert act.after["spaces"]


def test_choosing_the_same_again_asks_no_reason_and_records_nothing(session, campaign, stage, open_to):
    open_to(stage(Audience.MEMBERS))
    acts = len(session.scalars(select(Activity)).all())
    open_to(stage(Audience.MEMBERS), change_reason="")
    assert len(session.scalars(select(Activity)).all()) == acts


def test_of_two_who_choose_at_once_the_second_is_told(session, campaign, stage, open_to):
    seen = campaign.audience_version
    open_to(stage(Audience.MEMBERS), seen=seen)
    with pytest.raises(ChangedMeanwhile):
        open_to(stage(Audience.INVITED), seen=seen)


def test_whoever_took_part_stays_when_the_audience_becomes_narrower(
    session, campaign, people, make_idea, stage, open_to, now
):
    writer, drafter, stranger = (people[kind] for kind in ("participant", "waits", "has one value"))
    make_idea(campaign, writer, "One click")
    make_idea(campaign, drafter, "Not sent yet", submitted_at=None)
    make_idea(campaign, people["in the space"], "Two clicks")
    assert open_to(stage(Audience.SPACES)) == 2
    assert seen_by(session, campaign, people, now) == SEES[Audience.SPACES] | {"participant", "waits"}
    assert visible_campaign(session, campaign.id, stranger) is None
    kept = session.scalars(select(Guest).where(Guest.kept)).all()
    assert {guest.person_id for guest in kept} == {writer.id, drafter.id}
    assert open_to(stage(Audience.INVITED)) == 1, "the member of the space, now; nobody twice"


def test_admitting_twice_makes_one_guest_and_dismissing_ends_it(session, campaign, people, stage, open_to, alice, now):
    open_to(stage(Audience.INVITED))
    guest = people["guest"]
    again = admit(session, campaign_id=campaign.id, person=guest, by=alice, now=now)
    assert session.scalars(select(Guest)).all() == [again]
    dismiss(session, again, by=alice, now=now)
    session.commit()
    assert visible_campaign(session, campaign.id, guest) is None


def test_a_copy_is_open_to_whom_the_campaign_was_open_first(session, campaign, people, stage, open_to, alice, now):
    open_to(stage(Audience.SPACES), stage(Audience.PUBLIC, opens_at=now), visitors=True)
    copy = duplicate_campaign(session, campaign, title="Again", by=alice, now=now)
    assert copy.audience is Audience.SPACES
    assert audience_of(session, copy).first.spaces == tuple(stage(Audience.SPACES).spaces)
    assert not copy.open_to_visitors
    assert audience_of(session, copy).later == ()
