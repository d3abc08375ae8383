from datetime import timedelta

import pytest
from sqlalchemy import case, insert, literal, select

from clustering.types import Leftover
from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.answers.action import actions_in, commit_to
from ideas.answers.debriefs.debrief import (
    AlreadyPublished,
    NotClosedYet,
    NothingDecided,
    NothingWritten,
    ThemesUnanswered,
    UnknownFigure,
    answers,
    check_figures,
    debrief_of,
    fill,
    journeys,
    publish_debrief,
    write_debrief,
)
from ideas.answers.debriefs.figures import Figures, contributors, figures
from ideas.answers.decision import decisions_in, promise_answers
from ideas.answers.earlier import published_texts
from ideas.base import UTCDateTime
from ideas.contributions.idea import Idea, submitted_ideas
from ideas.errors import TooLong
from ideas.themes.passage import add_passages
from ideas.themes.placement import Placement
from ideas.themes.stored import PassageRow
from ideas.themes.theme import Theme

NUMBERS = Figures(people=3, ideas=1225, without_author=4, votes=5, comments=6, themes=7, decided=8)


@pytest.fixture
def theme(make_theme, closed_campaign):
    return make_theme(closed_campaign, bodies=["One click to confirm.", "Two clicks at most."])


@pytest.fixture
def decision(theme, give_answer):
    return give_answer(theme)


def test_figures_fill_themselves_in():
    assert fill("{{ people }} wrote {{ideas}} ideas", NUMBERS) == "3 wrote 1225 ideas"
    assert fill("{{ ideas }}", NUMBERS, number=lambda value: f"{value:,}") == "1,225"
    assert fill("{{ decisions }} {{ salary }}", NUMBERS) == "{{ decisions }} {{ salary }}"


def test_a_figure_that_does_not_exist_is_named():
    with pytest.raises(UnknownFigure) as refused:
        check_figures("{{ people }} and {{ salary }}")
    assert refused.value.values == {"name": "salary"}
    check_figures("{{ people }} {{ decisions }} {single} {{}")


def test_writing_keeps_the_text_and_publishes_nothing(session, closed_campaign, alice, now):
    write_debrief(session, closed_campaign, body="First", by=alice, now=now)
    write_debrief(session, closed_campaign, body="Second {{ people }}", by=alice, now=now)
    assert debrief_of(session, closed_campaign).body == "Second {{ people }}"
    assert closed_campaign.debriefed_at is None
    for body, refusal in (("x" * 30_001, TooLong), ("{{ nothing }}", UnknownFigure)):
        with pytest.raises(refusal):
            write_debrief(session, closed_campaign, body=body, by=alice, now=now)


def test_publishing_opens_the_campaign_and_is_recorded_once(session, closed_campaign, decision, alice, now):
    debrief = write_debrief(session, closed_campaign, body="Thank you.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    assert closed_campaign.debriefed_at == now
    with pytest.raises(AlreadyPublished):
        publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    act = session.scalars(
        select(Activity).where(Activity.verb == Verb.PUBLISHED, Activity.object_kind == "debrief")
    ).one()
    assert (act.verb, act.object_id, act.actor_id) == (Verb.PUBLISHED, closed_campaign.id, alice.id)


def test_what_publishing_asks_for(session, campaign, closed_campaign, theme, alice, now):
    with pytest.raises(NotClosedYet):
        publish_debrief(session, write_debrief(session, campaign, body="Early", by=alice, now=now), by=alice, now=now)
    empty = write_debrief(session, closed_campaign, body="", by=alice, now=now)
    with pytest.raises(NothingWritten):
        publish_debrief(session, empty, by=alice, now=now)
    written = write_debrief(session, closed_campaign, body="Thanks", by=alice, now=now)
    with pytest.raises(NothingDecided):
        publish_debrief(session, written, by=alice, now=now)


def test_answers_are_all_themes_largest_first(session, closed_campaign, theme, decision, make_idea, bob, now):
    small = Theme(campaign=closed_campaign, found_name="Quiet rooms", created_at=now)
    session.add(small)
    session.flush()
    idea = make_idea(closed_campaign, bob, "A quiet room.")
    session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=small.id))
    due = now.date() + timedelta(days=30)
    action = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=due, by=bob, now=now)
    given = answers(session, closed_campaign, actions=actions_in(session, closed_campaign))
    assert [(answer.card.theme, answer.decision, list(answer.actions)) for answer in given] == [
        (theme, decision, [action]),
        (small, None, []),
    ]


def test_a_journey_shows_its_end_only_after_the_debrief(session, closed_campaign, theme, decision, make_idea, bob, now):
    alone = make_idea(closed_campaign, bob, "Something else.")
    mine = session.get(Placement, alone.id - 1).idea
    assert [journey.withheld for journey in journeys(session, [mine, alone])] == [True, True]
    closed_campaign.debriefed_at = now
    first, second = journeys(session, [mine, alone])
    assert (first.theme, first.decision) == (theme, decision)
    assert (second.theme, second.decision, second.leftover) == (None, None, None)
    merged = make_idea(closed_campaign, bob, "So do I.")
    merged.merged_into_id = alone.id
    session.add(Placement(idea_id=alone.id, campaign_id=closed_campaign.id, leftover=Leftover.AGREES))
    session.flush()
    found = [journey.leftover for journey in journeys(session, [mine, alone, merged])]
    assert found == [None, Leftover.AGREES, Leftover.AGREES]


def test_a_journey_ends_in_each_theme_in_which_the_idea_counts(
    session, closed_campaign, theme, decision, make_theme, give_answer, now
):
    closed_campaign.debriefed_at = now
    mine = session.scalars(select(Placement).where(Placement.theme_id == theme.id)).first().idea
    second, third = make_theme(closed_campaign, "Second"), make_theme(closed_campaign, "Third")
    answer = give_answer(third)
    spans = [(theme, 0, 4), (third, 5, 8), (second, 9, 12), (third, 13, 15)]
    add_passages(session, {mine.id: [PassageRow(one.id, start, end, 0.5, 1) for one, start, end in spans]})
    (journey,) = journeys(session, [mine])
    assert (journey.theme, journey.decision) == (theme, decision)
    assert [(one.theme, one.decision, [row.start for row in one.passages]) for one in journey.also] == [
        (third, answer, [5, 13]),
        (second, None, [9]),
    ]


# Themes without an answer --------------------------------------------------------------------------------------------


def test_publishing_is_refused_while_a_theme_has_neither_an_answer_nor_a_promised_day(
    session, closed_campaign, decision, make_theme, alice, now
):
    second, third = make_theme(closed_campaign, "Second"), make_theme(closed_campaign, "Third")
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    with pytest.raises(ThemesUnanswered) as refused:
        publish_debrief(session, debrief, by=alice, now=now)
    assert refused.value.values == {"count": 2}
    day = now.date() + timedelta(days=30)
    promise_answers(session, closed_campaign, dates={second.id: day, third.id: day}, by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    assert {given.published_at for given in decisions_in(session, closed_campaign).values()} == {now}


def test_promises_alone_are_nothing_to_publish(session, closed_campaign, theme, alice, now):
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    day = now.date() + timedelta(days=30)
    promise_answers(session, closed_campaign, dates={theme.id: day}, by=alice, now=now)
    with pytest.raises(NothingDecided):
        publish_debrief(session, debrief, by=alice, now=now)


# Once published ------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(session, closed_campaign, decision, alice, now):
    debrief = write_debrief(session, closed_campaign, body="Thank you.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    return debrief


def test_a_published_text_changes_with_a_reason_and_keeps_what_it_was(
    session, closed_campaign, published, bob, alice, now
):
    later = now + timedelta(days=1)
    with pytest.raises(ReasonNeeded):
        write_debrief(session, closed_campaign, body="Thanks.", by=bob, now=later)
    session.rollback()
    facts = {"by": bob, "now": later, "change_reason": "Shorter."}
    write_debrief(session, closed_campaign, body="Thanks.", **facts)
    write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=later)  # nothing changed
    texts = published_texts(session, published)
    assert [(text.body, text.by, text.change_reason, text.at) for text in texts] == [
        ("Thanks.", "Bob", "Shorter.", later),
        ("Thank you.", "Alice", "", now),
    ]


def test_a_published_text_is_never_emptied(session, closed_campaign, published, alice, now):
    with pytest.raises(NothingWritten):
        write_debrief(session, closed_campaign, body=" ", by=alice, now=now, change_reason="Off with it.")


def test_the_second_of_two_who_write_gets_a_conflict(session, closed_campaign, alice, bob, now):
    write_debrief(session, closed_campaign, body="Mine.", by=alice, now=now, seen=0)
    with pytest.raises(ChangedMeanwhile):
        write_debrief(session, closed_campaign, body="Yours.", by=bob, now=now, seen=0)
    write_debrief(session, closed_campaign, body="Both.", by=bob, now=now, seen=1)
    assert debrief_of(session, closed_campaign).written_by is bob


def test_every_act_on_a_debrief_is_in_the_activity_log(session, closed_campaign, published, alice, now):
    facts = {"by": alice, "now": now + timedelta(days=1), "change_reason": "Shorter."}
    write_debrief(session, closed_campaign, body="Thanks.", **facts)
    session.commit()
    acts = session.scalars(select(Activity).where(Activity.object_kind == "debrief").order_by(Activity.id)).all()
    assert [(act.verb, act.object_id, act.campaign_id, act.reason) for act in acts] == [
        (Verb.CREATED, closed_campaign.id, closed_campaign.id, ""),
        (Verb.PUBLISHED, closed_campaign.id, closed_campaign.id, ""),
        (Verb.CHANGED, closed_campaign.id, closed_campaign.id, "Shorter."),
    ]
    assert acts[1].after == {"themes": 1, "answers": 1}


# Scale ---------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_seventy_thousand_ideas_have_their_journeys_and_contributors(
    session, closed_campaign, published, make_person, charlie, now
):
    """PostgreSQL takes at most 65,535 parameters in a statement."""
    numbers = select(literal(1).label("n")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < 70_000))
    writer = case((numbers.c.n % 2 == 0, charlie.id), else_=make_person("Dora").id)
    at = [literal(now, UTCDateTime(timezone=True))] * 3
    columns = ["campaign_id", "body", "author_id", "created_at", "updated_at", "submitted_at"]
    ideas = select(literal(closed_campaign.id), literal("A"), writer, *at).select_from(numbers)
    session.execute(insert(Idea).from_select(columns, ideas))
    theme_id = session.scalars(select(Theme.id)).one()
    placed = select(Idea.id, Idea.campaign_id, literal(theme_id)).where(Idea.body == "A")
    session.execute(insert(Placement).from_select(["idea_id", "campaign_id", "theme_id"], placed))
    found = journeys(session, session.scalars(submitted_ideas(closed_campaign)).all())
    assert len(found) == 70_002
    assert {journey.theme.id for journey in found} == {theme_id}
    assert all(journey.decision is not None for journey in found)
    assert [person.name for person in contributors(session, closed_campaign)] == ["Charlie", "Dora"]
    assert figures(session, closed_campaign).ideas == 70_002
