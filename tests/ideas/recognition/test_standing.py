"""Standings: who is listed, in which rank, and that nobody is shown to be last."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from ideas.activity.activity import Activity
from ideas.campaigns.people.team import Role, add_to_team
from ideas.contributions.comment import add_comment, withdraw_comment
from ideas.contributions.idea import Idea, withdraw_idea
from ideas.contributions.vote import Vote
from ideas.people.person import Motivation, choose_motivation
from ideas.recognition.facts import PointAct, Scope
from ideas.recognition.group_standing import attribute_of_space, group_standing, space_group_standing
from ideas.recognition.points import totals
from ideas.recognition.settings import AttributeGone, set_motivation
from ideas.recognition.standing import (
    NEWCOMER,
    PAGE_SIZE,
    Board,
    Period,
    campaign_standing,
    own_ranks,
    period_start,
    space_standing,
)
from ideas.spaces.audience import Audience, AudienceSpace
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person
from ideas.spaces.profile import delete_attribute
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue
from ideas.spaces.space import SpaceRole


@pytest.fixture
def standing(session, campaign, now):
    """The standing of the campaign as (name, points, rank)."""

    def read(board=Board.ACTIVITY, *, since=None, reader=None, after=None):
        found = campaign_standing(session, campaign, board=board, since=since, now=now, reader=reader, after=after)
        return found, [(row.name, row.points, row.rank) for row in found.rows]

    return read


@pytest.fixture
def wrote(session, campaign, make_person, make_ideas, now):
    """People by name, each with this many ideas, and so ten points for each."""

    def write(**numbers):
        found = {name: make_person(name) for name in numbers}
        for name, number in numbers.items():
            make_ideas(campaign, found[name], [{"body": f"{name} {place}"} for place in range(number)])
        return found

    return write


def test_the_first_half_is_listed_and_who_is_equal_shares_a_rank(standing, wrote, count_queries):
    people = wrote(Ann=3, Ben=5, Cleo=3, Dan=2, Eve=1, Fay=1)
    assert standing()[1] == [("Ben", 50, 1), ("Ann", 30, 2), ("Cleo", 30, 2)]
    found, _rows = standing(reader=people["Eve"])
    assert (found.people, found.own.rank, found.own.points, found.after) == (6, 5, 10, None)
    assert count_queries(standing) == 1


def test_points_are_whole_numbers_that_the_database_adds_up_quickly(session, campaign, wrote, make_idea, now):
    people = wrote(Ann=1, Ben=1)
    session.add(Vote(idea_id=make_idea(campaign, people["Ann"], "More").id, person_id=people["Ben"].id, created_at=now))
    session.commit()
    found = session.execute(totals(Scope(campaign.id))).all()
    assert sorted((points, type(points)) for _person, points in found) == [(11, int), (22, int)]


def test_nobody_is_shown_to_be_last(standing, wrote, make_person, make_ideas, campaign):
    wrote(Ann=2, Ben=1, Cleo=1, Dan=1)
    assert not standing()[0].is_shown  # with four people, the second of two would be among the last
    make_ideas(campaign, make_person("Eve"), [{"body": "One"}])
    found, rows = standing()
    assert found.is_shown
    assert rows == [("Ann", 20, 1)]  # the others share the second rank, and the last one


def test_equals_are_all_first_page_after_page(standing, wrote):
    names = [f"P{number:02}" for number in range(PAGE_SIZE + 3)]
    wrote(**dict.fromkeys(names, 1))
    first, rows = standing()
    assert [name for name, _points, _rank in rows] == names[:PAGE_SIZE]
    second, more = standing(after=first.after)
    assert [name for name, _points, _rank in more] == names[PAGE_SIZE:]
    assert {rank for _name, _points, rank in rows + more} == {1}
    assert second.after is None


def test_who_leaves_the_standing_is_in_none_at_once(session, standing, wrote, alice, campaign, now):
    people = wrote(Ann=6, Ben=5, Cleo=4, Dan=3, Eve=2, Fay=1)
    for motivation in (Motivation.PRIVATE, Motivation.OFF):
        choose_motivation(people["Ann"], motivation)
        session.commit()
        found, rows = standing(reader=people["Ann"])
        assert (rows, found.own) == ([("Ben", 50, 1), ("Cleo", 40, 2)], None)
    add_to_team(session, campaign, people["Ben"], role=Role.MODERATOR, by=alice, now=now)
    choose_motivation(people["Ann"], Motivation.LISTED)
    people["Cleo"].erased_at = now
    session.commit()
    assert standing()[0].people == 4
    assert not standing()[0].is_shown


def test_a_person_reads_the_rank_that_they_have_or_would_have_if_they_were_listed(
    session, standing, wrote, campaign, make_campaign, alice, count_queries
):
    people = wrote(Ann=6, Ben=5, Cleo=4, Dan=4, Eve=2, Fay=1)
    campaigns = [campaign, make_campaign(has_standings=False), make_campaign(title="Nobody wrote")]

    def rank(name):
        return [rank for _campaign, rank in own_ranks(session, people[name], campaigns)]

    assert [rank(name) for name in people] == [[1], [2], [3], [3], [5], [6]]
    assert standing(reader=people["Dan"])[0].own.rank == 3
    choose_motivation(people["Cleo"], Motivation.PRIVATE)
    session.commit()
    assert (rank("Cleo"), rank("Dan"), rank("Eve")) == ([3], [3], [4])
    assert own_ranks(session, alice, campaigns) == [], "of the team"
    choose_motivation(people["Ann"], Motivation.OFF)
    session.commit()
    assert rank("Ben") == [], "four are listed"


def test_support_and_newcomers_have_standings_of_their_own(
    session, standing, wrote, make_ideas, make_person, campaign, alice, now
):
    people = wrote(Ann=5, Ben=4, Cleo=3, Dan=2, Eve=1)
    people["Ann"].created_at = now - timedelta(days=91)
    session.commit()
    assert standing(Board.NEWCOMERS)[0].people == 4
    fans = [make_person(f"Fan {number}") for number in range(3)]
    ideas = {name: make_ideas(campaign, person, [{"body": "Good"}])[0] for name, person in people.items()}
    for name, idea in ideas.items():
        count = {"Eve": 3, "Dan": 2}.get(name, 1)
        session.add_all(Vote(idea_id=idea.id, person_id=fan.id, created_at=now) for fan in fans[:count])
    session.commit()
    assert standing(Board.SUPPORT)[1] == [("Eve", 3, 1), ("Dan", 2, 2)]
    withdraw_idea(session, ideas["Eve"], by=people["Eve"], now=now)
    session.commit()
    assert standing(Board.SUPPORT)[0].people == 4
    facts = {"by": alice, "now": now, "change_reason": "No race."}
    set_motivation(session, campaign, values=dict.fromkeys(PointAct, 0), has_standings=True, **facts)
    assert standing()[0].people == 0


def test_mentions_have_a_standing_where_each_writer_counts_once_for_each_person_named(
    session, standing, campaign, make_idea, make_person, alice, charlie, now
):
    people = [make_person(f"P{number}") for number in range(5)]
    idea, hidden = make_idea(campaign, charlie, "More buses"), make_idea(campaign, charlie, "Gone")
    for writer in (charlie, alice):
        add_comment(session, idea, author=writer, body="@P0, @P1 and @P2: yes.", now=now)
    for writer in (charlie, people[0]):  # again, and of themselves
        add_comment(session, idea, author=writer, body="@P0, @P3, @P4 and @Alice: no.", now=now)
    add_comment(session, hidden, author=people[1], body="@P3 again", now=now)
    gone = add_comment(session, idea, author=people[1], body="@P0 too", now=now)
    withdraw_comment(session, gone, by=people[1], now=now)
    withdraw_idea(session, hidden, by=charlie, now=now)
    session.commit()
    assert standing(Board.MENTIONS)[1] == [(f"P{number}", 2, 1) for number in range(5)]
    add_comment(session, idea, author=people[4], body="@P0!", now=now)
    session.commit()
    assert standing(Board.MENTIONS)[1] == [("P0", 3, 1)]
    assert standing(Board.MENTIONS, since=now + timedelta(seconds=1))[0].people == 0


def test_a_period_begins_at_midnight_in_the_zone_of_the_site(standing, make_person, make_ideas, campaign):
    at = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # the first of April in Paris, after a change of clocks
    paris, new_york = "Europe/Paris", "America/New_York"
    assert period_start(Period.MONTH, now=at, zone=paris) == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert period_start(Period.MONTH, now=at, zone=new_york) == datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert period_start(Period.WEEK, now=at, zone=paris) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert period_start(Period.ALL, now=at, zone=paris) is None
    since = period_start(Period.MONTH, now=at, zone=paris)
    for number in range(5):
        before, after = since - timedelta(seconds=1), since
        bodies = [{"body": "Before", "submitted_at": before}, {"body": "After", "submitted_at": after}]
        make_ideas(campaign, make_person(f"P{number}"), bodies[: 1 + (number > 0)])
    assert standing()[0].people == 5
    assert standing(since=since)[0].people == 4


def test_groups_of_five_listed_people_are_compared_by_the_mean_of_each_person(
    session, wrote, campaign, draft_campaign, alice, count_queries, now
):
    attribute = Attribute(
        name="Department", values=[AttributeValue(name=name) for name in ("Care", "Office", "IT", "Garden", "Lab")]
    )
    session.add(attribute)
    people = wrote(**{f"P{number}": 1 for number in range(20)}, Lone=1)
    session.flush()
    values = [value.id for value in attribute.values]
    for number, person in enumerate(people.values()):
        session.add(PersonValue(person_id=person.id, attribute_id=attribute.id, value_id=values[number // 5]))
    session.flush()

    def shown(since=None, until=now + timedelta(seconds=2)):
        return group_standing(session, campaign, since=since, until=until)

    def groups(since=None):
        return [(one.name, one.mean, one.people, one.rank) for one in shown(since)]

    assert groups() == [], "the campaign compares none"
    campaign.standing_attribute_id = attribute.id
    session.flush()
    assert groups() == [(name, 10, 5, 1) for name in ("Care", "Garden", "IT", "Office")], "a group of one is not shown"
    facts = {"campaign": campaign, "body": "More", "created_at": now, "updated_at": now, "submitted_at": now}
    session.add_all(Idea(author=people[name], **facts) for name in ("P5", "P5", "P10"))
    session.flush()
    assert groups() == [("Office", 14, 5, 1), ("IT", 12, 5, 2)], "none is shown to be last"
    assert count_queries(groups) == 1
    assert shown(until=now - timedelta(days=9)) == [], "what was done since midnight does not count yet"
    attribute.chosen = False
    session.flush()
    assert groups() == [], "members did not choose it"
    with pytest.raises(AttributeGone):
        set_motivation(
            session, draft_campaign, values={}, has_standings=True, by=alice, now=now, groups_by=attribute.id
        )
    attribute.chosen = True
    session.flush()
    choose_motivation(people["P0"], Motivation.PRIVATE)
    session.flush()
    assert [name for name, *_rest in groups()] == ["Office"], "Care has four, who are too few, and so three are left"
    choose_motivation(people["P15"], Motivation.PRIVATE)
    session.flush()
    assert groups() == [], "the second of two groups would be known to be last"
    assert groups(since=now + timedelta(seconds=1)) == []
    facts = {"values": {}, "has_standings": True, "by": alice, "now": now}
    with pytest.raises(AttributeGone):
        set_motivation(session, draft_campaign, **facts, groups_by=attribute.id + 1)
    set_motivation(session, draft_campaign, **facts, groups_by=attribute.id)
    session.commit()
    logged = session.scalars(select(Activity).where(Activity.campaign_id == draft_campaign.id)).all()[-1]
    assert logged.after["groups_by"] == "Department"
    alice.is_admin = True
    delete_attribute(session, attribute, by=alice, now=now)
    session.expire_all()
    assert (groups(), draft_campaign.standing_attribute_id) == ([], None)


def test_a_space_sums_up_its_campaigns_for_the_people_in_it(
    session, wrote, campaign, make_campaign, make_ideas, alice, now
):
    people = wrote(Ann=1, Ben=2, Cleo=3, Dan=4, Eve=5, Fay=9)
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    hidden, other = make_campaign(has_standings=False), make_campaign(title="Second")
    for one in (campaign, hidden, other):
        session.add(AudienceSpace(campaign_id=one.id, number=0, space_id=space.id))
        make_ideas(one, people["Ann"], [{"body": "More"}] * 5)
    draft = make_campaign(announced_at=None, audience=Audience.SPACES)
    session.add(AudienceSpace(campaign_id=draft.id, number=0, space_id=space.id))
    make_ideas(draft, people["Ben"], [{"body": "Secret"}] * 9)
    for name in ("Ann", "Ben", "Cleo", "Dan", "Eve"):
        add_person(session, space, people[name], role=SpaceRole.MEMBER, by=alice, now=now)
    session.commit()
    facts = {"board": Board.ACTIVITY, "since": None, "now": now, "reader": people["Eve"]}
    found = space_standing(session, space, **facts)
    assert [(row.name, row.points) for row in found.rows] == [("Ann", 110), ("Eve", 50)]
    week = now - timedelta(days=7)
    assert space_standing(session, space, **facts | {"since": week}).own.points == 50
    assert space_standing(session, space, **facts | {"since": now + timedelta(seconds=1)}).own is None


@pytest.mark.parametrize("board", [Board.SUPPORT, Board.MENTIONS, Board.NEWCOMERS])
def test_each_board_of_a_space_counts_its_campaigns_alone(
    session, campaign, make_campaign, make_idea, alice, now, board, wrote
):
    people = wrote(Ann=1, Ben=1, Cleo=1, Dan=1, Eve=1, Fay=1)
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    session.add(AudienceSpace(campaign_id=campaign.id, number=0, space_id=space.id))
    *members, outsider = people.values()
    for person in members:
        add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
    elsewhere = make_campaign(title="Of another space")
    for number, (person, place) in enumerate(
        [(person, campaign) for person in people.values()] + [(members[1], elsewhere)] * 3
    ):
        idea = make_idea(place, person, f"Number {number}")
        session.add(Vote(idea_id=idea.id, person_id=alice.id, created_at=now))
        add_comment(session, idea, author=alice if number % 2 else outsider, body=f"@{person.name}: yes.", now=now)
    extra = make_idea(campaign, members[0], "One more")
    session.add(Vote(idea_id=extra.id, person_id=alice.id, created_at=now))
    add_comment(session, extra, author=alice, body=f"@{members[0].name}: again.", now=now)
    session.commit()
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(session.connection(), "before_cursor_execute", note)
    found = space_standing(session, space, board=board, since=None, now=now, reader=members[1])
    event.remove(session.connection(), "before_cursor_execute", note)
    [statement] = [one for one in statements if "ranks" in one]
    assert statement.count("FROM guest") == 1, "which campaigns the reader sees is asked once"
    assert (found.people, [row.name for row in found.rows]) == (5, ["Ann"])
    members[0].created_at = now - 2 * NEWCOMER
    session.commit()
    found = space_standing(session, space, board=board, since=None, now=now, reader=members[1])
    assert found.people == (4 if board is Board.NEWCOMERS else 5)


def test_a_space_compares_by_what_most_of_its_campaigns_compare_by_and_counts_these_alone(
    session, campaign, make_campaign, make_ideas, wrote, alice, count_queries, now
):
    names = ("Care", "Office", "IT")
    attribute = Attribute(name="Department", values=[AttributeValue(name=name) for name in names])
    other = Attribute(name="Town", values=[AttributeValue(name="Paris")])
    session.add_all([other, attribute])
    people = wrote(**{f"P{number:02}": 1 for number in range(16)})
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    session.flush()
    second, third = make_campaign(title="Second"), make_campaign(title="Third")
    for one in (campaign, second, third):
        session.add(AudienceSpace(campaign_id=one.id, number=0, space_id=space.id))
    for number, (name, person) in enumerate(people.items()):
        value = attribute.values[min(number // 5, 2)]
        session.add(PersonValue(person_id=person.id, attribute_id=attribute.id, value_id=value.id))
        if name != "P15":
            add_person(session, space, person, role=SpaceRole.MEMBER, by=alice, now=now)
    make_ideas(second, people["P05"], [{"body": "More"}] * 2)
    make_ideas(third, people["P00"], [{"body": "Elsewhere"}] * 9)
    make_ideas(campaign, people["P15"], [{"body": "Outside"}] * 9)
    reader, until = people["P00"], now + timedelta(seconds=1)

    def groups(by):
        found = space_group_standing(session, space, by, since=None, until=until, reader=reader)
        return [(one.name, one.mean, one.people, one.rank) for one in found]

    assert attribute_of_space(session, space, reader) is None
    third.standing_attribute_id = other.id
    session.commit()
    assert attribute_of_space(session, space, reader) is other
    campaign.standing_attribute_id = second.standing_attribute_id = attribute.id
    session.commit()
    assert attribute_of_space(session, space, reader) is attribute
    assert groups(attribute) == [("Office", 14, 5, 1)]
    assert count_queries(lambda: groups(attribute)) == 1
    attribute.chosen = False
    session.commit()
    assert (attribute_of_space(session, space, reader), groups(attribute)) == (other, [])
