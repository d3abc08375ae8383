"""Themes whose ideas changed are measured again at once: their words, typical ideas, cohesion and warnings."""

import pytest
from sqlalchemy import func, select

from app.extensions import database
from app.jobs import refresh_themes as refreshing
from app.jobs.refresh_themes import refresh_themes
from app.worker.worker import run_next
from clustering.types import ThemeWarning
from ideas.themes.card import theme_cards
from ideas.themes.edits.edit import merge_themes, split_theme
from ideas.themes.edits.move import move_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.placement import Placement
from ideas.themes.theme import active_themes
from ideas.work.job import Job, JobKind, JobStatus
from tests.runs import apply_run, found_theme, placed_idea, run_result

SUBJECTS = {
    "Parking": "Build a larger car park near the railway station, number",
    "Trees": "Plant shady trees along the sunny avenue, number",
    "Buses": "Run the night bus until two in the morning, number",
}

pytestmark = pytest.mark.model


@pytest.fixture
def grouped(session, campaign, charlie, make_idea, now):
    """Three themes of eight ideas each."""
    ideas = {name: [make_idea(campaign, charlie, f"{text} {n}") for n in range(8)] for name, text in SUBJECTS.items()}
    themes = [found_theme(n, name, [name.lower()]) for n, name in enumerate(ideas, start=1)]
    placed = [
        placed_idea(idea.id, theme.id, None, 0.9, [(theme.id, 0.9)]) for theme in themes for idea in ideas[theme.name]
    ]
    apply_run(session, campaign, run_result(themes, placed), now=now)
    session.commit()
    return ideas


def waiting(session):
    queued = (Job.kind == JobKind.REFRESH_THEMES) & (Job.status == JobStatus.QUEUED)
    return session.scalar(select(func.count(Job.id)).where(queued))


def work(app, session):
    with app.app_context():
        while run_next():
            pass
    session.expire_all()


def test_a_run_that_measured_all_themes_asks_for_nothing(session, grouped):
    assert waiting(session) == 0


def test_merged_split_and_moved_themes_are_measured_again_by_one_job(app, session, campaign, grouped, alice, now):
    parking, trees, buses = active_themes(session, campaign)
    merge_themes(session, parking, others=[trees], by=alice, now=now)
    split_theme(session, buses, idea_ids=[idea.id for idea in grouped["Buses"][:5]], name="Night", by=alice, now=now)
    moved = grouped["Buses"][7]
    move_ideas(session, campaign, idea_ids=[moved.id], to=parking, by=alice, now=now)
    session.commit()
    assert waiting(session) == 1, "one job takes all"
    for theme in active_themes(session, campaign):
        assert (theme.measured, theme.phrases, theme.exemplars, theme.parts) == (False, [], [], [])
    work(app, session)
    assert waiting(session) == 0
    merged, left, night = active_themes(session, campaign)
    assert {theme.measured for theme in (merged, left, night)} == {True}
    words = " ".join(merged.phrases)
    assert "car park" in words
    assert "trees" in words
    assert any("bus" in phrase for phrase in night.phrases)
    assert merged.cohesion < night.cohesion, "what is merged is less alike"
    for card in theme_cards(session, campaign):
        assert set(card.theme.exemplars) <= {idea.id for idea in card.verbatims}
    assert ThemeWarning.SMALL in left.warnings


def test_names_stay_as_they_are_when_a_theme_is_measured(app, session, campaign, grouped, alice, now):
    parking, trees, buses = active_themes(session, campaign)
    move_ideas(session, campaign, idea_ids=[grouped["Trees"][0].id], to=buses, by=alice, now=now)
    session.commit()
    work(app, session)
    assert [theme.name for theme in active_themes(session, campaign)] == list(SUBJECTS)
    assert parking.phrases == ["parking"], "a theme that kept its ideas keeps what a run found"
    assert trees.measured


def test_an_edit_that_is_undone_before_the_job_leaves_nothing_to_do(app, session, campaign, grouped, alice, now):
    parking, trees, _buses = active_themes(session, campaign)
    edit = merge_themes(session, parking, others=[trees], by=alice, now=now)
    undo_edit(session, edit, by=alice, now=now)
    session.commit()
    work(app, session)
    job = session.scalars(select(Job).where(Job.kind == JobKind.REFRESH_THEMES)).one()
    assert (job.status, job.result) == (JobStatus.DONE, {"themes": 0})
    assert [theme.phrases for theme in active_themes(session, campaign)] == [["parking"], ["trees"], ["buses"]]


def test_what_was_measured_before_an_edit_is_back_when_it_is_undone_after_the_job(
    app, session, campaign, grouped, alice, now
):
    parking, trees, _buses = active_themes(session, campaign)
    edit = merge_themes(session, parking, others=[trees], by=alice, now=now)
    session.commit()
    work(app, session)
    undo_edit(session, edit, by=alice, now=now)
    session.commit()
    assert [(theme.phrases, theme.measured) for theme in active_themes(session, campaign)] == [
        (["parking"], True), (["trees"], True), (["buses"], True)
    ]  # fmt: skip


def test_an_edit_undone_while_a_later_one_holds_leaves_the_themes_to_be_measured(
    app, session, campaign, grouped, alice, now
):
    parking, trees, _buses = active_themes(session, campaign)
    first = move_ideas(session, campaign, idea_ids=[grouped["Trees"][0].id], to=parking, by=alice, now=now)
    move_ideas(session, campaign, idea_ids=[grouped["Trees"][1].id], to=parking, by=alice, now=now)
    session.commit()
    work(app, session)
    undo_edit(session, first, by=alice, now=now)
    session.commit()
    assert (parking.measured, trees.measured) == (False, False)
    assert waiting(session) == 1
    work(app, session)
    assert (parking.measured, trees.measured) == (True, True)


def test_an_edit_that_comes_while_it_computes_is_taken_into_account(
    app, session, campaign, grouped, alice, now, monkeypatch
):
    parking, trees, buses = active_themes(session, campaign)
    merge_themes(session, parking, others=[trees], by=alice, now=now)
    session.commit()
    measure, computed = refreshing.measure_themes, []

    def measure_meanwhile(*args, **kwargs):
        if not computed:
            split_theme(session, buses, idea_ids=[grouped["Buses"][0].id], name="Night", by=alice, now=now)
            session.commit()
        computed.append(1)
        return measure(*args, **kwargs)

    monkeypatch.setattr(refreshing, "measure_themes", measure_meanwhile)
    work(app, session)
    assert len(computed) == 2
    assert {theme.measured for theme in active_themes(session, campaign)} == {True}


def test_a_theme_without_ideas_has_nothing_in_common(app, session, campaign, grouped, alice, now):
    parking, trees, _buses = active_themes(session, campaign)
    move_ideas(session, campaign, idea_ids=[idea.id for idea in grouped["Trees"]], to=parking, by=alice, now=now)
    session.commit()
    work(app, session)
    assert (trees.measured, trees.phrases, trees.exemplars, trees.warnings) == (True, [], [], (ThemeWarning.SMALL,))


def test_the_sub_themes_are_those_that_hold_most_of_their_ideas(app, session, campaign, grouped, alice, now):
    parking, trees, buses = active_themes(session, campaign)
    for leaf, idea in enumerate(idea for ideas in grouped.values() for idea in ideas):
        session.get(Placement, idea.id).node = leaf // 4
    session.commit()
    merge_themes(session, parking, others=[trees], by=alice, now=now)
    move_ideas(session, campaign, idea_ids=[grouped["Buses"][0].id], to=parking, by=alice, now=now)
    session.commit()
    work(app, session)
    assert (parking.parts, buses.parts) == ([0, 1, 2, 3], [4, 5])


def test_the_job_gives_up_where_themes_keep_changing(app, session, campaign, grouped, alice, now, monkeypatch):
    parking, trees, _buses = active_themes(session, campaign)
    merge_themes(session, parking, others=[trees], by=alice, now=now)
    session.commit()
    monkeypatch.setattr(refreshing, "is_outdated", lambda *_args: True)
    monkeypatch.setattr(refreshing, "MAX_ATTEMPTS", 2)
    with app.app_context(), pytest.raises(refreshing.ThemesKeepChanging):
        refresh_themes(database(), campaign.id)
