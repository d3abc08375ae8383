from datetime import timedelta

import pytest
from sqlalchemy import event, select

from ideas.action import commit_to
from ideas.decision import DecisionStatus, decide
from ideas.job import Job, JobKind, JobStatus, claim, enqueue, fail, finish, latest_job, report
from ideas.theme import Leftover, Placement, active_themes
from ideas.theme_edit import edit_history
from ideas.theme_run import IdeaPlaced, RunFound, ThemeFound, record_run

FIND = JobKind.FIND_THEMES


@pytest.fixture
def grouped(session, closed_campaign, make_idea, charlie, now):
    """The closed campaign with so many themes of two ideas each, one idea alone and one between the first two."""

    def group(themes=2, campaign=closed_campaign, *, too_few=False):
        ideas = [make_idea(campaign, charlie, f"Body {number}", title=f"Idea {number}") for number in range(2 * themes)]
        alone, between = (make_idea(campaign, charlie, f"{word} stands here") for word in ("Alone", "Between"))
        found = [
            ThemeFound(number, f"Name {number}", [f"phrase {number}"], [], 0.4, number / (themes + 1), 0.5)
            for number in range(1, themes + 1)
        ]
        placed = [
            IdeaPlaced(idea.id, 1 + place // 2, None, 0.8, [(1 + place // 2, 0.8), (1, 0.5)], 0.5, 0.5)
            for place, idea in enumerate(ideas)
        ]
        placed.append(IdeaPlaced(alone.id, None, Leftover.ALONE, 0.0, [], 0.1, 0.1))
        near = [(found.id, 0.5) for found in found[:2]]
        placed.append(IdeaPlaced(between.id, None, Leftover.BETWEEN, 0.5, near, 0.2, 0.2))
        record_run(session, campaign, RunFound("test-model", {}, too_few, found, placed), now=now)
        session.commit()
        return active_themes(session, campaign)

    return group


@pytest.fixture
def manager(signed_in, bob):
    return signed_in(bob)


def at(campaign, tail=""):
    return f"/campaigns/{campaign.id}/themes{tail}"


def text(answer):
    return answer.get_data(as_text=True)


def members(session, theme):
    session.expire_all()
    return session.scalars(select(Placement.idea_id).where(Placement.theme_id == theme.id).order_by("idea_id")).all()


# Who may ------------------------------------------------------------------------------------------------------------


def test_themes_do_not_exist_for_participants_before_the_debrief_and_are_read_only_after(
    session, grouped, closed_campaign, signed_in, client, charlie, now
):
    theme, _other = grouped()
    reader = signed_in(charlie)
    tails = ["", f"/{theme.id}", "/leftover/alone", "/leftover/between"]
    for tail in tails:
        assert reader.get(at(closed_campaign, tail)).status_code == 404
        assert client.get(at(closed_campaign, tail)).status_code == 404
    closed_campaign.debriefed_at = now
    session.commit()
    for tail in tails:
        for visitor in (reader, client):
            page = visitor.get(at(closed_campaign, tail))
            assert page.status_code == 200
            for control in ("Move to", "Rename", "Merge", "Group again", "Decide", "type=checkbox"):
                assert control not in text(page)


@pytest.mark.parametrize(
    "tail", ["group", "cancel", "{}/rename", "{}/merge", "{}/split", "move", "edits/{edit}/undo", "history", "progress"]
)
def test_only_managers_change_themes(session, grouped, closed_campaign, signed_in, manager, charlie, now, tail):
    theme, _other = grouped()
    closed_campaign.debriefed_at = now
    session.commit()
    manager.post(at(closed_campaign, f"/{theme.id}/rename"), data={"name": "Mine"})
    (edit,) = edit_history(session, closed_campaign)
    address = at(closed_campaign, "/" + tail.format(theme.id, edit=edit.id))
    other = signed_in(charlie)
    answer = other.get(address) if tail in {"history", "progress"} else other.post(address, data={"name": "Theirs"})
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
    page = text(manager.get(at(closed_campaign)))
    assert page.count('class="theme-card ') == 2
    assert page.count('<a class="island ') == 2
    assert f'href="{at(closed_campaign, f"/{first.id}")}"' in page
    for words in ("Name 1", "phrase 2", "Body 0", "Read all 2 ideas", "No decision yet", "test-model", "Group again"):
        assert words in page
    assert "Alone stands here" in page
    between = page[page.index("Between stands here") :]
    assert first.name in between
    assert second.name in between


def test_a_decision_shows_on_its_theme_and_undecided_themes_can_come_first(
    session, grouped, closed_campaign, manager, alice, now
):
    first, second = grouped()
    decision = decide(
        session, first, status=DecisionStatus.PLANNED, reason="In March.", respondent=alice, decided_on=now.date(),
        by=alice, now=now,
    )  # fmt: skip
    commit_to(session, decision, title="Order it", impact="", owner=alice, due_on=now.date(), now=now)
    session.commit()
    page = text(manager.get(at(closed_campaign)))
    assert "Planned" in page
    assert page.index(f'id="theme-{first.id}"') < page.index(f'id="theme-{second.id}"')
    page = text(manager.get(at(closed_campaign, "?sort=undecided")))
    assert page.index(f'id="theme-{second.id}"') < page.index(f'id="theme-{first.id}"')
    page = text(manager.get(at(closed_campaign, f"/{first.id}")))
    assert "In March." in page
    assert "Order it" in page


def test_themes_are_filtered_by_words(grouped, closed_campaign, manager):
    first, second = grouped()
    page = text(manager.get(at(closed_campaign, "?containing=Body+3")))
    assert f'id="theme-{second.id}"' in page
    assert f'id="theme-{first.id}"' not in page
    assert "1 theme speaks of “Body 3”." in page


@pytest.mark.parametrize("tail", ["", "/{}", "/leftover/between"])
def test_the_number_of_queries_does_not_grow(app, connection, grouped, make_campaign, manager, tail):
    few, many = make_campaign(), make_campaign()
    counts = []
    for campaign, number in ((few, 3), (many, 30)):
        theme = grouped(number, campaign)[0]
        counts.append(count_queries(connection, lambda c=campaign, t=theme: manager.get(at(c, tail.format(t.id)))))
    assert counts[0] == counts[1]


def count_queries(connection, visit):
    seen = []

    def listen(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", listen)
    try:
        assert visit().status_code == 200
    finally:
        event.remove(connection, "before_cursor_execute", listen)
    return len(seen)


# Grouping -----------------------------------------------------------------------------------------------------------


def test_before_the_first_grouping_the_page_offers_it(make_idea, closed_campaign, charlie, manager):
    assert "nothing to group yet" in text(manager.get(at(closed_campaign)))
    make_idea(closed_campaign, charlie, "One")
    page = text(manager.get(at(closed_campaign)))
    assert "1 idea waits to be grouped" in page
    assert "Group the ideas" in page


def test_with_too_few_ideas_the_page_says_so_and_lists_them(grouped, closed_campaign, manager):
    grouped(0, too_few=True)
    page = text(manager.get(at(closed_campaign)))
    assert "too few ideas to group" in page
    assert "Alone stands here" in page
    assert '<svg class="map__sea' not in page


def test_grouping_is_asked_for_once_and_shows_how_far_it_is(session, grouped, closed_campaign, manager, now):
    grouped()
    for _ in range(2):
        answer = manager.post(at(closed_campaign, "/group"))
        assert answer.status_code == 303
        assert answer.location == at(closed_campaign)
    (job,) = session.scalars(select(Job)).all()
    assert (job.kind, job.status, job.campaign_id) == (FIND, JobStatus.QUEUED, closed_campaign.id)
    page = text(manager.get(at(closed_campaign)))
    assert "Waiting for a worker" in page
    assert "Name 1" in page, "the old themes stay readable"
    claim(session, now=now)
    report(session, job.id, fence=1, stage="group", progress=0.64, now=now)
    session.commit()
    part = text(manager.get(at(closed_campaign, "/progress"), headers={"HX-Request": "true"}))
    assert "64 %" in part
    assert "Grouping what is alike" in part
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part


def test_a_job_that_nobody_takes_says_so(session, closed_campaign, manager, now):
    enqueue(session, FIND, closed_campaign, now=now - timedelta(seconds=40))
    session.commit()
    assert "No worker has taken this up yet" in text(manager.get(at(closed_campaign)))


def test_once_it_has_ended_the_page_is_loaded_anew(session, closed_campaign, manager, now):
    job = enqueue(session, FIND, closed_campaign, now=now)
    claim(session, now=now)
    finish(session, job.id, fence=1, result={}, now=now)
    session.commit()
    answer = manager.get(at(closed_campaign, "/progress"), headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert "The ideas are grouped" in text(manager.get(at(closed_campaign)))
    assert manager.get(at(closed_campaign, "/progress")).location == at(closed_campaign)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("model_unavailable", "The language model can’t be loaded."),
        ("interrupted", "The work was interrupted twice."),
        ("unexpected", "Something unexpected happened."),
        ("The disk is full.", "The disk is full."),
    ],
)
def test_a_failure_says_why_and_can_be_run_again(session, closed_campaign, manager, now, error, sentence):
    job = enqueue(session, FIND, closed_campaign, now=now)
    claim(session, now=now)
    fail(session, job.id, fence=1, error=error, now=now)
    session.commit()
    page = text(manager.get(at(closed_campaign)))
    assert sentence in page
    assert "Run again" in page
    manager.post(at(closed_campaign, "/group"))
    assert latest_job(session, closed_campaign, FIND).status is JobStatus.QUEUED


def test_a_grouping_can_be_cancelled(session, closed_campaign, manager, now):
    job = enqueue(session, FIND, closed_campaign, now=now)
    session.commit()
    part = text(manager.post(at(closed_campaign, "/cancel"), headers={"HX-Request": "true"}))
    assert "The last grouping was cancelled" in part
    assert part.lstrip().startswith('<section id="job"')
    session.refresh(job)
    assert job.status is JobStatus.CANCELLED
    assert manager.post(at(closed_campaign, "/cancel")).status_code == 303


# What people change -------------------------------------------------------------------------------------------------


def test_a_theme_is_renamed_and_the_flash_can_undo_it(session, grouped, closed_campaign, manager):
    theme, _other = grouped()
    answer = manager.post(at(closed_campaign, f"/{theme.id}/rename"), data={"name": "Night <b>buses", "reason": "Why"})
    assert answer.location == at(closed_campaign, f"/{theme.id}")
    page = text(manager.get(answer.location))
    assert "Renamed “Name 1” to “Night &lt;b&gt;buses”." in page
    (edit,) = edit_history(session, closed_campaign)
    undo = at(closed_campaign, f"/edits/{edit.id}/undo")
    assert f'action="{undo}"' in page
    assert manager.post(undo).location == at(closed_campaign)
    session.expire_all()
    assert theme.name == "Name 1"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Write the name that the theme should have."), (" \u200b", "this text is empty"), ("a" * 81, "at most 80")],
)
def test_a_name_that_can_not_be_taken_is_answered_in_the_form(grouped, closed_campaign, manager, name, sentence):
    theme, _other = grouped()
    answer = manager.post(at(closed_campaign, f"/{theme.id}/rename"), data={"name": name, "reason": "Kept"})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert 'value="Kept"' in text(answer)


def test_themes_are_merged(session, grouped, closed_campaign, manager):
    first, second = grouped()
    answer = manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": [second.id]})
    assert answer.status_code == 303
    assert len(members(session, first)) == 4
    assert manager.get(at(closed_campaign, f"/{second.id}")).status_code == 404
    refused = manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"reason": "Kept"})
    assert refused.status_code == 422
    assert "Choose another theme to merge with." in text(refused)


def test_a_merge_that_takes_an_answer_away_asks_first_and_undoing_brings_it_back(
    session, grouped, closed_campaign, manager, alice, now
):
    first, second = grouped()
    answer = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": alice, "decided_on": now.date()}
    decide(session, second, **answer, by=alice, now=now)
    session.commit()
    address = at(closed_campaign, f"/{first.id}/merge")
    asked = manager.post(address, data={"other": [second.id], "reason": "The same"})
    assert asked.status_code == 422
    assert "These themes have their answer already: Name 2." in text(asked)
    assert 'name="anyway"' in text(asked)
    assert 'value="The same"' in text(asked)
    assert len(members(session, first)) == 2
    assert manager.post(address, data={"other": [second.id], "anyway": "y"}).status_code == 303
    assert len(members(session, first)) == 4
    edit = edit_history(session, closed_campaign)[0]
    manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"))
    assert "Soon." in text(manager.get(at(closed_campaign, f"/{second.id}")))


@pytest.mark.parametrize("number", ["0", "-1", str(10**30), "x"])
def test_a_number_that_none_can_have_is_refused(grouped, closed_campaign, manager, number):
    first, _ = grouped()
    for tail, data in {
        f"/{first.id}/merge": {"other": [number]},
        f"/{first.id}/split": {"idea": [number], "name": "New"},
        "/move": {"idea": [number], "to": "alone", "back": str(first.id)},
    }.items():
        assert manager.post(at(closed_campaign, tail), data=data).status_code == 422, tail


def test_a_refusal_leads_back_only_to_a_page_that_can_be_opened(session, grouped, closed_campaign, manager):
    first, _ = grouped()
    manager.post(at(closed_campaign, f"/{first.id}/rename"), data={"name": "Trams"})
    edit = edit_history(session, closed_campaign)[0]
    undo = at(closed_campaign, f"/edits/{edit.id}/undo")
    assert manager.post(undo).status_code == 303

    def again(before):
        return manager.post(undo, headers={"Referer": before})

    here = f"http://localhost{at(closed_campaign, '/history')}"
    assert again(f"{here}?page=1").location == f"{at(closed_campaign, '/history')}?page=1"
    # The address bar still shows a form that was refused; a GET there would be an error of its own.
    for before in (f"http://localhost{undo}", "http://localhost.evil.org/campaigns", "https://evil.org/", ""):
        assert again(before).status_code == 422
        assert "This was undone already." in text(again(before))


def test_ideas_are_split_off_into_a_new_theme(session, grouped, closed_campaign, manager):
    theme, _other = grouped()
    one, other = members(session, theme)
    address = at(closed_campaign, f"/{theme.id}/split")
    assert manager.post(address, data={"idea": [one], "name": "Trams"}).status_code == 303
    assert members(session, theme) == [other]
    assert "Trams" in text(manager.get(at(closed_campaign)))


@pytest.mark.parametrize(
    ("chosen", "name", "sentence"),
    [
        (0, "Trams", "Choose at least one idea first."),
        (2, "Trams", "keep at least one idea in the theme"),
        (1, "", "Write the name that the new theme should have."),
    ],
)
def test_a_split_that_can_not_be_made_keeps_what_was_chosen(
    session, grouped, closed_campaign, manager, chosen, name, sentence
):
    theme, _other = grouped()
    data = {"idea": members(session, theme)[:chosen], "name": name, "reason": "Kept"}
    answer = manager.post(at(closed_campaign, f"/{theme.id}/split"), data=data)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert text(answer).count(" checked>") == chosen
    assert 'value="Kept"' in text(answer)


def test_ideas_are_moved_to_a_theme_or_out_and_marked(session, grouped, closed_campaign, manager, bob):
    first, second = grouped()
    one, other = members(session, first)
    data = {"idea": [one, other], "to": second.id, "back": first.id}
    answer = manager.post(at(closed_campaign, "/move"), data=data)
    assert answer.location == at(closed_campaign, f"/{first.id}")
    assert "Moved 2 ideas to “Name 2”." in text(manager.get(answer.location))
    assert len(members(session, second)) == 4
    assert "Placed by Bob" in text(manager.get(at(closed_campaign, f"/{second.id}")))
    answer = manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": "alone", "back": "between"})
    assert answer.location == at(closed_campaign, "/leftover/between")
    assert "Idea 0" in text(manager.get(at(closed_campaign, "/leftover/alone")))


@pytest.mark.parametrize("back", ["theme", "alone", "between"])
def test_a_move_that_can_not_be_made_is_answered_where_it_was_asked(session, grouped, closed_campaign, manager, back):
    first, _second = grouped()
    one, _other = members(session, first)
    where = first.id if back == "theme" else back
    nowhere = manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": "", "back": where})
    assert nowhere.status_code == 422
    assert "Choose where they go." in text(nowhere)
    nothing = manager.post(at(closed_campaign, "/move"), data={"to": "alone", "back": where})
    assert nothing.status_code == 422
    assert "Choose at least one idea first." in text(nothing)


def test_an_idea_is_not_moved_to_a_theme_of_another_campaign(session, grouped, closed_campaign, make_campaign, manager):
    first, _second = grouped()
    stranger = grouped(1, make_campaign())[0]
    one, other = members(session, first)
    answer = manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": stranger.id, "back": first.id})
    assert answer.status_code == 422
    assert members(session, first) == [one, other]


def test_another_theme_is_chosen_in_the_bar_without_a_script(session, grouped, closed_campaign, manager):
    first, _second = grouped()
    one, _other = members(session, first)
    page = text(manager.get(at(closed_campaign, f"/{first.id}?choose={one}")))
    assert page.count(" checked>") == 1
    assert f'href="?choose={one}#chosen"' in page


def test_the_history_tells_every_act_and_undoes_it(session, grouped, closed_campaign, manager):
    first, second = grouped()
    one, _other = members(session, first)
    manager.post(at(closed_campaign, f"/{first.id}/rename"), data={"name": "Night buses"})
    manager.post(at(closed_campaign, f"/{first.id}/split"), data={"idea": one, "name": "Trams"})
    manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": "alone", "back": "alone"})
    manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": second.id, "reason": "The same"})
    manager.get(at(closed_campaign))
    page = text(manager.get(at(closed_campaign, "/history")))
    for sentence in (
        "Renamed “Name 1” to “Night buses”.",
        "Split 1 idea of “Night buses” off into “Trams”.",
        "Took 1 idea out: it stands alone.",
        "Merged “Name 2” into “Night buses”: 3 ideas.",
        "The same",
        "Bob",
    ):
        assert sentence in page
    assert page.count("/undo") == 4
    edits = edit_history(session, closed_campaign)
    overlaid = manager.post(
        at(closed_campaign, f"/edits/{edits[2].id}/undo"), headers={"Referer": "http://localhost" + at(closed_campaign)}
    )
    assert overlaid.status_code == 303
    assert "Something later stands on this change." in text(manager.get(at(closed_campaign)))
    for edit in edits:
        address = at(closed_campaign, f"/edits/{edit.id}/undo")
        assert manager.post(address, data={"history": "yes"}).location == at(closed_campaign, "/history")
    page = text(manager.get(at(closed_campaign, "/history")))
    assert page.count("history__item--undone") == 4
    assert [theme.name for theme in active_themes(session, closed_campaign)] == ["Name 1", "Name 2"]


def test_a_history_without_acts_says_so(grouped, closed_campaign, manager):
    grouped()
    assert "Nothing was changed by hand" in text(manager.get(at(closed_campaign, "/history")))


def test_a_refused_move_from_a_theme_that_is_no_more_is_told_on_the_list(session, grouped, closed_campaign, manager):
    first, second = grouped()
    manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": [second.id]})
    answer = manager.post(at(closed_campaign, "/move"), data={"to": "alone", "back": str(second.id)})
    assert answer.location == at(closed_campaign)
    assert "Choose at least one idea first." in text(manager.get(answer.location))
    assert manager.post(at(closed_campaign, f"/{first.id}/merge")).status_code == 422, "nothing sent, nothing broken"
