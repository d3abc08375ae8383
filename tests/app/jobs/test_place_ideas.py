"""New ideas find their theme at once, where the ideas most like them are today."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.clock import now as clock_now
from app.extensions import database
from app.jobs import place_ideas as placing
from app.jobs.find_themes import group_ideas
from app.jobs.place_ideas import place_ideas
from app.worker.placement_cache import _cache
from app.worker.worker import run_next
from clustering.types import Leftover, Node
from ideas.campaigns.term import add_term
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import Idea, restore_idea, revise_idea, withdraw_idea
from ideas.contributions.imports.importing import import_ideas
from ideas.contributions.imports.row import ImportRow
from ideas.themes.card import theme_cards
from ideas.themes.edits.edit import merge_themes, rename_theme
from ideas.themes.edits.move import forbid, move_ideas, pin_ideas
from ideas.themes.edits.undo import undo_edit
from ideas.themes.passage import passages_of
from ideas.themes.placement import Placement, count_unplaced
from ideas.themes.runs.accept import accept
from ideas.themes.runs.apply import apply_or_propose
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.runs.run import ThemeRun
from ideas.themes.theme import Theme, active_themes
from ideas.work.job import Job, JobKind, JobStatus
from tests.runs import apply_run, found_theme, placed_idea, run_result

SUBJECTS = {
    "parking": ["Build a larger car park near the station", "More parking spaces for cars downtown"],
    "trees": ["Plant trees along the avenue", "More shade and trees on the squares"],
    "buses": ["Run the night bus until two", "A bus every ten minutes on Saturday"],
}

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def no_cache():
    """Numbers come back from test to test, with other ideas behind them."""
    _cache.clear()
    yield
    _cache.clear()


def run_of(ideas, numbers=(1, 2, 3), **facts):
    """A run that finds a theme for each of the subjects."""
    themes = [
        found_theme(number, subject, [subject], [], 0.5, 0.3 * leaf, 0.5)
        for leaf, (number, subject) in enumerate(zip(numbers, ideas, strict=True), start=1)
    ]
    placed = [
        placed_idea(idea.id, theme.id, None, 0.9, [(theme.id, 0.9)], theme.x, 0.5, node=leaf)
        for leaf, theme in enumerate(themes, start=1)
        for idea in ideas[theme.name]
    ]
    tree = [Node(None, 0.5, 10, subject, [subject], 0.5, []) for subject in ("nothing", *ideas)]
    return run_result(themes, placed, tree=tree, base=4, **facts)


@pytest.fixture
def grouped(session, campaign, charlie, make_idea, now):
    """An open campaign of thirty ideas, with a theme for each of three subjects: its ideas by subject."""
    before = now - timedelta(days=1)
    facts = {"submitted_at": before, "updated_at": before}
    ideas = {
        subject: [make_idea(campaign, charlie, f"{texts[n % 2]}, number {n}", **facts) for n in range(10)]
        for subject, texts in SUBJECTS.items()
    }
    apply_run(session, campaign, run_of(ideas), now=now)
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
    assert (placement.placed_by_id, placement.node, placement.x, placement.shared) == (None, 1, 0.3, ["parking"])
    assert placement.nearest[0].theme == placement.theme_id
    assert placement.strength == placement.nearest[0].strength
    job = session.scalars(select(Job).where(Job.kind == JobKind.PLACE_IDEAS)).one()
    assert (job.status, job.result) == (JobStatus.DONE, {"placed": 1})


def test_an_abbreviation_is_placed_and_grouped_with_its_meaning(
    app, session, campaign, make_ideas, alice, charlie, now
):
    before = now - timedelta(days=1)
    add_term(session, campaign, abbreviation="VAE", meaning="vélo à assistance électrique", by=alice, now=before)
    spelled = ("Prêter un {} aux agents", "Un garage fermé pour chaque {}", "Une prime à l’achat d’un {}")
    others = (
        "Baisser le prix de la cantine", "Des repas bio à la cantine", "Une cantine ouverte plus tard",
        "Des bus de nuit jusqu’à deux heures", "Plus de bus le samedi soir", "Prolonger les bus le soir",
    )  # fmt: skip
    bodies = [one.format(name) for one in spelled for name in ("VAE", "vélo à assistance électrique")]
    facts = {"submitted_at": before, "updated_at": before}
    ideas = make_ideas(campaign, charlie, [{"body": body} | facts for body in (*bodies, *others)])
    with app.app_context():
        group_ideas(database(), campaign.id)
        database().commit()
    [bikes] = {theme_of(session, idea) for idea in ideas[: len(bodies)]}
    assert bikes is not None
    assert bikes not in {theme_of(session, idea) for idea in ideas[len(bodies) :]}
    new = submit(session, campaign, charlie, "Tester le VAE pendant un mois", clock_now())
    work(app)
    assert theme_of(session, new) == bikes
    placer = _cache[campaign.id]
    add_term(session, campaign, abbreviation="SI", meaning="système d’information", by=alice, now=now)
    submit(session, campaign, charlie, "Un VAE par service", clock_now())
    work(app)
    assert _cache[campaign.id] is not placer, "read again with the new glossary"


def test_an_idea_that_is_like_no_other_is_an_outlier(app, session, campaign, grouped, charlie):
    ideas = [
        submit(session, campaign, charlie, body, clock(session))
        for body in ("Grandmother's onion soup", "Zxqv wlkj prtm")
    ]
    work(app)
    assert [theme_of(session, idea) for idea in ideas] == [None, None]
    assert session.get(Placement, ideas[1].id).leftover is Leftover.OUTLIER


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


def test_after_an_act_the_cached_texts_are_kept(app, session, campaign, grouped, charlie, alice, now):
    submit(session, campaign, charlie, "Night buses should run until two", clock(session))
    work(app)
    placer = _cache[campaign.id]
    trees = grouped["trees"][0].id
    parking = theme_of(session, grouped["parking"][0])
    move_ideas(session, campaign, idea_ids=[trees], to=session.get(Theme, parking), by=alice, now=now)
    session.commit()
    submit(session, campaign, charlie, "Night buses should run until three", clock(session))
    work(app)
    assert _cache[campaign.id] is placer
    assert {row.id: row.theme_id for row in placer.ideas}[trees] == parking
    session.get(Idea, trees).body = "Other words"
    move_ideas(session, campaign, idea_ids=[trees], to=None, by=alice, now=now)
    session.commit()
    again = submit(session, campaign, charlie, "Plant trees along the avenue, number 0", clock(session))
    work(app)
    assert _cache[campaign.id] is placer
    assert theme_of(session, again) == theme_of(session, grouped["trees"][1])
    assert trees not in session.get(Placement, again.id).neighbours, "it says something else by now"


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
    charlie.created_at = at - timedelta(days=2)  # a new account may not submit that many
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


@pytest.fixture
def before_lock(monkeypatch):
    """Let something be committed after places were found and before they are written: each time, or `once`."""
    lock_campaign = placing.lock_campaign

    def install(act, *, once=True):
        acts = []

        def lock(session, campaign):
            if not (once and acts):
                acts.append(act(session, campaign))
                session.commit()
            lock_campaign(session, campaign)

        monkeypatch.setattr(placing, "lock_campaign", lock)
        return acts

    return install


def test_an_idea_that_comes_while_others_are_placed_is_placed_with_them(
    app, session, campaign, grouped, charlie, before_lock
):
    at = clock(session)
    before_lock(
        lambda session, campaign: submit_idea(
            session, campaign, author=campaign.owner, title="", body="Trees and shade", now=at
        )
    )
    submit(session, campaign, charlie, "More parking downtown", at)
    with app.app_context():
        run_next()
    assert count_unplaced(session, campaign) == 0
    assert session.scalar(select(func.count()).where(Job.kind == JobKind.PLACE_IDEAS)) == 1


def test_a_place_found_among_the_themes_of_an_earlier_run_is_never_written(
    app, session, campaign, grouped, charlie, now, before_lock, manager
):
    ids = {subject: [idea.id for idea in ideas] for subject, ideas in grouped.items()}
    cars, buses = (theme_of(session, grouped[subject][0]) for subject in ("parking", "buses"))

    def group_anew(session, campaign):
        """Two of the three themes continue, in a tree with fewer groups."""
        themes = [
            found_theme(cars, "cars", ["parking"], [], 0.5, 0.1, 0.5),
            found_theme(buses, "air", [], [], 0.5, 0.9, 0.5),
        ]
        leaf_of = {"parking": 0, "trees": 1, "buses": 1}
        placed = [
            placed_idea(idea_id, themes[leaf_of[subject]].id, None, 0.9, [], 0.5, 0.5, node=leaf_of[subject])
            for subject, idea_ids in ids.items()
            for idea_id in idea_ids
        ]
        tree = [Node(None, 0.5, 10, theme.name, [], 0.5, []) for theme in themes]
        run = run_result(themes, placed, tree=tree, base=2)
        return apply_run(session, campaign, run, now=now).id

    before_lock(group_anew)
    idea = submit(session, campaign, charlie, "Night buses should run until two", clock(session))
    work(app)
    assert theme_of(session, idea) == buses
    placement = session.get(Placement, idea.id)
    assert (placement.node, [near.theme for near in placement.nearest][:1]) == (1, [buses])
    assert manager.get(f"/campaigns/{campaign.id}/themes/granularity").status_code == 200


def test_where_the_themes_change_at_every_attempt_nothing_is_placed(
    app, session, campaign, grouped, charlie, now, before_lock, monkeypatch
):
    def rename(session, campaign):
        theme = active_themes(session, campaign)[0]
        rename_theme(session, theme, name=f"{theme.name} again", by=campaign.owner, now=now)

    monkeypatch.setattr(placing, "MAX_ATTEMPTS", 3)
    acts = before_lock(rename, once=False)
    submit(session, campaign, charlie, "More parking downtown", clock(session))
    work(app)
    assert len(acts) == 3
    assert count_unplaced(session, campaign) == 1
    assert session.scalars(select(Job.status).where(Job.kind == JobKind.PLACE_IDEAS)).one() is JobStatus.QUEUED, (
        "tried again later"
    )


def revise(session, idea, body):
    """At this instant: after all that was placed so far."""
    revise_idea(session, idea, by=idea.author, title="", body=body, now=clock_now())
    session.commit()


def test_a_revised_idea_is_placed_by_its_new_text(app, session, campaign, grouped, charlie):
    idea = grouped["buses"][0]
    session.get(Placement, idea.id).shared = ["buses"]
    submit(session, campaign, charlie, "More parking downtown", clock(session))
    work(app)
    revise(session, idea, "Schoolyards need shade, plant trees")
    work(app)
    assert theme_of(session, idea) == theme_of(session, grouped["trees"][0])
    placement = session.get(Placement, idea.id)
    assert (placement.node, placement.x, placement.shared) == (2, 0.6, ["trees"])
    assert set(placement.neighbours) <= {one.id for one in grouped["trees"]}
    assert (placement.placed_by_id, placement.nearest[0].theme) == (None, placement.theme_id)
    revise(session, idea, "A bus every ten minutes on Sunday")
    work(app)
    assert theme_of(session, idea) == theme_of(session, grouped["buses"][1])


def test_an_idea_is_not_placed_by_its_own_earlier_text(app, session, campaign, grouped, charlie, alice, now):
    """Neither where the cache knew it before it was revised, nor where the cache is filled only then."""
    idea = grouped["buses"][0]
    parking = session.get(Theme, theme_of(session, grouped["parking"][0]))
    placement = session.get(Placement, idea.id)
    placement.theme_id = parking.id
    session.commit()
    submit(session, campaign, charlie, "More parking downtown", clock(session))
    work(app)
    revise(session, idea, "Run the night bus until two")
    work(app)
    assert theme_of(session, idea) == theme_of(session, grouped["buses"][1])
    assert idea.id not in session.get(Placement, idea.id).neighbours
    session.get(Placement, idea.id).theme_id = parking.id
    session.commit()
    _cache.clear()
    revise(session, idea, "Run the night bus until two, please")
    work(app)
    assert theme_of(session, idea) == theme_of(session, grouped["buses"][1])


def test_a_revised_idea_stays_where_a_person_placed_it_and_is_measured_again(
    app, session, campaign, grouped, alice, now
):
    idea, aside = grouped["buses"][0], grouped["buses"][1]
    buses = session.get(Theme, theme_of(session, idea))
    pin_ideas(session, campaign, idea_ids=[idea.id], by=alice, now=now)
    move_ideas(session, campaign, idea_ids=[aside.id], to=None, by=alice, now=now)
    for one in (idea, aside):
        session.get(Placement, one.id).shared = ["buses"]
        session.get(Placement, one.id).strength = 0.9
        revise(session, one, "Schoolyards need shade, plant trees")
    work(app)
    assert theme_of(session, idea) == buses.id
    kept, alone = session.get(Placement, idea.id), session.get(Placement, aside.id)
    assert (kept.placed_by_id, kept.shared, kept.node, kept.x) == (alice.id, [], 3, pytest.approx(0.9))
    assert set(kept.neighbours) <= {one.id for one in grouped["buses"]}
    assert kept.strength < 0.5
    assert kept.nearest[0].theme == theme_of(session, grouped["trees"][0])
    assert (alone.theme_id, alone.leftover, alone.placed_by_id, alone.shared) == (None, Leftover.OUTLIER, alice.id, [])
    assert alone.strength == alone.nearest[0].strength


def test_what_was_placed_again_stays_until_the_themes_change(app, session, campaign, grouped, charlie, alice):
    idea = grouped["buses"][0]
    revise(session, idea, "Schoolyards need shade, plant trees")
    work(app)
    later = clock_now() + timedelta(minutes=5)

    def placed_later():
        session.execute(update(Job).where(Job.kind == JobKind.PLACE_IDEAS).values(started_at=later))

    placed_later()
    session.get(Placement, idea.id).shared = ["a mark"]
    submit(session, campaign, charlie, "More parking downtown", clock(session))
    work(app)
    session.expire_all()
    assert session.get(Placement, idea.id).shared == ["a mark"]
    placed_later()
    rename_theme(session, active_themes(session, campaign)[0], name="Cars", by=alice, now=later)
    submit(session, campaign, charlie, "More parking uptown", clock(session))
    work(app)
    session.expire_all()
    assert session.get(Placement, idea.id).shared == ["trees"], "an act may bring back what was said of older words"


@pytest.mark.parametrize("comes_back", ["run", "proposal", "undoing"])
def test_an_idea_revised_since_is_placed_again_after_a_run_or_an_undone_act(
    app, session, campaign, grouped, charlie, alice, comes_back
):
    """Also where it had found its place by its new words right before."""
    idea = grouped["buses"][0]
    parking = session.get(Theme, theme_of(session, grouped["parking"][0]))
    read_at = clock_now()
    if comes_back == "proposal":
        rename_theme(session, parking, name="Cars", by=alice, now=read_at)
        session.get(Placement, grouped["buses"][1].id).theme_id = parking.id
    elif comes_back == "undoing":
        act = move_ideas(session, campaign, idea_ids=[idea.id], to=parking, by=alice, now=read_at)
    revise(session, idea, "Schoolyards need shade, plant trees")
    work(app)
    if comes_back == "undoing":
        undo_edit(session, act, by=alice, now=clock_now())
    else:
        numbers = [theme.id for theme in active_themes(session, campaign)]
        apply_or_propose(session, campaign, run_of(grouped, numbers, read_at=read_at), now=clock_now())
    if comes_back == "proposal":
        accept(session, open_proposal(session, campaign), by=alice, now=clock_now())
    session.commit()
    there = {"undoing": "buses"}.get(comes_back, "trees")
    assert theme_of(session, idea) == theme_of(session, grouped[there][2]), "a run leaves it where it was put meanwhile"
    session.get(Placement, idea.id).neighbours = []
    session.commit()
    work(app)
    assert theme_of(session, idea) == theme_of(session, grouped["trees"][2])
    placement = session.get(Placement, idea.id)
    assert (placement.shared, placement.node) == (["trees"], 2)
    assert placement.neighbours, "they were found again"


def test_a_run_that_read_all_texts_of_today_queues_no_placing(app, session, campaign, grouped, charlie, now):
    apply_or_propose(session, campaign, run_of(grouped, read_at=now + timedelta(minutes=1)), now=now)
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_an_idea_revised_while_withdrawn_is_placed_by_its_new_text(app, session, campaign, grouped, charlie):
    idea, at = grouped["buses"][0], clock(session)
    withdraw_idea(session, idea, by=charlie, now=at)
    revise(session, idea, "Schoolyards need shade, plant trees")
    work(app)
    restore_idea(session, idea, by=charlie, now=at)
    session.commit()
    work(app)
    assert theme_of(session, idea) == theme_of(session, grouped["trees"][0])


def test_many_revised_ideas_cost_no_more_queries_than_one(app, session, campaign, grouped, count_queries):
    def queries(ideas):
        for idea in ideas:
            revise(session, idea, f"{idea.body} please")
        return count_queries(lambda: place_ideas(session, campaign.id))

    with app.app_context():
        queries(grouped["parking"][:1])  # the cache is filled
        session.commit()
        one = queries(grouped["buses"][:1])
        session.commit()
        assert queries(grouped["trees"][:8]) == one


# Several asks ---------------------------------------------------------------------------------------------------------


def themes_asked(session, idea):
    session.expire_all()
    return {row.theme_id for row in passages_of(session, [idea.id]).get(idea.id, [])}


def test_a_new_idea_counts_in_each_theme_that_it_asks_for(app, session, campaign, grouped, charlie):
    before = {card.theme.id: card.size for card in theme_cards(session, campaign)}
    both = submit(
        session, campaign, charlie, "Plant trees along the avenue. Run the night bus until two.", clock(session)
    )
    one = submit(
        session, campaign, charlie, "More shade and trees on the squares. Plant trees along the avenue.", clock(session)
    )
    work(app)
    trees, buses = (theme_of(session, grouped[subject][0]) for subject in ("trees", "buses"))
    assert theme_of(session, both) in {trees, buses}
    assert themes_asked(session, both) == {trees, buses}
    assert (theme_of(session, one), themes_asked(session, one)) == (trees, set())
    after = {card.theme.id: card.size for card in theme_cards(session, campaign)}
    assert (after[trees], after[buses]) == (before[trees] + 2, before[buses] + 1)
    stretches = {row.theme_id: both.text[row.start : row.end] for row in passages_of(session, [both.id])[both.id]}
    assert stretches == {trees: "Plant trees along the avenue.", buses: "Run the night bus until two."}


def test_a_revised_idea_counts_by_its_new_text(app, session, campaign, grouped, charlie):
    idea = submit(
        session, campaign, charlie, "Plant trees along the avenue. Run the night bus until two.", clock(session)
    )
    work(app)
    trees, buses, parking = (theme_of(session, grouped[subject][0]) for subject in ("trees", "buses", "parking"))
    revise(session, idea, "Build a larger car park near the station. Plant trees along the avenue.")
    work(app)
    assert themes_asked(session, idea) == {trees, parking}
    revise(session, idea, "Run the night bus until two, every night")
    work(app)
    assert (theme_of(session, idea), themes_asked(session, idea)) == (buses, set())


def test_where_people_decided_a_new_text_counts_as_they_did(app, session, campaign, grouped, charlie, alice, now):
    trees, buses, parking = (
        session.get(Theme, theme_of(session, grouped[subject][0])) for subject in ("trees", "buses", "parking")
    )
    moved, kept_out = grouped["trees"][:2]
    move_ideas(session, campaign, idea_ids=[moved.id], to=parking, by=alice, now=now)
    forbid(session, campaign, idea_ids=[kept_out.id], theme=buses, by=alice, now=now)
    for idea in (moved, kept_out):
        revise(session, idea, "Plant trees along the avenue. Run the night bus until two.")
    work(app)
    assert (theme_of(session, moved), themes_asked(session, moved)) == (parking.id, {parking.id, trees.id, buses.id})
    assert (theme_of(session, kept_out), themes_asked(session, kept_out)) == (trees.id, set())
    aside = grouped["trees"][2]
    move_ideas(session, campaign, idea_ids=[aside.id], to=None, by=alice, now=now)
    revise(session, aside, "Plant trees along the avenue. Run the night bus until two.")
    work(app)
    assert (theme_of(session, aside), themes_asked(session, aside)) == (None, set())


@pytest.mark.slow
def test_a_full_run_finds_the_membership_that_placing_found(app, session, campaign, charlie, make_idea, now):
    """Themes that people merged or named don't change, so that what is compared is the placing."""
    before = now - timedelta(days=1)
    facts = {"submitted_at": before, "updated_at": before}
    for texts in SUBJECTS.values():
        for number in range(10):
            make_idea(campaign, charlie, f"{texts[number % 2]}, {WAYS[number]}", **facts)
    session.commit()
    with app.app_context():
        group_ideas(database(), campaign.id)
        database().commit()
    bodies = (
        "Plant trees along the avenue. Run the night bus until two.",
        "More parking spaces for cars downtown. A bus every ten minutes on Saturday. That would be easy to do.",
        "More shade and trees on the squares",
    )
    ideas = [submit(session, campaign, charlie, body, now) for body in bodies]
    work(app)
    placed = [(theme_of(session, idea), themes_asked(session, idea)) for idea in ideas]
    sizes = {card.theme.id: card.size for card in theme_cards(session, campaign)}
    assert len(placed[0][1]) == 2
    with app.app_context():
        group_ideas(database(), campaign.id)
        database().commit()
    assert [(theme_of(session, idea), themes_asked(session, idea)) for idea in ideas] == placed
    assert {card.theme.id: card.size for card in theme_cards(session, campaign)} == sizes


WAYS = (
    "please", "as soon as possible", "for everybody", "in the old town", "this year", "for those who work late",
    "near the schools", "as other towns do", "for the elderly", "in every season",
)  # fmt: skip


# Near-copies ----------------------------------------------------------------------------------------------------------

LETTER = "We ask the council to plant forty plane trees along the avenue before the summer of the next year"


def same_as(session, idea):
    session.expire_all()
    return session.get(Placement, idea.id).same_as


@pytest.fixture
def letters(app, session, campaign, grouped, charlie):
    """Two ideas that came after the run: the second says the same as the first."""
    first = submit(session, campaign, charlie, f"{LETTER}.", clock(session))
    work(app)
    _cache.clear()  # as where many ideas come: they are read again
    second = submit(session, campaign, charlie, f"Hello! {LETTER}. Thank you.", clock(session))
    work(app)
    return first, second


def test_a_copy_is_folded_at_once_and_unfolded_when_it_says_something_else(app, session, letters):
    first, second = letters
    assert (same_as(session, first), same_as(session, second)) == (None, first.id)
    assert theme_of(session, first) == theme_of(session, second)
    revise(session, second, "Build a larger car park near the station")
    work(app)
    assert same_as(session, second) is None


def test_where_the_first_one_says_something_else_the_next_one_stands_for_the_others(
    app, session, campaign, letters, charlie
):
    first, second = letters
    _cache.clear()
    third = submit(session, campaign, charlie, f"{LETTER}!", clock(session))
    work(app)
    assert same_as(session, third) == first.id
    revise(session, first, "Build a larger car park near the station")
    work(app)
    assert [same_as(session, idea) for idea in (first, second, third)] == [None, None, second.id]
    revise(session, first, f"{LETTER}...")
    work(app)
    assert [same_as(session, idea) for idea in (first, second, third)] == [second.id, None, second.id]
