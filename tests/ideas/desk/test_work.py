"""Who takes care of a theme, by when, its tags and notes; what becomes of them when themes are merged and split."""

import unicodedata
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.answers.assigned import kept_themes, record_due_themes
from ideas.answers.decision import DecisionStatus
from ideas.campaigns.people.team import Role, add_to_team, remove_from_team
from ideas.desk.note import NotYourNote, delete_note, notes_on, write_note
from ideas.desk.work import (
    MAX_CAMPAIGN_TAGS,
    MAX_TAGS,
    Change,
    DueInThePast,
    NotAnAssignee,
    ThemeWork,
    TooManyCampaignTags,
    TooManyTags,
    assignable,
    change_themes,
    set_work,
    tags_in,
    today_of,
    work_in,
)
from ideas.errors import Conflict, TooLong
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rule_for
from ideas.themes.edits.edit import merge_themes, split_theme
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement
from ideas.themes.runs.accept import accept
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.proposal import open_proposal


@pytest.fixture
def buses(campaign, make_theme):
    return make_theme(campaign, "Buses", bodies=["A bus on Sunday", "A night bus", "A small bus"])


@pytest.fixture
def trees(campaign, make_theme):
    return make_theme(campaign, "Trees", bodies=["A lime tree", "An oak"])


@pytest.fixture
def tomorrow(alice, now):
    return today_of(alice, now) + timedelta(days=1)


@pytest.fixture
def give(session, alice, now):
    """Give a theme its work."""

    def give(theme, assignee=None, due_on=None, *tags, by=alice, at=now, seen=None):
        set_work(session, theme, assignee=assignee, due_on=due_on, tags=tags, by=by, now=at, seen=seen)

    return give


@pytest.fixture
def read(session, campaign):
    """The work on a theme as plain values."""

    def read(theme):
        work = work_in(session, [campaign.id]).get(theme.id)
        return (work.assignee, work.due_on, work.tags) if work is not None else None

    return read


@pytest.fixture
def told(session):
    """Whom each act on the work of themes tells, in their order."""

    def told():
        session.commit()
        acts = session.scalars(select(Activity).where(Activity.object_kind == "theme_work").order_by(Activity.id))
        found = [(act.verb, recipients(session, act, rule)) for act in acts if (rule := rule_for(act))]
        return [(verb, people) for verb, people in found if people]

    return told


def test_a_theme_is_given_to_who_may_answer_it(
    session, campaign, buses, give, read, told, make_person, alice, bob, charlie, tomorrow, now
):
    observer = make_person("Olga")
    add_to_team(session, campaign, observer, role=Role.OBSERVER, by=alice, now=now)
    assert [person.name for person in assignable(session, campaign)] == ["Alice", "Bob"]
    for nobody in (observer, charlie):
        with pytest.raises(NotAnAssignee):
            give(buses, nobody)
    with pytest.raises(DueInThePast):
        give(buses, bob, now.date() - timedelta(days=2))
    give(buses, bob, tomorrow, "Sunday", " sunday ", "Night  line", "")
    assert read(buses) == ("Bob", tomorrow, ("Sunday", "Night line"))
    give(buses, bob, tomorrow, "SUNDAY", "Night line")  # the same again is no act
    give(buses, bob, tomorrow, "Sunday")
    remove_from_team(session, campaign, bob, by=alice, now=now)
    give(buses, bob, None, "Sunday")  # who has left the team stays named until someone else is chosen
    give(buses, alice, None, "Sunday")
    assert told() == []  # Bob is gone, and Alice gave it to herself
    acts = session.scalars(select(Activity.verb).where(Activity.object_kind == "theme_work").order_by(Activity.id))
    assert list(acts) == [Verb.ASSIGNED, Verb.CHANGED, Verb.CHANGED, Verb.ASSIGNED]
    first = session.scalar(select(Activity).where(Activity.verb == Verb.ASSIGNED).order_by(Activity.id))
    assert (first.object_id, first.before["assignee_id"], first.after["assignee_id"]) == (buses.id, None, bob.id)


def test_tags_are_few(session, campaign, buses, trees, give, read, alice, now, make_theme):
    with pytest.raises(TooLong):
        give(buses, None, None, "x" * 31)
    with pytest.raises(TooManyTags):
        give(buses, None, None, *map(str, range(MAX_TAGS + 1)))
    for first in range(0, MAX_CAMPAIGN_TAGS, MAX_TAGS):
        give(make_theme(campaign, f"Theme {first}"), None, None, *(f"tag {first + i}" for i in range(MAX_TAGS)))
    with pytest.raises(TooManyCampaignTags):
        give(trees, None, None, "one more")
    give(trees, None, None, "TAG 0")
    assert read(trees)[2] == ("tag 0",)
    assert len(tags_in(work_in(session, [campaign.id]).values())) == MAX_CAMPAIGN_TAGS
    assert trees.id not in kept_themes(session, campaign)  # a tag alone holds no theme


def test_the_same_tag_composed_and_decomposed_is_one(session, campaign, buses, trees, give, read):
    composed, decomposed = (unicodedata.normalize(form, "Été à vélo") for form in ("NFC", "NFD"))
    assert composed != decomposed
    give(buses, None, None, composed, decomposed)
    give(trees, None, None, decomposed)
    assert read(buses)[2] == read(trees)[2] == (composed,)
    assert tags_in(work_in(session, [campaign.id]).values()) == [composed]


def test_of_two_people_at_once_the_second_sees_what_the_first_saved(session, campaign, buses, give, read, alice, bob):
    give(buses, bob, None, "x", seen=0)
    stamp = work_in(session, [campaign.id])[buses.id].stamp
    with pytest.raises(ChangedMeanwhile):
        give(buses, alice, seen=0)
    give(buses, bob, None, "x", seen=0)  # what they want is there already
    give(buses, alice, seen=stamp)
    assert read(buses) == ("Alice", None, ())


def test_several_themes_at_once(
    session, campaign, buses, trees, give, read, told, make_theme, alice, bob, tomorrow, now
):
    benches, gone = make_theme(campaign, "Benches"), make_theme(campaign, "Gone")
    give(benches, alice, None, "a", "b", "c", "d", "e")
    give(trees, None, None, "old")
    gone.retired_at = now
    change = Change(assigns=True, assignee=bob, sets_day=True, due_on=tomorrow, add=("new",), remove=("OLD",))
    refused = change_themes(
        session, campaign, [buses, trees, benches, gone], change, by=alice, now=now, seen={buses.id: 0, trees.id: 7}
    )
    assert [(one.theme.name, type(one.error)) for one in refused] == [
        ("Trees", ChangedMeanwhile), ("Benches", TooManyTags), ("Gone", Conflict),
    ]  # fmt: skip
    assert read(buses) == ("Bob", tomorrow, ("new",))
    assert read(trees) == ("", None, ("old",))
    change_themes(session, campaign, [trees, benches], Change(assigns=True, assignee=bob), by=alice, now=now, seen={})
    assert told() == [(Verb.ASSIGNED, [bob.id]), (Verb.ASSIGNED, [bob.id])]  # once for each time
    acts = session.scalars(select(Activity).where(Activity.verb == Verb.ASSIGNED).order_by(Activity.id)).all()
    named = [act.after.get("themes") for act in acts]
    assert named == [[benches.id], [buses.id], [trees.id, benches.id], None]


def test_a_merge_brings_the_work_together_and_its_undoing_gives_it_back(
    session, campaign, buses, trees, give, read, make_theme, alice, bob, tomorrow, now
):
    benches = make_theme(campaign, "Benches", bodies=["A bench"])
    late = tomorrow + timedelta(days=9)
    give(trees, bob, late, "green")
    give(benches, alice, tomorrow, "sit", "green")
    write_note(session, benches, body="Ask the parks office.", by=bob, now=now)
    merged = merge_themes(session, buses, others=[trees, benches], by=alice, now=now)
    assert read(buses) == ("Alice", tomorrow, ("green", "sit"))  # it had none: of the one that is due first
    assert [(one.note.body, one.of) for one in notes_on(session, buses)] == [("Ask the parks office.", "Benches")]
    undo_edit(session, merged, by=alice, now=now)
    assert (read(buses), notes_on(session, buses)) == (None, [])
    assert (read(trees), read(benches)) == (("Bob", late, ("green",)), ("Alice", tomorrow, ("sit", "green")))

    give(buses, bob, None, "road")
    first = merge_themes(session, trees, others=[benches], by=alice, now=now)
    second = merge_themes(session, buses, others=[trees], by=alice, now=now)
    assert read(buses) == ("Bob", None, ("road", "green", "sit"))
    stamp = work_in(session, [campaign.id])[buses.id].stamp
    give(buses, alice, late, "road", seen=stamp)  # people decide after the merge: this holds, tags are not brought back
    assert read(buses) == ("Alice", late, ("road",))
    undo_edit(session, second, by=alice, now=now)
    assert read(buses) == ("Alice", late, ("road",))
    assert read(trees) == ("Bob", late, ("green", "sit"))
    undo_edit(session, first, by=alice, now=now)
    assert read(trees) == ("Bob", late, ("green",))


def test_a_split_leaves_the_work_where_it_was(session, campaign, buses, give, read, alice, bob, tomorrow, now):
    give(buses, bob, tomorrow, "road")
    ideas = session.scalars(select(Placement.idea_id).where(Placement.theme_id == buses.id)).all()
    edit = split_theme(session, buses, idea_ids=ideas[:1], name="Sunday", by=alice, now=now)
    new = next(theme for theme in edit.after.themes if theme != buses.id)
    works = work_in(session, [campaign.id])
    assert (read(buses), new in works) == (("Bob", tomorrow, ("road",)), False)
    sunday = session.get_one(type(buses), new)
    write_note(session, sunday, body="Drivers are few.", by=bob, now=now)
    undo_edit(session, edit, by=alice, now=now)
    assert read(buses) == ("Bob", tomorrow, ("road",))
    assert [(one.note.body, one.of) for one in notes_on(session, buses)] == [("Drivers are few.", "Sunday")]


def test_work_goes_on_from_run_to_run(session, campaign, themes, ideas, found, give, read, alice, bob, tomorrow, now):
    buses, bicycles, _fares = themes
    give(buses, bob, tomorrow, "road")
    give(bicycles, bob, tomorrow)
    result = found({buses.id: ideas[:6], 9: ideas[6:]})  # it finds no bicycles
    proposed = apply_or_propose(session, campaign, result, now=now, keep=kept_themes(session, campaign))
    assert proposed.applied_at is None  # it waits for a manager
    accept(session, open_proposal(session, campaign), keep=kept_themes(session, campaign), by=alice, now=now)
    assert bicycles.retired_at is None
    assert (read(buses), read(bicycles)) == (("Bob", tomorrow, ("road",)), ("Bob", tomorrow, ()))
    bob.erased_at = now
    assert read(buses) == ("", tomorrow, ("road",))  # an account that is gone takes care of nothing


def test_notes_are_kept_for_the_team(session, campaign, buses, trees, alice, bob, now):
    note = write_note(session, buses, body=" Called the operator.\n", by=bob, now=now)
    write_note(session, buses, body="They call back.", by=alice, now=now)
    assert [one.note.body for one in notes_on(session, buses)] == ["They call back.", "Called the operator."]
    assert notes_on(session, trees) == []
    assert kept_themes(session, campaign) == {buses.id}
    with pytest.raises(NotYourNote):
        delete_note(session, note, by=alice, now=now)
    delete_note(session, note, by=bob, now=now)
    session.commit()
    assert [one.note.body for one in notes_on(session, buses)] == ["They call back."]
    acts = session.scalars(select(Activity).where(Activity.object_kind == "theme_note").order_by(Activity.id)).all()
    assert [act.verb for act in acts] == [Verb.CREATED, Verb.CREATED, Verb.DELETED]
    assert "operator" not in str([(act.before, act.after, act.reason) for act in acts])  # the log keeps no words of it
    trees.retired_at = now
    with pytest.raises(Conflict):
        write_note(session, trees, body="x", by=bob, now=now)


def test_an_assignee_is_reminded_before_the_day_and_the_owner_told_some_days_after(
    session, campaign, buses, trees, give, told, give_answer, make_theme, alice, bob, tomorrow, now
):
    benches, walls, paths = (make_theme(campaign, name) for name in ("Benches", "Walls", "Paths"))
    due, day = tomorrow + timedelta(days=4), timedelta(days=1)
    for theme in (buses, trees, benches, walls):
        give(theme, bob, due, by=bob)
    give(paths, None, due, by=bob)
    bob.timezone = "Pacific/Honolulu"
    give_answer(benches)
    give_answer(walls, status=DecisionStatus.PENDING, expected_on=tomorrow, reason="")
    midnight = datetime.combine(due, time(), UTC)
    assert record_due_themes(session, now=midnight - 2 * day + timedelta(hours=5)) == 0  # not that day in Hawaii
    merge_themes(session, paths, others=[trees], by=alice, now=now)
    assert record_due_themes(session, now=midnight - 2 * day + timedelta(hours=11)) == 2  # Paths is nobody's
    assert told() == [(Verb.REMINDED, [bob.id])]
    act = session.scalars(select(Activity).where(Activity.verb == Verb.REMINDED).order_by(Activity.id)).first()
    assert (act.actor_id, act.after["themes"], act.after["is_late"]) == (None, [buses.id, walls.id], False)
    assert record_due_themes(session, now=midnight + 2 * day) == 0
    late = midnight + 3 * day + timedelta(hours=11)
    assert (record_due_themes(session, now=late), record_due_themes(session, now=late + day)) == (3, 0)
    # Bob and the owner of the two; the owner of what is nobody's.
    assert told()[1:] == [(Verb.REMINDED, sorted([alice.id, bob.id])), (Verb.REMINDED, [alice.id])]
    later = due + 9 * day
    give(buses, bob, later, by=bob)
    assert record_due_themes(session, now=midnight + 8 * day) == 1
    assert session.get(ThemeWork, buses.id).reminded_for == later


def test_what_a_merge_brought_is_reminded_of_too(
    session, campaign, buses, trees, give, told, alice, bob, tomorrow, now
):
    give(trees, bob, tomorrow, by=bob)
    edit = merge_themes(session, buses, others=[trees], by=alice, now=now)
    late = now + timedelta(days=3)
    assert (record_due_themes(session, now=late), record_due_themes(session, now=late)) == (1, 0)
    assert told() == [(Verb.REMINDED, [bob.id])]
    act = session.scalars(select(Activity).where(Activity.verb == Verb.REMINDED)).one()
    assert (act.after["themes"], act.after["is_late"]) == ([buses.id], True)
    undo_edit(session, edit, by=alice, now=now)
    assert record_due_themes(session, now=late) == 0


def test_the_owner_is_told_of_what_is_assigned_to_who_left_the_team(
    session, campaign, buses, give, told, alice, bob, tomorrow, now
):
    give(buses, bob, tomorrow, by=bob)
    remove_from_team(session, campaign, bob, by=alice, now=now)
    assert record_due_themes(session, now=now + timedelta(days=3)) == 0
    late = now + timedelta(days=5)
    assert (record_due_themes(session, now=late), record_due_themes(session, now=late)) == (1, 0)
    assert told() == [(Verb.REMINDED, [alice.id])]
    add_to_team(session, campaign, bob, role=Role.FACILITATOR, by=alice, now=now)
    assert (record_due_themes(session, now=late), record_due_themes(session, now=late)) == (1, 0)
    assert told()[1:] == [(Verb.REMINDED, [bob.id])], "reminded once they are back"


def test_a_double_click_keeps_one_note(session, campaign, buses, alice, bob, now):
    first = write_note(session, buses, body="Called them.", by=bob, now=now)
    assert write_note(session, buses, body="Called them. ", by=bob, now=now) is first
    write_note(session, buses, body="Called them.", by=alice, now=now)
    assert len(notes_on(session, buses)) == 2
