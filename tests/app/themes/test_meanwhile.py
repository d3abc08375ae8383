"""Two managers at once, a debrief that is public, and the notice of what was just done."""

from contextlib import contextmanager
from html import escape

import pytest
from sqlalchemy import event, select

from clustering.types import Near, Node
from ideas.activity.activity import Activity, Verb
from ideas.themes.edits.edit import merge_themes, rename_theme
from ideas.themes.edits.history import edit_history
from ideas.themes.edits.move import move_ideas
from ideas.themes.placement import Placement
from ideas.themes.runs.run import latest_run
from tests.places import at, ids, members


def rename(manager, campaign, theme, **data):
    return manager.post(at(campaign, f"/{theme.id}/rename"), data=data)


# Two managers ---------------------------------------------------------------------------------------------------------


def test_a_stale_name_is_refused_with_both_names_and_saved_when_it_is_sent_again(
    session, grouped, closed_campaign, manager, alice, now
):
    theme, _other = grouped()
    seen = {"version": theme.version, "seen_name": theme.name}
    rename_theme(session, theme, name="Lines", by=alice, now=now)
    session.commit()
    refused = rename(manager, closed_campaign, theme, name="Night buses", reason="Clearer", **seen)
    assert refused.status_code == 409
    for words in ("There are two versions", "Alice saved another version", "Lines", 'value="Night buses"', "Clearer"):
        assert words in refused.text
    session.expire_all()
    assert theme.name == "Lines"
    again = {"version": theme.version, "seen_name": theme.name}
    for field, value in again.items():
        assert f'name="{field}" type="hidden" value="{value}"' in refused.text
    assert rename(manager, closed_campaign, theme, name="Night buses", **again).status_code == 303
    session.expire_all()
    assert theme.name == "Night buses"


def test_a_theme_that_got_ideas_under_the_same_name_is_renamed_without_asking(
    session, grouped, closed_campaign, manager, alice, now
):
    first, second = grouped()
    seen = {"version": first.version, "seen_name": first.name}
    move_ideas(session, closed_campaign, idea_ids=[min(members(session, second))], to=first, by=alice, now=now)
    session.commit()
    assert rename(manager, closed_campaign, first, name="Lines", **seen).status_code == 303


def test_pages_send_the_version_that_they_show(grouped, closed_campaign, manager):
    theme, other = grouped()
    seen = f'name="seen" value="{theme.id}:{theme.version} {other.id}:{other.version} "'
    for page in (manager.get(at(closed_campaign)).text, manager.get(at(closed_campaign, f"/{theme.id}")).text):
        assert seen in page
        assert f'value="{theme.version}"' in page


@pytest.mark.parametrize("changed", ["into", "other"])
def test_a_merge_of_themes_that_someone_changed_names_them_and_changes_nothing(
    session, grouped, closed_campaign, manager, alice, now, changed
):
    first, second, third = grouped(themes=3)
    seen = " ".join(f"{theme.id}:{theme.version}" for theme in (first, second, third))
    target = first if changed == "into" else second
    move_ideas(session, closed_campaign, idea_ids=[min(members(session, third))], to=target, by=alice, now=now)
    session.commit()
    data = {"other": [second.id], "seen": seen, "reason": "Kept"}
    refused = manager.post(at(closed_campaign, f"/{first.id}/merge"), data=data)
    assert refused.status_code == 409
    assert f"Themes have changed in the meantime: {target.name}. Nothing was changed." in refused.text
    assert 'value="Kept"' in refused.text
    session.expire_all()
    assert second.retired_at is None


def test_a_merge_of_a_theme_that_is_no_more_names_it(session, grouped, closed_campaign, manager, alice, now):
    first, second, third = grouped(themes=3)
    merge_themes(session, third, others=[second], by=alice, now=now)
    session.commit()
    refused = manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": [second.id]})
    assert refused.status_code == 409
    assert "Themes have changed in the meantime: Name 2." in refused.text


@pytest.mark.parametrize("act", ["move", "aside", "pin", "unpin", "forbid", "split"])
def test_ideas_that_someone_moved_meanwhile_are_named_and_nothing_is_moved(
    session, grouped, closed_campaign, manager, alice, now, act
):
    first, second, third = grouped(themes=3)
    one, other = sorted(members(session, first))
    move_ideas(session, closed_campaign, idea_ids=[one], to=second, by=alice, now=now)
    session.commit()
    tail, more = {
        "move": ("/move", {"to": third.id}),
        "aside": ("/move", {"to": "alone"}),
        "pin": ("/pin", {}),
        "unpin": ("/unpin", {}),
        "forbid": (f"/{first.id}/forbid", {}),
        "split": (f"/{first.id}/split", {"name": "Part"}),
    }[act]
    edits = len(edit_history(session, closed_campaign))
    refused = manager.post(at(closed_campaign, tail), data={"idea": [one, other], "back": first.id} | more)
    assert refused.status_code == 409
    assert "Ideas have moved in the meantime: Idea 0. Nothing was changed." in refused.text
    assert f'value="{other}" checked' in refused.text, "the others stay selected"
    session.expire_all()
    assert len(edit_history(session, closed_campaign)) == edits
    assert (members(session, first), members(session, third)) == ({other}, members(session, third))


def test_ideas_of_a_theme_that_was_merged_away_are_named_on_the_list_of_themes(
    session, grouped, closed_campaign, manager, alice, now
):
    first, second, third = grouped(themes=3)
    chosen = sorted(members(session, first))
    merge_themes(session, second, others=[first], by=alice, now=now)
    session.commit()
    answer = manager.post(at(closed_campaign, "/move"), data={"idea": chosen, "to": third.id, "back": first.id})
    assert answer.location == at(closed_campaign)
    assert "Ideas have moved in the meantime: Idea 0 · Idea 1." in manager.get(answer.location).text


def test_a_part_is_split_off_only_as_it_was_on_the_page(session, grouped, closed_campaign, manager, alice, now):
    theme, other = grouped()
    one, two = sorted(members(session, theme))
    run = latest_run(session, closed_campaign)
    leaves = [Node(2, 0.1, 1, name, (name,), 0.5, ()) for name in ("Day", "Night")]
    run.tree = (*leaves, Node(None, 0.5, 2, "All", (), 0.5, ()))
    theme.parts = [0, 1]
    session.get(Placement, one).node, session.get(Placement, two).node = 0, 1
    session.commit()
    data = {"run": run.id, "version": theme.version}
    assert f'name="version" value="{theme.version}"' in manager.get(at(closed_campaign, f"/{theme.id}")).text
    move_ideas(session, closed_campaign, idea_ids=[min(members(session, other))], to=theme, by=alice, now=now)
    theme.parts = [0, 1]
    session.commit()
    address = at(closed_campaign, f"/{theme.id}/parts/0")
    refused = manager.post(address, data=data)
    assert (refused.status_code, "Themes have changed in the meantime: Name 1." in refused.text) == (409, True)
    assert manager.post(address, data=data | {"version": theme.version}).status_code == 303


# After the debrief ----------------------------------------------------------------------------------------------------


@pytest.fixture
def public(session, grouped, closed_campaign, now):
    themes = grouped(themes=3)
    closed_campaign.debriefed_at = now
    session.commit()
    return themes


WARNING = "The debrief is published. If ideas move, their authors are told that their answer changes. Give a reason."


def test_pages_warn_that_authors_are_told_and_ask_for_a_reason(session, public, closed_campaign, manager, alice, now):
    first, *_ = public
    move_ideas(
        session, closed_campaign, idea_ids=[min(members(session, first))], to=public[1], by=alice, now=now, reason="So"
    )
    session.commit()
    for tail in ("", f"/{first.id}", "/leftover/outlier", "/history"):
        page = manager.get(at(closed_campaign, tail)).text
        assert WARNING in page, tail
        assert 'name="reason"' in page, tail


def test_before_the_debrief_no_page_warns(grouped, closed_campaign, manager):
    first, *_ = grouped()
    for tail in ("", f"/{first.id}", "/leftover/outlier", "/history"):
        assert WARNING not in manager.get(at(closed_campaign, tail)).text, tail


def test_a_move_without_a_reason_is_asked_for_one_and_keeps_what_was_chosen(session, public, closed_campaign, manager):
    first, second, _third = public
    one = min(members(session, first))
    data = {"idea": one, "to": second.id, "back": first.id}
    refused = manager.post(at(closed_campaign, "/move"), data=data)
    assert refused.status_code == 422
    assert "Give a reason: their authors are told." in refused.text
    assert f'value="{one}" checked' in refused.text
    assert f'<option value="{second.id}" selected>' in refused.text
    assert manager.post(at(closed_campaign, "/move"), data=data | {"reason": "It was misread"}).status_code == 303
    told = session.scalars(select(Activity).where(Activity.verb == Verb.MOVED).order_by(Activity.id)).all()
    assert told[-1].after == {"ideas": [one], "theme_id": second.id}


def test_undoing_needs_a_reason_too(session, public, closed_campaign, manager):
    first, second, _third = public
    data = {"other": [second.id], "reason": "The same"}
    manager.post(at(closed_campaign, f"/{first.id}/merge"), data=data)
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    notice = page.partition('class="done"')[2].partition("</span>")[0]
    assert at(closed_campaign, "/history") in page
    assert "<form" not in notice
    (edit,) = edit_history(session, closed_campaign)
    undo = at(closed_campaign, f"/edits/{edit.id}/undo")
    refused = manager.post(undo, data={"history": "yes"})
    assert refused.status_code == 422
    assert "Give a reason: their authors are told." in refused.text
    assert manager.post(undo, data={"history": "yes", "reason": "No"}).location == at(closed_campaign, "/history")
    session.expire_all()
    assert second.retired_at is None
    too_long = manager.post(undo, data={"history": "yes", "page": "2", "reason": "x" * 501})
    assert too_long.location == at(closed_campaign, "/history?page=2")
    assert "Characters to remove" in manager.get(too_long.location).text


def test_a_refused_undoing_keeps_the_reason_that_was_typed(session, public, closed_campaign, manager):
    first, second, third = public
    for other in (second, third):
        manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": [other.id], "reason": "The same"})
    latest, earlier = edit_history(session, closed_campaign)
    for edit, reason, sentence in (
        (earlier, "They <differ>", "Later changes depend on this one."),
        (latest, "x" * 501, "Characters to remove"),
    ):
        data = {"history": "yes", "reason": reason}
        refused = manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"), data=data)
        assert refused.status_code == 422
        assert f'value="{escape(reason)}"' in refused.text
        assert sentence in refused.text
        assert '<details class="reveal" open>' in refused.text
    assert "They" not in manager.get(at(closed_campaign, "/history")).text


def test_the_menu_of_one_idea_asks_for_the_reason_once_answers_are_public(session, public, closed_campaign, manager):
    first, *_others = public
    one = min(members(session, first))
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    menu = page.partition(f'id="reason-{one}"')[2].partition("</form>")[0]
    assert 'name="reason"' in menu
    data = {"idea": one, "to": "alone", "back": first.id, "reason": "Misread"}
    assert manager.post(at(closed_campaign, "/move"), data=data).status_code == 303
    assert edit_history(session, closed_campaign)[0].reason == "Misread"
    closed_campaign.debriefed_at = None
    session.commit()
    assert 'id="reason-' not in manager.get(at(closed_campaign, f"/{first.id}")).text


def test_what_is_known_after_the_next_run_alone_is_said_so(session, grouped, closed_campaign, manager):
    first, second = grouped()
    one = min(members(session, first))
    manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": second.id})
    session.expire_all()
    session.get_one(Placement, one).strength, second.measured = 0.0, True
    session.commit()
    why = manager.get(at(closed_campaign, f"/why/{one}"))
    assert "How close it is to the theme is known after the next grouping." in why.text
    page = manager.get(at(closed_campaign, f"/{second.id}")).text
    assert "How it differs from the closest theme is known after the next grouping." in page


# The notice -----------------------------------------------------------------------------------------------------------


def test_the_notice_of_a_merge_of_many_themes_fits_in_the_cookie(session, grouped, closed_campaign, manager, now):
    first, *others = grouped(themes=95)
    for theme in others:
        theme.given_name = f"{theme.id} " + "é<b>" * 19
    session.commit()
    data = {"other": [theme.id for theme in others], "back": first.id, "containing": "w" * 5_000}
    answer = manager.post(at(closed_campaign, f"/{first.id}/merge"), data=data)
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("session="))
    assert len(cookie) < 1_000
    page = manager.get(answer.location).text
    assert page.count("é&lt;b&gt;") >= 94 * 19
    assert "Undo this change" in page


def test_the_notice_is_for_who_did_it_and_offers_no_second_undoing(session, grouped, closed_campaign, manager):
    first, *_ = grouped()
    rename(manager, closed_campaign, first, name="Lines")
    (edit,) = edit_history(session, closed_campaign)
    manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"))
    page = manager.get(at(closed_campaign)).text
    assert "Renamed “Name 1” to “Lines”." in page
    assert f"/edits/{edit.id}/undo" not in page
    rename(manager, closed_campaign, first, name="Lines")
    manager.post("/sign-out")
    assert "Renamed" not in manager.get("/").text


# Long lists -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def loaded(app, connection):
    """How many rows of a table were loaded as objects while something was done."""

    @contextmanager
    def count(model):
        found = []

        def note(target, _context):
            found.append(target)

        event.listen(model, "load", note)
        yield found
        event.remove(model, "load", note)

    return count


@pytest.mark.slow
@pytest.mark.parametrize("page", ["theme", "leftover"])
def test_a_page_of_many_ideas_reads_only_those_that_it_shows(
    session, grouped, closed_campaign, manager, make_idea, charlie, count_queries, loaded, page
):
    first, *_ = grouped()
    tail = f"/{first.id}" if page == "theme" else "/leftover/outlier"

    def read():
        assert manager.get(at(closed_campaign, tail)).status_code == 200

    def fill(count):
        ideas = [make_idea(closed_campaign, charlie, f"More {n}") for n in range(count)]
        for idea in ideas:
            facts = {"theme_id": first.id} if page == "theme" else {"leftover": "outlier"}
            session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, strength=0.3, **facts))
            session.add(
                Placement(
                    idea_id=make_idea(closed_campaign, charlie, "Near").id,
                    campaign_id=closed_campaign.id,
                    leftover="ambiguous",
                    nearest=(Near(first.id, 0.4),),
                )
            )
        session.commit()

    fill(100)
    read()
    few = count_queries(read)
    with loaded(Placement) as before:
        read()
    fill(60)
    with loaded(Placement) as after:
        read()
    assert count_queries(read) == few
    assert len(after) == len(before)


def test_the_parts_of_a_theme_are_shown_page_by_page(session, grouped, closed_campaign, manager, make_idea, charlie):
    first, *_ = grouped()
    run = latest_run(session, closed_campaign)
    ideas = [make_idea(closed_campaign, charlie, f"More {n}") for n in range(30)]
    run.tree = tuple(Node(None, 0.0, 1, f"Part {n:02}", (f"part {n}",), 0.5, (ideas[n].id,)) for n in range(30))
    first.parts = list(range(30))
    for n, idea in enumerate(ideas):
        session.add(Placement(idea_id=idea.id, campaign_id=closed_campaign.id, theme_id=first.id, node=n))
    session.commit()
    address = at(closed_campaign, f"/{first.id}")
    one, three = manager.get(address).text, manager.get(f"{address}?parts=3").text
    assert ("Part 00" in one, "Part 12" in one, "Part 29" in one) == (True, False, False)
    assert ("Part 00" in three, "Part 29" in three, "More 29" in three) == (False, True, True)
    last = manager.get(f"{address}?part=29")
    assert "Only the part “Part 29”." in last.text
    assert "1 idea" in last.text
    assert ids(ideas) <= members(session, first)
