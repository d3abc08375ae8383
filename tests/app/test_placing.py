"""New ideas find their theme at once, where the ideas most like them stand today."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.jobs.placing import _desks
from app.jobs.worker import run_next
from ideas.idea import Idea, restore_idea, revise_idea, submit_idea
from ideas.importing import ImportRow, import_ideas
from ideas.job import Job, JobKind, JobStatus
from ideas.theme import Leftover, Placement, Theme, ThemeRun, active_themes, count_unplaced
from ideas.theme_edit import merge_themes, move_ideas
from ideas.theme_run import IdeaPlaced, RunFound, ThemeFound, record_run

SUBJECTS = {
    "parking": ["Build a larger car park near the station", "More parking spaces for cars downtown"],
    "trees": ["Plant trees along the avenue", "More shade and trees on the squares"],
    "buses": ["Run the night bus until two", "A bus every ten minutes on Saturday"],
}

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def no_desks():
    _desks.clear()


@pytest.fixture
def grouped(session, campaign, charlie, make_idea, now):
    """An open campaign of thirty ideas, with a theme for each of three subjects: its ideas by subject."""
    before = now - timedelta(days=1)
    facts = {"submitted_at": before, "updated_at": before}
    ideas = {
        subject: [make_idea(campaign, charlie, f"{texts[n % 2]}, number {n}", **facts) for n in range(10)]
        for subject, texts in SUBJECTS.items()
    }
    themes = [ThemeFound(n, subject, [subject], [], 0.5, 0.3 * n, 0.5) for n, subject in enumerate(ideas, start=1)]
    placed = [
        IdeaPlaced(idea.id, theme.id, None, 0.9, [(theme.id, 0.9)], theme.x, 0.5, leaf=theme.id)
        for theme in themes
        for idea in ideas[theme.name]
    ]
    record_run(session, campaign, RunFound("test", {}, too_few=False, themes=themes, ideas=placed), now=now)
    session.commit()
    return ideas


def work(app):
    with app.app_context():
        while run_next():
            pass


def theme_of(session, idea):
    session.expire_all()
    return session.get(Placement, idea.id).theme_id


def submit(session, campaign, author, body, now):
    idea = submit_idea(session, campaign, author=author, title="", body=body, now=now)
    session.commit()
    return idea


def clock(session):
    """An instant after the last run."""
    return session.scalars(select(ThemeRun.created_at)).all()[-1] + timedelta(seconds=1)


def test_an_idea_is_placed_as_soon_as_it_is_submitted(app, session, campaign, grouped, charlie):
    idea = submit(session, campaign, charlie, "More car parking close to the station", clock(session))
    assert count_unplaced(session, campaign) == 1
    work(app)
    assert theme_of(session, idea) == theme_of(session, grouped["parking"][0])
    placement = session.get(Placement, idea.id)
    assert set(placement.neighbours) <= {one.id for one in grouped["parking"]}
    assert (placement.placed_by_id, placement.leaf, placement.x, placement.shared) == (None, 1, 0.3, ["parking"])
    assert placement.nearest[0]["theme"] == placement.theme_id
    assert placement.strength == placement.nearest[0]["strength"]
    job = session.scalars(select(Job).where(Job.kind == JobKind.PLACE_IDEAS)).one()
    assert (job.status, job.result) == (JobStatus.DONE, {"placed": 1})


def test_what_is_like_nothing_stands_alone(app, session, campaign, grouped, charlie):
    ideas = [submit(session, campaign, charlie, body, clock(session)) for body in ("Grandmother's onion soup", "???")]
    work(app)
    assert [theme_of(session, idea) for idea in ideas] == [None, None]
    assert session.get(Placement, ideas[1].id).leftover is Leftover.ALONE


def test_the_acts_of_people_count_at_once(app, session, campaign, grouped, charlie, alice, now):
    first = submit(session, campaign, charlie, "Night buses should run until two", clock(session))
    work(app)
    themes = {subject: theme_of(session, ideas[0]) for subject, ideas in grouped.items()}
    assert theme_of(session, first) == themes["buses"]
    by_id = {theme.id: theme for theme in active_themes(session, campaign)}
    merge_themes(session, by_id[themes["trees"]], others=[by_id[themes["buses"]]], by=alice, now=now)
    session.commit()
    second = submit(session, campaign, charlie, "Night buses should run until three", clock(session))
    work(app)
    assert theme_of(session, second) == themes["trees"]
    some = [idea.id for idea in grouped["parking"]]
    move_ideas(session, campaign, idea_ids=some, to=None, by=alice, now=now)
    session.commit()
    third = submit(session, campaign, charlie, "Build a larger car park near the station", clock(session))
    work(app)
    assert theme_of(session, third) != themes["parking"]


def test_after_an_act_only_the_themes_are_read_anew(app, session, campaign, grouped, charlie, alice, now):
    submit(session, campaign, charlie, "Night buses should run until two", clock(session))
    work(app)
    desk = _desks[campaign.id]
    trees = grouped["trees"][0].id
    parking = theme_of(session, grouped["parking"][0])
    move_ideas(session, campaign, idea_ids=[trees], to=session.get(Theme, parking), by=alice, now=now)
    session.commit()
    submit(session, campaign, charlie, "Night buses should run until three", clock(session))
    work(app)
    assert _desks[campaign.id] is desk
    assert {row.id: row.theme_id for row in desk.rows}[trees] == parking
    session.get(Idea, trees).body = "Other words"
    move_ideas(session, campaign, idea_ids=[trees], to=None, by=alice, now=now)
    session.commit()
    submit(session, campaign, charlie, "Night buses should run until four", clock(session))
    work(app)
    assert _desks[campaign.id] is not desk
    assert {row.id: row.text for row in _desks[campaign.id].rows}[trees].endswith("Other words")


def test_before_the_first_run_nothing_is_asked_for(session, campaign, charlie, now):
    submit(session, campaign, charlie, "A bus", now)
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_imported_and_restored_ideas_are_placed_too(app, session, campaign, grouped, charlie):
    at = clock(session)
    import_ideas(session, campaign, [ImportRow(line=2, body="Trees in every schoolyard, for the shade")], now=at)
    session.commit()
    work(app)
    assert count_unplaced(session, campaign) == 0
    gone = grouped["trees"][0]
    gone.withdrawn_at = at
    session.delete(session.get(Placement, gone.id))
    restore_idea(session, gone, by=charlie, now=at)
    session.commit()
    work(app)
    assert theme_of(session, gone) == theme_of(session, grouped["trees"][1])


def test_a_run_follows_once_enough_is_new_or_changed(app, session, campaign, grouped, charlie):
    at = clock(session)
    for idea in grouped["buses"]:
        revise_idea(session, idea, by=charlie, title="", body=f"{idea.body} please", now=at)
    for number in range(9):
        submit(session, campaign, charlie, f"A tram to the sea, line {number}", at)
    work(app)
    assert session.scalar(select(func.count()).select_from(ThemeRun)) == 1
    submit(session, campaign, charlie, "A tram to the lake", at)
    work(app)
    assert session.scalar(select(func.count()).select_from(ThemeRun)) == 2
    assert count_unplaced(session, campaign) == 0
    submit(session, campaign, charlie, "A tram to the hills", clock(session))
    work(app)
    assert session.scalar(select(func.count()).select_from(ThemeRun)) == 2, "counted from the last run on"


def test_an_idea_that_comes_while_others_are_placed_is_placed_with_them(
    app, session, campaign, grouped, charlie, monkeypatch
):
    from app.jobs import placing

    at, held = clock(session), []
    hold = placing.hold

    def arrive_first(work_session, work_campaign):
        if not held:
            held.append(
                submit_idea(
                    work_session, work_campaign, author=work_campaign.owner, title="", body="Trees and shade", now=at
                ).id
            )
            work_session.commit()
        hold(work_session, work_campaign)

    monkeypatch.setattr(placing, "hold", arrive_first)
    submit(session, campaign, charlie, "More parking downtown", at)
    with app.app_context():
        run_next()
    assert count_unplaced(session, campaign) == 0
    assert session.scalar(select(func.count()).where(Job.kind == JobKind.PLACE_IDEAS)) == 1
