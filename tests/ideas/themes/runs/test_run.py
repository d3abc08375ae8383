from datetime import timedelta

from sqlalchemy import func, select

from ideas.themes.edits.edit import rename_theme
from ideas.themes.edits.move import move_ideas
from ideas.themes.runs.run import enqueue_after_closing, load_state
from ideas.work.job import Job, JobKind, cancel, latest_job


def test_the_state_holds_what_people_did(session, campaign, themes, ideas, alice, now):
    buses, bicycles, fares = themes
    rename_theme(session, buses, name="Night buses", by=alice, now=now)
    move_ideas(session, campaign, idea_ids=[ideas[0].id], to=fares, by=alice, now=now)
    state = load_state(session, campaign)
    assert state.by_people == {ideas[0].id: fares.id}
    assert state.kept == {buses.id, fares.id}
    previous = state.previous()
    assert previous.placed == {str(ideas[0].id): fares.id}
    assert previous.theme_of[str(ideas[4].id)] == bicycles.id
    assert previous.positions[buses.id] == (buses.x, buses.y)
    assert state.next_id > fares.id


def test_a_campaign_that_closed_is_grouped_once_by_itself(session, campaign, closed_campaign, draft_campaign, now):
    assert enqueue_after_closing(session, now=now) == 1
    asked = latest_job(session, closed_campaign.id, JobKind.FIND_THEMES)
    cancel(session, asked, by=None, now=now)
    assert enqueue_after_closing(session, now=now + timedelta(seconds=1)) == 0
    assert session.scalar(select(func.count(Job.id))) == 1
