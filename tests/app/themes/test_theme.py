from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now as clock
from clustering.quality import warnings as theme_warnings
from clustering.types import Apart, Change, Event, Near, Node, ThemeWarning
from ideas.answers.action import commit_to
from ideas.answers.decision import DecisionStatus, decide
from ideas.contributions.idea import Idea
from ideas.themes.card import MIN_IDEAS
from ideas.themes.edits.history import edit_history
from ideas.themes.placement import Placement
from ideas.themes.runs.run import latest_run
from ideas.work.job import Job, JobError, JobKind, JobStatus, cancel, enqueue, latest_job
from ideas.work.lease import claim, fail, finish, report
from tests.places import at, members

FIND = JobKind.FIND_THEMES
CONTROLS = ("Move", "Rename", "Merge", "Group the ideas again", "Decide", "Never put", "Move each", 'type="checkbox"')


# Who may ------------------------------------------------------------------------------------------------------------


def test_themes_do_not_exist_for_participants_before_the_debrief_and_are_read_only_after(
    session, grouped, closed_campaign, signed_in, client, charlie, now
):
    theme, _other = grouped()
    reader = signed_in(charlie)
    idea, _ = sorted(members(session, theme))
    tails = ["", f"/{theme.id}", "/leftover/outlier", "/leftover/ambiguous", f"/why/{idea}"]
    for tail in tails:
        assert reader.get(at(closed_campaign, tail)).status_code == 404
        assert client.get(at(closed_campaign, tail)).status_code == 404
    closed_campaign.debriefed_at = now
    session.commit()
    for tail in tails:
        for visitor in (reader, client):
            page = visitor.get(at(closed_campaign, tail))
            assert page.status_code == 200
            for control in CONTROLS:
                assert control not in page.text


@pytest.mark.parametrize(
    "tail",
    [
        *("group", "cancel", "{}/rename", "{}/merge", "{}/split", "{}/parts/0", "{}/forbid", "move", "pin", "unpin"),
        *("edits/{edit}/undo", "history", "progress"),
        *("proposal", "proposal/accept", "proposal/decline", "granularity"),
    ],
)
def test_only_managers_change_themes(session, grouped, closed_campaign, signed_in, manager, charlie, now, tail):
    theme, _other = grouped()
    closed_campaign.debriefed_at = now
    session.commit()
    manager.post(at(closed_campaign, f"/{theme.id}/rename"), data={"name": "Mine"})
    (edit,) = edit_history(session, closed_campaign)
    address = at(closed_campaign, "/" + tail.format(theme.id, edit=edit.id))
    other = signed_in(charlie)
    read = tail in {"history", "progress", "proposal", "granularity"}
    answer = other.get(address) if read else other.post(address, data={"name": "Theirs"})
    assert answer.status_code == 403
    session.expire_all()
    assert theme.name == "Mine"


def test_a_theme_or_edit_of_another_campaign_is_not_found(session, grouped, closed_campaign, make_campaign, manager):
    theme, _other = grouped()
    elsewhere = make_campaign()
    manager.post(at(closed_campaign, f"/{theme.id}/rename"), data={"name": "Mine"})
    (edit,) = edit_history(session, closed_campaign)
    assert manager.get(at(elsewhere, f"/{theme.id}")).status_code == 404
    for tail in (f"/{theme.id}/rename", f"/{theme.id}/merge", f"/{theme.id}/split", f"/edits/{edit.id}/undo"):
        assert manager.post(at(elsewhere, tail), data={"name": "X"}).status_code == 404
    assert manager.get(at(closed_campaign, "/leftover/else")).status_code == 404


# The page of all themes ---------------------------------------------------------------------------------------------


def test_the_page_shows_the_map_every_theme_and_what_is_left_over(grouped, closed_campaign, manager):
    first, second = grouped()
    page = manager.get(at(closed_campaign)).text
    assert page.count('class="theme-card ') == 2
    assert page.count('<a class="island ') == 2
    assert f'href="{at(closed_campaign, f"/{first.id}")}"' in page
    for words in ("Name 1", "phrase 2", "Body 0", "Read all 2 ideas", "No answer yet", "Group the ideas again"):
        assert words in page
    assert "Outlier idea" in page
    ambiguous = page[page.index("Ambiguous idea") :]
    assert first.name in ambiguous
    assert second.name in ambiguous


def test_a_decision_shows_on_its_theme_and_undecided_themes_can_come_first(
    session, grouped, closed_campaign, manager, alice, now
):
    first, second = grouped()
    decision = decide(
        session, first, status=DecisionStatus.PLANNED, reason="In March.", respondent=alice, decided_on=now.date(),
        by=alice, now=now,
    )  # fmt: skip
    commit_to(session, decision, title="Order it", impact="", owner=alice, due_on=now.date(), by=alice, now=now)
    session.commit()
    page = manager.get(at(closed_campaign)).text
    assert "Planned" in page
    assert page.index(f'id="theme-{first.id}"') < page.index(f'id="theme-{second.id}"')
    page = manager.get(at(closed_campaign, "?sort=undecided")).text
    assert page.index(f'id="theme-{second.id}"') < page.index(f'id="theme-{first.id}"')
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    assert "In March." in page
    assert "Order it" in page


def test_themes_are_filtered_by_words(grouped, closed_campaign, manager):
    first, second = grouped()
    page = manager.get(at(closed_campaign, "?containing=Body+3")).text
    assert f'id="theme-{second.id}"' in page
    assert f'id="theme-{first.id}"' not in page
    assert "1 theme contains “Body 3”." in page


@pytest.mark.parametrize(("former", "kind"), [("alone", "outlier"), ("between", "ambiguous")])
def test_former_addresses_of_leftovers_lead_to_the_new_ones(grouped, closed_campaign, manager, former, kind):
    grouped(2)
    answer = manager.get(at(closed_campaign, f"/leftover/{former}"))
    assert (answer.status_code, answer.location) == (301, at(closed_campaign, f"/leftover/{kind}"))


@pytest.mark.parametrize("tail", ["", "?colour=time", "/{theme}", "/leftover/ambiguous", "/why/{idea}", "/history"])
def test_the_number_of_queries_does_not_grow(session, grouped, make_campaign, manager, count_queries, tail):
    few, many = make_campaign(), make_campaign()
    counts = []
    for campaign, number in ((few, 3), (many, 30)):
        theme = grouped(number, campaign)[0]
        address = at(campaign, tail.format(theme=theme.id, idea=min(members(session, theme))))
        assert manager.get(address).status_code == 200
        counts.append(count_queries(lambda address=address: manager.get(address)))
    assert counts[0] == counts[1]


def test_themes_are_sorted_by_family_unless_another_order_is_chosen(session, grouped, closed_campaign, manager):
    first, second, third, fourth = grouped(4)
    latest_run(session, closed_campaign).families = ("Getting around", "Paying")
    first.family, second.family, third.family, fourth.family = 0, 1, 0, 1
    session.commit()
    page = manager.get(at(closed_campaign)).text
    places = [page.index(words) for words in (
        "<h3>Getting around</h3>", f'id="theme-{first.id}"', f'id="theme-{third.id}"',
        "<h3>Paying</h3>", f'id="theme-{second.id}"', f'id="theme-{fourth.id}"',
    )]  # fmt: skip
    assert places == sorted(places)
    assert "2 themes, 4 ideas" in page
    assert "Getting around</h3>" not in manager.get(at(closed_campaign, "?sort=largest")).text
    assert "Getting around" in manager.get(at(closed_campaign, f"/{third.id}")).text
    latest_run(session, closed_campaign).families = ("All",)
    session.commit()
    page = manager.get(at(closed_campaign)).text
    assert "<h3>All</h3>" not in page, "one family is no outline"
    assert "By family" not in page


def test_the_changes_of_the_last_run_are_shown_except_after_a_first_run(
    session, grouped, closed_campaign, manager, now
):
    first, second, third = grouped(3)
    run = latest_run(session, closed_campaign)
    run.events = tuple(Event(Change.BORN, theme.id) for theme in (first, second, third))
    session.commit()
    assert "Changes in the last grouping" not in manager.get(at(closed_campaign)).text
    second.retired_at = now
    run.events = (Event(Change.MERGED, first.id, (second.id,)), Event(Change.GONE, second.id))
    session.commit()
    page = manager.get(at(closed_campaign)).text
    assert "Merge: “Name 2” into" in page
    assert "Theme that no longer exists: " in page
    assert at(closed_campaign, f"/{second.id}") not in page, "what is gone has no page"


def test_ideas_that_came_since_the_run_are_counted(session, grouped, closed_campaign, make_idea, charlie, manager, now):
    first, _second = grouped()
    late = make_idea(closed_campaign, charlie, "Late", submitted_at=now + timedelta(minutes=5))
    session.add(Placement(idea_id=late.id, campaign_id=closed_campaign.id, theme_id=first.id))
    session.commit()
    assert "1 idea has been placed since then." in manager.get(at(closed_campaign)).text


# What a theme is made of, and why an idea is there ------------------------------------------------------------------


def test_a_theme_shows_what_it_is_made_of_and_what_sets_it_apart(session, grouped, closed_campaign, manager):
    first, second = grouped()
    one, other = sorted(members(session, first))
    run = latest_run(session, closed_campaign)
    run.tree = (
        Node(2, 0.1, 1, "At night", (), 0.5, (one,)),
        Node(2, 0.1, 1, "At noon", (), 0.5, (other,)),
        Node(None, 0.1, 1, "Buses", (), 0.5, ()),
    )
    first.parts, first.languages = [0, 1], (("fr", 0.75), ("en", 0.25))
    first.apart = Apart(second.id, 0.5, ("wheels",), ("rails",))
    first.warnings = (ThemeWarning.SMALL, ThemeWarning.LOOSE)
    session.get(Placement, one).node, session.get(Placement, other).node = 0, 1
    session.commit()
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    for words in ("At night", "At noon", "French 75%", "English 25%", "wheels", "rails", "This theme has too few ideas",
                  "have little in common"):  # fmt: skip
        assert words in page
    assert "Parts of this theme" not in manager.get(at(closed_campaign, f"/{second.id}")).text
    session.get(Placement, other).node = 0
    session.commit()
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    assert "At noon" not in page, "one part alone is the theme itself"


@pytest.mark.parametrize(
    ("languages", "sentence"),
    [
        ((("fr", 1.0),), "All in one language: French."),
        ((("fr", 0.997), ("en", 0.003)), "Nearly all in one language: French."),
    ],
)
def test_a_language_that_hardly_any_idea_is_in_is_not_counted(
    session, grouped, closed_campaign, manager, languages, sentence
):
    first, _second = grouped()
    first.languages = languages
    session.commit()
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    assert sentence in page
    assert "English" not in page.partition("Why this theme?")[2]


def test_near_ideas_of_other_themes_are_shown_with_their_theme(grouped, closed_campaign, manager):
    first, second = grouped()
    near = manager.get(at(closed_campaign, f"/{second.id}")).text.partition("Also close to this theme")[2]
    assert "Ambiguous idea" in near
    assert "across several themes" in near
    near = manager.get(at(closed_campaign, f"/{first.id}")).text.partition("Also close to this theme")[2]
    assert "Body 2" in near or "Idea 2" in near
    assert second.name in near


def test_a_large_theme_is_shown_page_by_page(session, grouped, closed_campaign, make_idea, charlie, manager):
    first, _second = grouped()
    ideas = [make_idea(closed_campaign, charlie, f"More {number}") for number in range(100)]
    session.add_all(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=first.id) for idea in ideas)
    session.commit()
    page = manager.get(at(closed_campaign, f"/{first.id}?all=yes")).text
    assert "102 ideas" in page
    assert "More 97" in page
    assert "More 98" not in page
    assert "Page 1 of 2" in page
    page = manager.get(at(closed_campaign, f"/{first.id}?page=2")).text
    assert "More 98" in page
    assert "More 97" not in page


@pytest.fixture
def in_two_parts(session, grouped, closed_campaign, make_idea, charlie):
    """A theme of more than a page: its first idea is of the part “At night”, all others of “At noon”."""
    first, _second = grouped()
    for number in range(120):
        idea = make_idea(closed_campaign, charlie, f"More {'trams' if number % 60 == 5 else 'buses'}")
        session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=first.id))
    latest_run(session, closed_campaign).tree = tuple(
        Node(None, 0.5, 1, name, (), 0.5, ()) for name in ("At night", "At noon")
    )
    first.parts = [0, 1]
    session.flush()
    session.execute(update(Placement).where(Placement.theme_id == first.id).values(node=1))
    session.get(Placement, min(members(session, first))).node = 0
    session.commit()
    return first


def test_a_part_of_a_theme_is_read_by_itself(closed_campaign, in_two_parts, manager):
    address = at(closed_campaign, f"/{in_two_parts.id}")
    assert 'href="?part=1#members"' in manager.get(address).text
    page = manager.get(address + "?part=0").text
    assert "Only the part “At night”." in page
    assert page.count('data-choose name="idea"') == 1
    page = manager.get(address + "?part=1&page=2").text
    assert page.count('data-choose name="idea"') == 21
    assert f'href="{address}?part=1&amp;page=1"' in page
    assert "122 ideas" in manager.get(address + "?part=7").text, "a part that is no more is no reason to show nothing"


def test_a_theme_is_searched(closed_campaign, in_two_parts, manager):
    address = at(closed_campaign, f"/{in_two_parts.id}")
    page = manager.get(address + "?containing=TRAM").text
    assert "2 ideas contain “TRAM”." in page
    assert page.count('data-choose name="idea"') == 2
    assert page.count('name="containing" value="TRAM"') == 8, "every form of the page knows where one is"
    page = manager.get(address + "?part=0&containing=tram").text
    assert "0 ideas contain “tram”." in page
    assert "Show all ideas" in page


def test_an_act_returns_to_the_page_and_filters_it_was_sent_from(session, closed_campaign, in_two_parts, manager):
    idea = max(members(session, in_two_parts))
    back = {"back": in_two_parts.id, "part": "1", "page": "2", "containing": "More"}
    answer = manager.post(at(closed_campaign, "/pin"), data={"idea": idea} | back)
    there = at(closed_campaign, f"/{in_two_parts.id}?part=1&containing=More&page=2")
    assert answer.location == there
    edit = edit_history(session, closed_campaign)[0]
    assert manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"), data=back).location == there
    manager.post(at(closed_campaign, "/pin"), data={"idea": idea} | back)
    notice = manager.get(there).text.partition('class="done"')[2].partition("</form>")[0]
    for name, value in back.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in notice
    refused = manager.post(at(closed_campaign, "/move"), data={"idea": idea} | back).text
    assert "Choose a theme to move these ideas to." in refused
    assert "Page 2 of 2" in refused
    assert "Only the part “At noon”." in refused


def test_nobody_is_counted_where_ideas_came_without_their_people(session, grouped, closed_campaign, manager):
    first, _second = grouped()
    index, page = at(closed_campaign), at(closed_campaign, f"/{first.id}")
    for address in (index, page):
        assert 'figure__label">person<' in manager.get(address).text
    session.execute(update(Idea).values(author_id=None))
    session.commit()
    for address in (index, page):
        assert 'figure__label">pe' not in manager.get(address).text
    assert "0 people" not in manager.get(index).text


def test_why_an_idea_is_here_is_a_part_of_its_card_and_a_page(session, grouped, closed_campaign, manager, bob):
    first, second = grouped()
    one, other = sorted(members(session, first))
    placement = session.get(Placement, one)
    placement.shared, placement.neighbours = ["phrase 1"], [other]
    placement.nearest = (Near(first.id, 0.8), Near(second.id, 0.4))
    session.commit()
    address = at(closed_campaign, f"/why/{one}")
    assert f'hx-get="{address}"' in manager.get(at(closed_campaign, f"/{first.id}")).text
    manager.post(at(closed_campaign, "/pin"), data={"idea": one, "back": first.id})
    manager.post(at(closed_campaign, f"/{second.id}/forbid"), data={"idea": one, "back": first.id})
    part = manager.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    for words in (
        "Kept here by Bob", "It is very close to the theme.", "phrase 1", "Body 1", "Name 2", "Closeness: 40%",
        "Bob keeps this idea out of “Name 2”.",
    ):  # fmt: skip
        assert words in part
    page = manager.get(address).text
    assert "<html" in page
    assert "Body 0" in page


def test_an_idea_that_a_person_moved_says_who_did_and_nothing_that_is_not_known(
    session, grouped, closed_campaign, manager
):
    first, second = grouped()
    one, other = sorted(members(session, first))
    for idea_id in (one, other):
        session.get(Placement, idea_id).shared = ["phrase 1"]
        session.get(Placement, idea_id).nearest = (Near(first.id, 0.8),)
    session.commit()
    manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": second.id, "back": first.id})
    page = manager.get(at(closed_campaign, f"/why/{one}")).text
    assert "Placed by Bob" in page
    assert "phrase 1" not in page
    for words in ("Closeness to the theme", "It is very close", "It is not very close"):
        assert words not in page
    assert "Closeness to the theme" in manager.get(at(closed_campaign, f"/why/{other}")).text
    shown = manager.get(at(closed_campaign, f"/{second.id}")).text
    assert shown.count('title="Closeness to the theme') == 2, "of the two ideas that were found to be there"


def test_a_theme_that_was_given_other_ideas_says_so_until_it_is_measured_again(
    session, grouped, closed_campaign, manager
):
    first, second, third = grouped(3)
    first.warnings, third.apart = (
        (ThemeWarning.LOOSE,),
        Apart(first.id, 0.5, ("wheels",), ()),
    )
    session.commit()
    waits = "What they have in common is being worked out again"
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    assert "have little in common" in page
    assert waits not in page
    assert "wheels" in manager.get(at(closed_campaign, f"/{third.id}")).text
    manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": second.id})
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    assert waits in page
    assert "have little in common" not in page
    assert "This theme has too few ideas" in page, "its size is known"
    assert "wheels" not in manager.get(at(closed_campaign, f"/{third.id}")).text


def test_a_theme_is_not_set_apart_from_one_that_is_no_more(session, grouped, closed_campaign, manager):
    first, second, third = grouped(3)
    first.apart = Apart(second.id, 0.5, ("wheels",), ("rails",))
    session.commit()
    assert "Closeness: 50" in manager.get(at(closed_campaign, f"/{first.id}")).text
    manager.post(at(closed_campaign, f"/{third.id}/merge"), data={"other": second.id})
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    assert "wheels" not in page
    assert "rails" not in page


def test_the_domain_and_the_pipeline_agree_on_what_is_too_small():
    assert theme_warnings.MIN_IDEAS == MIN_IDEAS


def test_why_an_idea_that_is_left_over_is_in_no_theme(session, grouped, closed_campaign, manager):
    grouped()
    outlier, ambiguous = session.scalars(select(Placement).where(Placement.theme_id.is_(None)).order_by("idea_id"))
    assert "It is close to no theme" in manager.get(at(closed_campaign, f"/why/{outlier.idea_id}")).text
    page = manager.get(at(closed_campaign, f"/why/{ambiguous.idea_id}")).text
    assert "It fits several themes about equally" in page
    assert "Name 1" in page


def test_an_idea_without_a_placement_has_no_reasons(make_idea, closed_campaign, charlie, manager):
    idea = make_idea(closed_campaign, charlie, "New")
    assert manager.get(at(closed_campaign, f"/why/{idea.id}")).status_code == 404


def test_readers_see_that_a_person_placed_an_idea_but_not_who(
    session, grouped, closed_campaign, signed_in, manager, charlie, now
):
    first, second = grouped()
    one, _other = sorted(members(session, first))
    manager.post(at(closed_campaign, "/pin"), data={"idea": one, "back": first.id})
    manager.post(at(closed_campaign, f"/{second.id}/forbid"), data={"idea": one, "back": first.id})
    closed_campaign.debriefed_at = now
    session.commit()
    reader = signed_in(charlie)
    for page in (
        reader.get(at(closed_campaign, f"/{first.id}")).text,
        reader.get(at(closed_campaign, f"/why/{one}")).text,
    ):
        assert "Kept here by a team member" in page
        assert "Bob" not in page
    assert "A team member keeps this idea out of “Name 2”." in page


# Grouping -----------------------------------------------------------------------------------------------------------


def test_before_the_first_grouping_the_page_offers_it(make_idea, closed_campaign, charlie, manager):
    assert "There are no ideas to group yet" in manager.get(at(closed_campaign)).text
    make_idea(closed_campaign, charlie, "One")
    page = manager.get(at(closed_campaign)).text
    assert "1 idea is not grouped yet" in page
    assert "Group the ideas" in page


def test_with_too_few_ideas_the_page_says_so_and_lists_them(grouped, closed_campaign, manager):
    grouped(0, too_few=True)
    page = manager.get(at(closed_campaign)).text
    assert "too few ideas to make themes" in page
    assert "Outlier idea" in page
    assert '<svg class="map__sea' not in page
    assert "ideas across several themes" not in page, "there are no themes to count"


def test_grouping_is_asked_for_once_and_shows_how_far_it_is(session, grouped, closed_campaign, manager, now):
    grouped()
    for _ in range(2):
        answer = manager.post(at(closed_campaign, "/group"))
        assert answer.status_code == 303
        assert answer.location == at(closed_campaign)
    (job,) = session.scalars(select(Job)).all()
    assert (job.kind, job.status, job.campaign_id) == (FIND, JobStatus.QUEUED, closed_campaign.id)
    page = manager.get(at(closed_campaign)).text
    assert "Waiting to start" in page
    assert "Name 1" in page, "the old themes stay readable"
    claim(session, now=job.run_at)
    report(session, job.id, fence=1, stage="group", progress=0.64, now=job.run_at)
    session.commit()
    part = manager.get(at(closed_campaign, "/progress"), headers={"HX-Request": "true"}).text
    assert "64%" in part
    assert "Grouping similar ideas" in part
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part


def test_the_page_reports_a_job_that_no_worker_takes(session, closed_campaign, manager, now):
    enqueue(session, FIND, campaign_id=closed_campaign.id, now=now - timedelta(seconds=40))
    session.commit()
    assert "This has not started yet." in manager.get(at(closed_campaign)).text


def test_a_grouping_that_is_tried_again_says_when(session, closed_campaign, manager):
    now = clock()
    job = enqueue(session, FIND, campaign_id=closed_campaign.id, now=now - timedelta(seconds=40))
    claim(session, now=now)
    fail(session, job.id, fence=1, error=JobError.DATABASE, retry=True, now=now)
    job.run_at = now + timedelta(minutes=5)
    session.commit()
    page = manager.get(at(closed_campaign)).text
    assert "The last attempt failed. The next one starts in" in page
    assert "This has not started yet." not in page


def test_the_page_reloads_once_the_job_has_ended(session, grouped, closed_campaign, manager, now):
    grouped()
    job = enqueue(session, FIND, campaign_id=closed_campaign.id, now=now)
    claim(session, now=now)
    finish(session, job.id, fence=1, result={}, now=now)
    session.commit()
    answer = manager.get(at(closed_campaign, "/progress"), headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert "The ideas are grouped" in manager.get(at(closed_campaign)).text
    assert manager.get(at(closed_campaign, "/progress")).location == at(closed_campaign)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("model_unavailable", "The language model can’t be loaded."),
        ("interrupted", "The grouping was interrupted twice."),
        ("unexpected", "The grouping failed."),
        ("database", "The database did not respond."),
    ],
)
def test_a_failure_says_why_and_can_be_run_again(session, closed_campaign, manager, now, error, sentence):
    job = enqueue(session, FIND, campaign_id=closed_campaign.id, now=now)
    claim(session, now=now)
    fail(session, job.id, fence=1, error=JobError(error), now=now)
    session.commit()
    page = manager.get(at(closed_campaign)).text
    assert sentence in page
    assert "Group the ideas again" in page
    manager.post(at(closed_campaign, "/group"))
    assert latest_job(session, closed_campaign.id, FIND).status is JobStatus.QUEUED


def test_the_notice_of_a_cancelled_grouping_is_shown_for_an_hour(session, closed_campaign, manager):
    for age, shown in ((timedelta(minutes=50), True), (timedelta(minutes=70), False)):
        job = enqueue(session, FIND, campaign_id=closed_campaign.id, now=clock() - age)
        cancel(session, job, by=None, now=clock())
        session.commit()
        assert ("The last grouping was cancelled" in manager.get(at(closed_campaign)).text) is shown
        session.delete(job)


def test_a_grouping_can_be_cancelled(session, closed_campaign, manager, now):
    job = enqueue(session, FIND, campaign_id=closed_campaign.id, now=now)
    session.commit()
    part = manager.post(at(closed_campaign, "/cancel"), headers={"HX-Request": "true"}).text
    assert "The last grouping was cancelled" in part
    assert part.lstrip().startswith('<section id="job"')
    assert '<p tabindex="-1" data-focus>The last grouping was cancelled' in part, "its button is gone"
    assert "data-focus" not in manager.get(at(closed_campaign)).text
    session.refresh(job)
    assert job.status is JobStatus.CANCELLED
    assert manager.post(at(closed_campaign, "/cancel")).status_code == 303


@pytest.mark.parametrize("words", ["a", "%", "é "])
def test_a_very_long_search_finds_nothing_and_breaks_nothing(grouped, closed_campaign, manager, words):
    grouped()
    answer = manager.get(f"/campaigns/{closed_campaign.id}/themes", query_string={"containing": 60_000 * words})
    assert answer.status_code == 200


def test_a_long_list_begins_with_typical_ideas_and_folds_those_that_say_the_same(
    session, grouped, closed_campaign, manager, make_idea, charlie
):
    theme, _other = grouped()
    facts = {"campaign_id": closed_campaign.id, "theme_id": theme.id}
    bench, other = (make_idea(closed_campaign, charlie, f"A bench at stop nine{end}") for end in ("", ", please"))
    session.add(Placement(idea_id=bench.id, strength=0.99, **facts))
    session.add(Placement(idea_id=other.id, strength=0.99, same_as=bench.id, **facts))
    for place in range(26):
        new = make_idea(closed_campaign, charlie, f"Number {place} is about trams")
        session.add(Placement(idea_id=new.id, strength=0.5 - place / 100, **facts))
    session.commit()
    address = at(closed_campaign, f"/{theme.id}")
    page = manager.get(address).text
    assert page.count('data-choose name="idea"') == 13, "twelve ideas, and one that says the same as the first"
    assert "and 1 nearly identical text" in page
    assert "30 ideas" in page
    assert "Show 17 more ideas" in page
    everything = manager.get(f"{address}?all=yes").text
    assert everything.count('data-choose name="idea"') == 30
    assert "more ideas" not in everything
    assert 'name="all" value="yes"' in everything, "an act leads back to the whole list"


def test_the_page_of_a_theme_leads_to_those_next_to_it_on_the_map(
    session, closed_campaign, make_theme, signed_in, alice
):
    here, other = make_theme(closed_campaign, "Buses"), make_theme(closed_campaign, "Trains & trams")
    session.commit()
    address = f"/campaigns/{closed_campaign.id}/themes"
    page = signed_in(alice).get(f"{address}/{here.id}").text
    assert "Next to it on the map" in page
    assert f'href="{address}/{other.id}">Trains &amp; trams</a>' in page
    other.retired_at = closed_campaign.closes_at
    session.commit()
    assert "Next to it on the map" not in signed_in(alice).get(f"{address}/{here.id}").text
