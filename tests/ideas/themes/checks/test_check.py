"""A person's answer is done at once, holds in later runs, and can be undone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.contributions.idea import revise_idea
from ideas.errors import Conflict
from ideas.themes.checks.check import (
    Belongs,
    IdeaCheck,
    LeftMeanwhile,
    NoCheck,
    NoOtherTheme,
    check_idea,
    last_check,
    undo_check,
)
from ideas.themes.edits.edit import merge_themes
from ideas.themes.edits.history import EditKind, PublicAnswersChange, edit_history
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Forbidden, PlacedHow, Placement
from ideas.themes.theme import active_themes
from tests.places import theme_of


@pytest.fixture
def say(session, campaign, bob, now):
    def check(idea, theme, belongs, *, by=bob, at=now, **more):
        return check_idea(session, campaign, idea, theme=theme, belongs=belongs, by=by, now=at, **more)

    return check


def placed(session, idea):
    session.expire_all()
    placement = session.get(Placement, idea.id)
    return placement.theme_id, placement.placed_how


def test_yes_keeps_the_idea_in_its_theme_in_later_runs(session, campaign, themes, ideas, run, say, bob):
    check = say(ideas[0], themes[0], Belongs.YES)
    assert placed(session, ideas[0]) == (themes[0].id, PlacedHow.PINNED)
    assert check.edit.kind is EditKind.PIN
    run({themes[0].id: ideas[1:3], themes[1].id: [ideas[0], *ideas[3:6]], themes[2].id: ideas[6:]})
    assert theme_of(session, ideas[0]) == themes[0].id


def test_no_takes_the_idea_out_and_no_run_puts_it_back(session, themes, ideas, run, say):
    check = say(ideas[0], themes[0], Belongs.NO)
    assert placed(session, ideas[0]) == (None, None)
    assert check.edit.kind is EditKind.FORBID
    run({themes[0].id: ideas[:3], themes[1].id: ideas[3:6], themes[2].id: ideas[6:]})
    assert theme_of(session, ideas[0]) != themes[0].id


def test_no_takes_out_an_idea_that_a_person_had_placed_there(session, themes, ideas, say, alice):
    say(ideas[0], themes[0], Belongs.YES)
    say(ideas[0], themes[0], Belongs.NO, by=alice)
    assert placed(session, ideas[0]) == (None, None)
    assert session.get(Forbidden, (ideas[0].id, themes[0].id)).person_id == alice.id


def test_elsewhere_moves_the_idea_and_it_stays_there(session, themes, ideas, run, say):
    check = say(ideas[0], themes[0], Belongs.ELSEWHERE, to=themes[1])
    assert placed(session, ideas[0]) == (themes[1].id, PlacedHow.MOVED)
    assert check.edit.kind is EditKind.MOVE
    run({themes[0].id: ideas[:3], themes[1].id: ideas[3:6], themes[2].id: ideas[6:]})
    assert theme_of(session, ideas[0]) == themes[1].id


def test_elsewhere_needs_another_theme_of_today(session, campaign, themes, ideas, say, bob, now):
    for to in (None, themes[0]):
        with pytest.raises(NoOtherTheme):
            say(ideas[0], themes[0], Belongs.ELSEWHERE, to=to)
    merge_themes(session, themes[2], others=[themes[1]], by=bob, now=now)
    with pytest.raises(Conflict):
        say(ideas[0], themes[0], Belongs.ELSEWHERE, to=themes[1])


def test_yes_to_an_idea_that_a_person_placed_changes_nothing_and_counts(session, campaign, themes, ideas, say, alice):
    say(ideas[0], themes[0], Belongs.YES)
    assert say(ideas[0], themes[0], Belongs.YES, by=alice).edit is None
    assert len(edit_history(session, campaign)) == 1
    assert last_check(session, campaign, alice).idea_id == ideas[0].id


def test_one_answer_for_each_idea_and_person_the_last_one_holds(session, themes, ideas, say):
    first = say(ideas[0], themes[0], Belongs.YES)
    again = say(ideas[0], themes[0], Belongs.NO)
    assert (again.id, again.belongs) == (first.id, Belongs.NO)
    assert len(session.scalars(select(IdeaCheck)).all()) == 1


def test_an_idea_that_left_the_theme_is_not_touched(session, themes, ideas, say, alice):
    say(ideas[0], themes[0], Belongs.ELSEWHERE, to=themes[1])
    with pytest.raises(LeftMeanwhile):
        say(ideas[0], themes[0], Belongs.NO, by=alice)
    assert theme_of(session, ideas[0]) == themes[1].id


def test_a_withdrawn_idea_is_not_checked(session, themes, ideas, say, now):
    ideas[0].withdrawn_at = now
    with pytest.raises(LeftMeanwhile):
        say(ideas[0], themes[0], Belongs.YES)


@pytest.mark.parametrize("belongs", Belongs)
def test_the_last_check_can_be_undone_with_what_it_changed(session, campaign, themes, ideas, say, bob, now, belongs):
    say(ideas[1], themes[0], Belongs.YES)
    before = placed(session, ideas[0])
    say(ideas[0], themes[0], belongs, at=now + timedelta(seconds=1), to=themes[1])
    assert undo_check(session, campaign, by=bob, now=now) == ideas[0].id
    assert placed(session, ideas[0]) == before
    assert session.get(Forbidden, (ideas[0].id, themes[0].id)) is None
    assert last_check(session, campaign, bob).idea_id == ideas[1].id


def test_each_person_undoes_their_own_checks_alone(session, campaign, themes, ideas, say, alice, now):
    say(ideas[0], themes[0], Belongs.YES)
    with pytest.raises(NoCheck):
        undo_check(session, campaign, by=alice, now=now)


def test_a_check_whose_change_is_undone_in_the_history_counts_no_more(session, campaign, themes, ideas, say, bob, now):
    check = say(ideas[0], themes[0], Belongs.NO)
    undo_edit(session, check.edit, by=bob, now=now)
    assert last_check(session, campaign, bob) is None
    assert say(ideas[0], themes[0], Belongs.YES).id == check.id, "and may be given again"


def test_a_check_of_an_earlier_text_counts_no_more(session, campaign, themes, ideas, say, bob, charlie, now):
    say(ideas[0], themes[0], Belongs.YES)
    revise_idea(session, ideas[0], by=charlie, title="", body="Something else", now=now)
    assert last_check(session, campaign, bob) is None


def test_checks_and_their_undoing_are_in_the_activity_log(session, campaign, themes, ideas, say, bob, now):
    say(ideas[0], themes[0], Belongs.NO)
    undo_check(session, campaign, by=bob, now=now)
    session.commit()
    rows = session.scalars(select(Activity).where(Activity.object_kind == "idea_check").order_by(Activity.id)).all()
    facts = {"belongs": "no", "idea": ideas[0].id, "theme": "Buses"}
    assert [(row.verb, row.after or row.before) for row in rows] == [(Verb.CHECKED, facts), (Verb.UNDONE, facts)]
    kinds = session.scalars(select(Activity.verb).where(Activity.object_kind == "theme_edit").order_by(Activity.id))
    assert list(kinds) == [Verb.FORBIDDEN, Verb.UNDONE]


def test_after_the_debrief_an_idea_moves_only_with_a_reason(session, campaign, themes, ideas, say, bob, now):
    campaign.debriefed_at = now
    session.commit()
    with pytest.raises(PublicAnswersChange):
        say(ideas[0], themes[0], Belongs.NO)
    session.rollback()
    say(ideas[0], themes[0], Belongs.YES)
    say(ideas[3], themes[1], Belongs.NO, reason="It is about fares.")
    assert len(active_themes(session, campaign)) == 3
