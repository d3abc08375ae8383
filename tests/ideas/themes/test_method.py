"""What was automatic, and what people did: as it holds today."""

from ideas.themes.checks.agreement import Agreement
from ideas.themes.checks.check import Belongs, check_idea, undo_check
from ideas.themes.checks.sample import cards_of, draw_sample
from ideas.themes.edits.edit import rename_theme
from ideas.themes.edits.history import edit_history
from ideas.themes.edits.move import move_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.method import method_of
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import active_themes


def test_nothing_is_said_before_there_are_themes(session, campaign, run, ideas):
    assert method_of(session, campaign, None) is None
    assert method_of(session, campaign, run({}, alone=ideas, too_few=True)) is None


def test_themes_that_nobody_touched_are_not_reviewed(session, campaign, themes, now):
    method = method_of(session, campaign, latest_run(session, campaign))
    assert (method.model, method.grouped_at, method.is_reviewed, method.agreement) == ("test", now, False, None)


def test_what_people_changed_and_checked_is_counted_as_it_holds(
    session, campaign, themes, ideas, alice, bob, charlie, now
):
    run = latest_run(session, campaign)
    rename_theme(session, themes[0], name="Night buses", by=bob, now=now)
    move_ideas(session, campaign, idea_ids=[ideas[0].id, ideas[1].id], to=themes[1], by=bob, now=now)
    check_idea(session, campaign, ideas[8], theme=themes[2], belongs=Belongs.NO, by=bob, now=now)
    method = method_of(session, campaign, run)
    assert (method.moved, method.shaped, method.checked, method.is_reviewed) == (3, 1, 1, True)
    assert (method.reviewers, method.owners, method.facilitators, method.others) == (1, 0, 1, 0)
    move_ideas(session, campaign, idea_ids=[ideas[3].id], to=themes[2], by=alice, now=now)
    rename_theme(session, themes[1], name="Cycling", by=charlie, now=now)
    method = method_of(session, campaign, run)
    assert (method.reviewers, method.owners, method.facilitators, method.others) == (3, 1, 1, 1)
    undo_edit(session, edit_history(session, campaign)[0], by=bob, now=now)
    undo_edit(session, edit_history(session, campaign)[1], by=bob, now=now)
    undo_check(session, campaign, by=bob, now=now)
    ideas[0].withdrawn_at = now
    method = method_of(session, campaign, run)
    assert (method.moved, method.shaped, method.checked) == (1, 1, 0)


def test_the_agreement_follows_the_checks_and_a_new_run_takes_over_what_still_answers_its_question(
    session, campaign, themes, ideas, bob, now, run
):
    check_all(session, campaign, ideas, bob, now, wrong=ideas[0])
    assert method_of(session, campaign, latest_run(session, campaign)).agreement == Agreement(9, 8)
    later = run({themes[0].id: ideas[:3], themes[1].id: ideas[3:6], themes[2].id: ideas[6:]})
    draw_sample(session, campaign)
    assert len(cards_of(session, later)) == 8, "the idea that was taken out is in no theme"
    assert method_of(session, campaign, later).agreement == Agreement(8, 8)


def test_the_method_takes_as_many_queries_for_few_as_for_many(
    session, campaign, themes, ideas, bob, now, count_queries
):
    run = draw_sample(session, campaign)
    few = count_queries(lambda: method_of(session, campaign, run))
    check_all(session, campaign, ideas, bob, now)
    assert count_queries(lambda: method_of(session, campaign, run)) == few == 3


def check_all(session, campaign, ideas, by, now, wrong=None):
    """Yes to each card of the sample, no to this one idea."""
    themes = {theme.id: theme for theme in active_themes(session, campaign)}
    by_id = {idea.id: idea for idea in ideas}
    for card in cards_of(session, draw_sample(session, campaign)):
        idea = by_id[card.idea_id]
        said = Belongs.NO if idea is wrong else Belongs.YES
        check_idea(session, campaign, idea, theme=themes[card.theme_id], belongs=said, by=by, now=now)
