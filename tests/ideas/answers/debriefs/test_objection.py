from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.answers.debriefs.objection import (
    AlreadyObjected,
    AlreadySettled,
    NotAnsweredYet,
    keep_placement,
    object_to,
    objections_by,
    open_objections,
)
from ideas.answers.debriefs.receipt import receipt_of
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.idea import Idea
from ideas.errors import Conflict, EmptyText, NotAllowed
from ideas.outreach.notice import NoticeKind, write_notices
from ideas.outreach.recipients.recipient import due_at, recipients
from ideas.outreach.recipients.rules import rule_for
from ideas.people.limit import LimitReached
from ideas.people.sanction import Reason, SanctionInForce, SanctionKind, give_sanction
from ideas.themes.edits.edit import merge_themes
from ideas.themes.edits.move import forbid, move_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.passage import Passage, replace_passages_of
from ideas.themes.placement import Placement


@pytest.fixture
def told(session, closed_campaign, make_theme, make_idea, give_answer, charlie, now):
    """Charlie's idea in a theme, and another theme, of a campaign whose debrief is public."""
    idea = make_idea(closed_campaign, charlie, "One click to confirm, and lamps.")
    theme = make_theme(closed_campaign, ideas=[idea])
    other = make_theme(closed_campaign, "More light", bodies=("Windows.",), author=None)
    give_answer(theme)
    closed_campaign.debriefed_at = now
    session.commit()
    return idea, theme, other


def test_an_objection_is_open_until_the_idea_is_moved_and_again_once_that_is_undone(
    session, closed_campaign, told, alice, bob, charlie, count_queries, now
):
    idea, theme, other = told
    made = object_to(session, idea, theme_id=theme.id, reason=" I meant the lamps. ", by=charlie, now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.object_kind == "objection")).one()
    assert (act.verb, act.actor_id) == (Verb.REPORTED, charlie.id)
    rule = rule_for(act)
    assert (rule.kind, recipients(session, act, rule)) == (NoticeKind.OBJECTION, sorted([alice.id, bob.id]))
    [state] = open_objections(session, closed_campaign)
    assert (state.objection.reason, state.theme, state.by_passage) == ("I meant the lamps.", theme, False)
    edit = move_ideas(session, closed_campaign, idea_ids=[idea.id], to=other, reason="Lamps.", by=bob, now=now)
    assert open_objections(session, closed_campaign) == []
    # What was moved is not read each time.
    assert count_queries(lambda: open_objections(session, closed_campaign)) == 1
    [mine] = objections_by(session, closed_campaign, charlie)
    assert mine.is_moved
    assert [one.objection.id for one in receipt_of(session, closed_campaign, charlie)[0].earlier] == [made.id]
    with pytest.raises(AlreadySettled):
        keep_placement(session, made, answer="No.", by=bob, now=now)
    undo_edit(session, edit, by=bob, now=now + timedelta(minutes=1), reason="Wrong one.")
    assert len(open_objections(session, closed_campaign)) == 1


def test_the_team_may_leave_the_idea_there_and_the_author_is_told_why(
    session, closed_campaign, told, bob, charlie, now
):
    idea, theme, _other = told
    made = object_to(session, idea, theme_id=theme.id, reason="I meant the lamps.", by=charlie, now=now)
    with pytest.raises(EmptyText):
        keep_placement(session, made, answer=" ", by=bob, now=now)
    keep_placement(session, made, answer="It asks for both.", by=bob, now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.verb == Verb.DECLINED)).one()
    assert (act.reason, recipients(session, act, rule_for(act))) == ("It asks for both.", [charlie.id])
    assert open_objections(session, closed_campaign) == []
    [line] = receipt_of(session, closed_campaign, charlie)
    assert line.asked[0].objection.objection.answer == "It asks for both."
    with pytest.raises(AlreadySettled):
        keep_placement(session, made, answer="Again.", by=bob, now=now)
    with pytest.raises(AlreadyObjected):
        object_to(session, idea, theme_id=theme.id, reason="Still not.", by=charlie, now=now)


def test_only_who_wrote_the_idea_objects_once_the_debrief_is_out_to_where_it_counts(
    session, closed_campaign, told, alice, bob, charlie, now
):
    idea, theme, other = told

    def refused(error, *, by=charlie, theme_id=theme.id, reason="I meant the lamps."):
        with pytest.raises(error):
            object_to(session, idea, theme_id=theme_id, reason=reason, by=by, now=now)

    refused(NotAllowed, by=bob)
    refused(Conflict, theme_id=other.id)
    refused(Conflict, theme_id=None)
    refused(EmptyText, reason="  ")
    idea.withdrawn_at = now
    refused(NotAllowed)
    idea.withdrawn_at, closed_campaign.debriefed_at = None, None
    refused(NotAnsweredYet)
    closed_campaign.debriefed_at = now
    sanction = give_sanction(
        session, charlie, SanctionKind.BAN, reason=Reason.INSULT, quote="", words="", by=alice, now=now
    )
    session.flush()
    refused(SanctionInForce)
    session.delete(sanction)
    session.flush()
    assert open_objections(session, closed_campaign) == []


def test_objections_are_limited(session, closed_campaign, make_theme, make_ideas, charlie, now):
    ideas = make_ideas(closed_campaign, charlie, [{"body": f"Idea {number}"} for number in range(11)])
    theme = make_theme(closed_campaign, ideas=ideas)
    closed_campaign.debriefed_at = now
    for idea in ideas[:10]:
        object_to(session, idea, theme_id=theme.id, reason="Not this.", by=charlie, now=now)
    with pytest.raises(LimitReached):
        object_to(session, ideas[10], theme_id=theme.id, reason="Not this.", by=charlie, now=now)


def test_passages_merged_themes_merged_ideas_and_no_theme(
    session, closed_campaign, told, make_theme, make_idea, alice, bob, charlie, now
):
    idea, theme, other = told
    session.add(Passage(idea_id=idea.id, theme_id=other.id, start=22, end=31, strength=0.6, version=idea.version))
    merged, alone = (
        make_idea(closed_campaign, charlie, "A single click."),
        make_idea(closed_campaign, charlie, "Slide."),
    )
    merged.merged_into_id = idea.id
    session.flush()
    object_to(session, idea, theme_id=other.id, reason="No lamps.", by=charlie, now=now)
    object_to(session, merged, theme_id=theme.id, reason="Not the same.", by=charlie, now=now)
    object_to(session, alone, theme_id=None, reason="It is about light.", by=charlie, now=now)
    states = open_objections(session, closed_campaign)
    assert [(state.theme, state.by_passage) for state in states] == [(other, True), (theme, False), (None, False)]
    lines = {line.idea.id: line for line in receipt_of(session, closed_campaign, charlie)}
    assert [asked.words for asked in lines[idea.id].asked] == [[], ["and lamps"]]
    assert lines[merged.id].asked[0].theme is theme
    assert lines[alone.id].objection.is_open
    # A theme that is merged away: the objection is about the one that has its ideas.
    bigger = make_theme(closed_campaign, "Clicks", bodies=("Clicks.",), author=None)
    merge_themes(session, bigger, others=[theme], reason="Same.", by=bob, now=now)
    assert [state.theme for state in open_objections(session, closed_campaign)] == [other, bigger, None]
    forbid(
        session, closed_campaign, idea_ids=[idea.id], theme=other, seen=other, even_placed=True, reason="No lamps.",
        by=bob, now=now,
    )  # fmt: skip
    assert [state.theme for state in open_objections(session, closed_campaign)] == [bigger, None]


def test_nobody_learns_from_an_objection_who_wrote_an_anonymous_idea(
    session, closed_campaign, make_theme, make_idea, alice, bob, charlie, now
):
    idea = make_idea(closed_campaign, None, "Nobody knows me.", is_anonymous=True)
    session.add(AnonymousAuthor(idea_id=idea.id, person_id=charlie.id))
    theme = make_theme(closed_campaign, ideas=[idea])
    closed_campaign.debriefed_at = now
    session.flush()
    object_to(session, idea, theme_id=theme.id, reason="Not this.", by=charlie, now=now)
    session.commit()
    act = session.scalars(select(Activity).where(Activity.object_kind == "objection")).one()
    assert act.actor_id is None
    assert [line.idea for line in receipt_of(session, closed_campaign, charlie)] == [idea]
    assert receipt_of(session, closed_campaign, bob) == []


def test_the_team_is_told_of_an_objection_whatever_authors_were_answered_before(
    session, closed_campaign, make_theme, make_ideas, alice, bob, charlie, now
):
    first, second = make_ideas(closed_campaign, charlie, [{"body": "One click."}, {"body": "Lamps."}])
    theme = make_theme(closed_campaign, ideas=[first, second])
    closed_campaign.debriefed_at = now
    made = object_to(session, first, theme_id=theme.id, reason="Not this.", by=charlie, now=now)
    asked = now + timedelta(days=2)
    keep_placement(session, made, answer="It asks for both.", by=bob, now=asked)
    object_to(session, second, theme_id=theme.id, reason="Lamps.", by=charlie, now=asked + timedelta(seconds=9))
    session.commit()
    acts = session.scalars(select(Activity).where(Activity.object_kind == "objection").order_by(Activity.id)).all()
    later = asked + timedelta(minutes=1)
    for act, at in zip(acts, (now, later, later), strict=True):
        people, rule = recipients(session, act, rule_for(act)), rule_for(act)
        assert people == ([charlie.id] if act.verb is Verb.DECLINED else sorted([alice.id, bob.id]))
        assert due_at(session, rule, act, at) == at
        write_notices(session, act, rule.kind, people, now=at)
    session.commit()
    # The next one of the same day waits, and is told of by the notices that wait.
    assert due_at(session, rule_for(acts[0]), acts[0], later) == later + timedelta(days=1)


def test_an_objection_to_a_passage_stays_open_when_the_idea_is_reworded_until_its_new_text_is_read(
    session, closed_campaign, told, bob, charlie, now
):
    idea, _theme, other = told
    session.add(Passage(idea_id=idea.id, theme_id=other.id, start=22, end=31, strength=0.6, version=idea.version))
    session.flush()
    object_to(session, idea, theme_id=other.id, reason="No lamps.", by=charlie, now=now)
    idea.version += 1
    session.flush()
    [state] = open_objections(session, closed_campaign)
    assert (state.theme, state.by_passage) == (other, True)
    [shown] = receipt_of(session, closed_campaign, charlie)[0].earlier
    assert (shown.is_open, shown.is_moved) == (True, False)
    replace_passages_of(session, [idea.id], {})  # the new text does not ask for this theme
    assert open_objections(session, closed_campaign) == []
    [shown] = receipt_of(session, closed_campaign, charlie)[0].earlier
    assert shown.is_moved


def test_objections_are_read_with_as_many_queries_however_many_themes_were_merged(
    session, closed_campaign, make_theme, bob, charlie, count_queries, now
):
    themes = [make_theme(closed_campaign, f"Theme {number}", bodies=(f"Idea {number}",)) for number in range(6)]
    closed_campaign.debriefed_at = now
    session.flush()
    for theme in themes[:3]:
        placed = session.scalars(select(Placement).where(Placement.theme_id == theme.id)).one()
        object_to(session, session.get(Idea, placed.idea_id), theme_id=theme.id, reason="No.", by=charlie, now=now)

    def count():
        session.commit()
        return count_queries(lambda: open_objections(session, closed_campaign))

    merge_themes(session, themes[3], others=[themes[0]], reason="Same.", by=bob, now=now)
    one = count()
    for into, other in ((themes[4], themes[1]), (themes[5], themes[2])):
        merge_themes(session, into, others=[other], reason="Same.", by=bob, now=now)
    assert count() == one
    assert [state.theme for state in open_objections(session, closed_campaign)] == themes[3:]
