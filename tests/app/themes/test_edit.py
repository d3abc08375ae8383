"""What people do to themes, and how it is shown and undone."""

import re

import pytest
from sqlalchemy import select

from clustering.types import Leftover, Node
from ideas.answers.decision import DecisionStatus, decide
from ideas.themes.edits.edit import rename_theme
from ideas.themes.edits.history import edit_history
from ideas.themes.placement import Placement
from ideas.themes.runs.run import latest_run
from ideas.themes.theme import active_themes
from tests.places import at, members


def test_a_theme_is_renamed_and_the_flash_can_undo_it(session, grouped, closed_campaign, manager):
    theme, _other = grouped()
    answer = manager.post(at(closed_campaign, f"/{theme.id}/rename"), data={"name": "Night <b>buses", "reason": "Why"})
    assert answer.location == at(closed_campaign, f"/{theme.id}")
    page = manager.get(answer.location).text
    assert "Renamed “Name 1” to “Night &lt;b&gt;buses”." in page
    (edit,) = edit_history(session, closed_campaign)
    undo = at(closed_campaign, f"/edits/{edit.id}/undo")
    assert f'action="{undo}"' in page
    assert manager.post(undo).location == at(closed_campaign)
    session.expire_all()
    assert theme.name == "Name 1"


def test_a_form_has_the_name_that_its_reader_sees_and_an_unchanged_one_does_nothing(
    session, grouped, closed_campaign, manager
):
    theme, _other = grouped()
    theme.other_names = (("en", "Night buses"),)
    session.commit()
    list_page, page = manager.get(at(closed_campaign)).text, manager.get(at(closed_campaign, f"/{theme.id}")).text
    for form in (list_page, page):
        assert 'value="Night buses"' in form
        assert 'value="Name 1"' not in form
    data = {"name": "Night buses", "seen_name": "Night buses", "version": theme.version}
    assert manager.post(at(closed_campaign, f"/{theme.id}/rename"), data=data).status_code == 303
    session.expire_all()
    assert theme.given_name is None
    assert edit_history(session, closed_campaign) == []
    assert manager.post(at(closed_campaign, f"/{theme.id}/rename"), data=data | {"name": "Buses"}).status_code == 303
    session.expire_all()
    assert theme.given_name == "Buses"


def test_a_rename_in_the_list_returns_to_the_list_as_it_was_sorted(grouped, closed_campaign, manager):
    theme, _other = grouped()
    form = {"name": "Night buses", "back": "", "sort": "largest"}
    answer = manager.post(at(closed_campaign, f"/{theme.id}/rename"), data=form)
    assert answer.location == f"{at(closed_campaign)}?sort=largest#theme-{theme.id}"
    page = manager.get(answer.location).text
    assert "Renamed “Name 1” to “Night buses”." in page
    assert page.count('name="sort" value="largest"') >= 3, "the next edits and the undo return there too"


def test_an_edit_undone_from_a_theme_s_page_returns_to_it(session, grouped, closed_campaign, manager):
    theme, _other = grouped()
    page = at(closed_campaign, f"/{theme.id}")
    manager.post(f"{page}/rename", data={"name": "Night buses"})
    (edit,) = edit_history(session, closed_campaign)
    assert f'name="back" value="{theme.id}"' in manager.get(page).text
    assert manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"), data={"back": theme.id}).location == page


def test_themes_chosen_in_the_list_are_merged_under_the_name_of_one_of_them(session, grouped, closed_campaign, manager):
    first, second = grouped()
    form = {"other": [first.id, second.id], "into": second.id, "back": ""}
    answer = manager.post(at(closed_campaign, "/merge"), data=form)
    assert answer.location == f"{at(closed_campaign)}#theme-{second.id}"
    session.expire_all()
    assert (second.name, [theme.id for theme in active_themes(session, closed_campaign)]) == ("Name 2", [second.id])


@pytest.mark.parametrize(
    ("into", "code", "sentence"),
    [("", 200, "Choose the theme that keeps its name."), ("999", 409, "changed"), ("9" * 30, 200, "")],
)
def test_a_merge_without_a_theme_to_keep_changes_nothing(
    session, grouped, closed_campaign, manager, into, code, sentence
):
    first, second = grouped()
    form = {"other": [first.id, second.id], "into": into}
    answer = manager.post(at(closed_campaign, "/merge"), data=form, follow_redirects=True)
    assert answer.status_code == code
    assert sentence in answer.text
    assert len(active_themes(session, closed_campaign)) == 2


def test_one_theme_alone_is_not_merged(grouped, closed_campaign, manager):
    theme, _other = grouped()
    answer = manager.post(at(closed_campaign, "/merge"), data={"other": [theme.id], "into": theme.id, "back": ""})
    assert answer.status_code == 422
    assert "Choose" in answer.text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Enter a name for the theme."), (" \u200b", "This text is empty."), ("a" * 81, "The limit is 80.")],
)
def test_a_refused_name_is_shown_in_the_form(grouped, closed_campaign, manager, name, sentence):
    theme, _other = grouped()
    answer = manager.post(at(closed_campaign, f"/{theme.id}/rename"), data={"name": name, "reason": "Kept"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Kept"' in answer.text


def test_themes_are_merged(session, grouped, closed_campaign, manager):
    first, second = grouped()
    answer = manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": [second.id]})
    assert answer.status_code == 303
    assert len(members(session, first)) == 4
    assert manager.get(at(closed_campaign, f"/{second.id}")).status_code == 404
    refused = manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"reason": "Kept"})
    assert refused.status_code == 422
    assert "Choose another theme to merge with." in refused.text


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
    assert "These themes already have an answer: Name 2." in asked.text
    assert 'name="anyway"' in asked.text
    assert 'value="The same"' in asked.text
    assert len(members(session, first)) == 2
    assert manager.post(address, data={"other": [second.id], "anyway": "y"}).status_code == 303
    assert len(members(session, first)) == 4
    edit = edit_history(session, closed_campaign)[0]
    manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"))
    assert "Soon." in manager.get(at(closed_campaign, f"/{second.id}")).text


@pytest.mark.parametrize("number", ["0", "-1", str(10**30), "x"])
def test_an_impossible_id_is_refused(grouped, closed_campaign, manager, number):
    first, _ = grouped()
    for tail, data in {
        f"/{first.id}/merge": {"other": [number]},
        f"/{first.id}/split": {"idea": [number], "name": "New"},
        "/move": {"idea": [number], "to": "alone", "back": str(first.id)},
    }.items():
        assert manager.post(at(closed_campaign, tail), data=data).status_code == 422, tail


def test_an_unknown_page_to_return_to_leads_to_the_list_of_themes(session, grouped, closed_campaign, manager):
    first, second = grouped()
    one = min(members(session, first))
    for back in ("9" * 5000, "٣", "-1", str(second.id + 1000), "nowhere"):
        answer = manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": second.id, "back": back})
        assert answer.location == at(closed_campaign)


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
        assert "This was undone already." in again(before).text


def test_ideas_are_split_off_into_a_new_theme(session, grouped, closed_campaign, manager):
    theme, _other = grouped()
    one, other = sorted(members(session, theme))
    address = at(closed_campaign, f"/{theme.id}/split")
    assert manager.post(address, data={"idea": [one], "name": "Trams"}).status_code == 303
    assert members(session, theme) == {other}
    assert "Trams" in manager.get(at(closed_campaign)).text


def test_what_words_find_in_a_theme_is_split_off_with_the_copies_that_are_folded(
    session, make_theme, closed_campaign, manager
):
    bodies = ("A tram at night", "A tram, at night!", "A TRAM by day", "A bus")
    theme = make_theme(closed_campaign, "Rides", bodies=bodies)
    first, copy, third, bus = sorted(members(session, theme))
    session.get(Placement, copy).same_as = first
    session.commit()
    page = manager.get(at(closed_campaign, f"/{theme.id}?containing=tram")).text
    found = [int(number) for number in re.findall(r'data-choose name="idea"\s+value="(\d+)"', page)]
    assert sorted(found) == [first, copy, third], "whoever searches gets each copy"
    data = {"idea": found, "name": "Trams", "back": theme.id, "containing": "tram"}
    assert manager.post(at(closed_campaign, f"/{theme.id}/split"), data=data).status_code == 303
    session.expire_all()
    (new,) = (one for one in active_themes(session, closed_campaign) if one.given_name == "Trams")
    assert members(session, new) == {first, copy, third}
    assert members(session, theme) == {bus}
    assert session.get(Placement, copy).same_as == first


@pytest.mark.parametrize(
    ("chosen", "name", "sentence"),
    [
        (0, "Trams", "Select at least one idea first."),
        (2, "Trams", "Leave at least one in the theme"),
        (1, "", "Enter a name for the new theme."),
    ],
)
def test_a_refused_split_keeps_the_chosen_ideas(session, grouped, closed_campaign, manager, chosen, name, sentence):
    theme, _other = grouped()
    data = {"idea": sorted(members(session, theme))[:chosen], "name": name, "reason": "Kept"}
    answer = manager.post(at(closed_campaign, f"/{theme.id}/split"), data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.text.count(" checked>") == chosen
    assert 'value="Kept"' in answer.text


@pytest.fixture
def parted(session, grouped, closed_campaign):
    """A theme of three ideas, two of which are a sub-theme "At night"; with its page's address."""

    def part():
        theme, other = grouped()
        one, two = sorted(members(session, theme))
        three = min(members(session, other))
        session.get(Placement, three).theme_id = theme.id
        latest_run(session, closed_campaign).tree = (
            Node(2, 0.1, 1, "At noon", ("noon",), 0.5, ()),
            Node(2, 0.1, 1, "At night", ("night", "dark"), 0.5, ()),
            Node(None, 0.1, 1, "Buses", (), 0.5, ()),
        )
        theme.parts = [0, 1]
        for idea, place in ((one, 0), (two, 1), (three, 1)):
            session.get(Placement, idea).node = place
        session.commit()
        return theme, [one], [two, three]

    return part


def test_a_sub_theme_becomes_a_theme_with_one_click_and_can_be_undone(session, parted, closed_campaign, manager):
    theme, rest, chosen = parted()
    page = manager.get(at(closed_campaign, f"/{theme.id}")).text
    address = at(closed_campaign, f"/{theme.id}/parts/1")
    form = page[page.index(f'action="{address}"') :].partition("</form>")[0]
    run = latest_run(session, closed_campaign)
    assert f'name="run" value="{run.id}"' in form
    assert "Make it a theme" in form
    answer = manager.post(address, data={"run": run.id})
    assert answer.location == at(closed_campaign, f"/{theme.id}")
    assert "Split 2 ideas off “Name 1” into “At night”." in manager.get(answer.location).text
    (new,) = [found for found in active_themes(session, closed_campaign) if found.name == "At night"]
    assert sorted(members(session, theme)) == rest
    assert sorted(members(session, new)) == chosen
    assert (new.phrases, new.measured) == ([], False), "found again by a job"
    assert "Parts of this theme" not in manager.get(at(closed_campaign, f"/{theme.id}")).text, "it has one part left"
    (edit,) = edit_history(session, closed_campaign)
    manager.post(at(closed_campaign, f"/edits/{edit.id}/undo"))
    assert sorted(members(session, theme)) == sorted(rest + chosen)
    assert "At night" in manager.get(at(closed_campaign, f"/{theme.id}")).text


def test_a_sub_theme_of_another_run_or_an_unknown_one_is_not_split_off(session, parted, closed_campaign, manager):
    theme, rest, chosen = parted()
    run = latest_run(session, closed_campaign).id
    page = f"http://localhost{at(closed_campaign, f'/{theme.id}')}"
    for place, said in ((1, run - 1), (7, run), (1, "")):
        address = at(closed_campaign, f"/{theme.id}/parts/{place}")
        assert manager.post(address, data={"run": said}, headers={"Referer": page}).status_code == 303
        assert "Someone changed this in the meantime." in manager.get(page).text
    assert sorted(members(session, theme)) == sorted(rest + chosen)
    assert edit_history(session, closed_campaign) == []


def test_a_reader_is_not_offered_to_make_a_theme_of_a_sub_theme(
    session, parted, closed_campaign, signed_in, charlie, now
):
    theme, _, _ = parted()
    closed_campaign.debriefed_at = now
    session.commit()
    page = signed_in(charlie).get(at(closed_campaign, f"/{theme.id}")).text
    assert "At night" in page
    assert "Make it a theme" not in page


def test_ideas_are_moved_to_a_theme_or_out_and_marked(session, grouped, closed_campaign, manager, bob):
    first, second = grouped()
    one, other = sorted(members(session, first))
    data = {"idea": [one, other], "to": second.id, "back": first.id}
    answer = manager.post(at(closed_campaign, "/move"), data=data)
    assert answer.location == at(closed_campaign, f"/{first.id}")
    assert "Moved 2 ideas to “Name 2”." in manager.get(answer.location).text
    assert len(members(session, second)) == 4
    assert "Placed by Bob" in manager.get(at(closed_campaign, f"/{second.id}")).text
    answer = manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": "alone", "back": second.id})
    assert answer.location == at(closed_campaign, f"/{second.id}")
    outliers = manager.get(at(closed_campaign, "/leftover/outlier")).text
    assert "Ideas on their own" in outliers
    assert "Idea 0" in outliers
    assert "Set apart by Bob" in outliers
    assert "Ideas across several themes" in manager.get(at(closed_campaign, "/leftover/ambiguous")).text


@pytest.mark.parametrize(
    ("kind", "title", "sentence"),
    [
        ("nothing", "Answers without an opinion", "It proposes nothing, so it was not grouped."),
        ("agrees", "Simple agreements", "It agrees without proposing anything"),
        ("disagrees", "Simple disagreements", "It disagrees without proposing anything"),
    ],
)
def test_answers_that_are_no_proposal_are_counted_and_readable(
    grouped, closed_campaign, manager, session, kind, title, sentence
):
    grouped()
    placement = session.scalars(select(Placement).where(Placement.leftover == "outlier")).first()
    placement.leftover = Leftover(kind)
    session.commit()
    assert f"<h1>{title}</h1>" in manager.get(at(closed_campaign, f"/leftover/{kind}")).text
    assert title in manager.get(at(closed_campaign)).text
    assert sentence in manager.get(at(closed_campaign, f"/why/{placement.idea_id}")).text


def test_each_kind_of_leftover_has_its_own_title_sentence_and_button(grouped, closed_campaign, manager):
    grouped()
    outliers = manager.get(at(closed_campaign, "/leftover/outlier")).text
    ambiguous = manager.get(at(closed_campaign, "/leftover/ambiguous")).text
    for words in (
        "<h1>Ideas on their own</h1>",
        "These ideas are unlike the others, or the team set them apart.",
        "Read them before you decide.",
        "Always on its own",
    ):
        assert words in outliers
        assert words not in ambiguous
    for words in (
        "<h1>Ideas across several themes</h1>",
        "Each of these ideas fits two or three themes.",
        "Move each idea to a theme, or leave it here.",
    ):
        assert words in ambiguous
        assert words not in outliers


@pytest.mark.parametrize("back", ["theme", "outlier", "ambiguous"])
def test_a_refused_move_is_shown_on_the_page_it_was_sent_from(session, grouped, closed_campaign, manager, back):
    first, _second = grouped()
    one, _other = sorted(members(session, first))
    where = first.id if back == "theme" else back
    nowhere = manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": "", "back": where})
    assert nowhere.status_code == 422
    assert "Choose a theme to move these ideas to." in nowhere.text
    nothing = manager.post(at(closed_campaign, "/move"), data={"to": "alone", "back": where})
    assert nothing.status_code == 422
    assert "Select at least one idea first." in nothing.text


def test_an_idea_is_not_moved_to_a_theme_of_another_campaign(session, grouped, closed_campaign, make_campaign, manager):
    first, _second = grouped()
    stranger = grouped(1, make_campaign())[0]
    one, other = sorted(members(session, first))
    answer = manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": stranger.id, "back": first.id})
    assert answer.status_code == 422
    assert members(session, first) == {one, other}


def test_ideas_are_kept_where_they_are_and_let_go_again(session, grouped, closed_campaign, manager, bob):
    first, _second = grouped()
    one, other = sorted(members(session, first))
    answer = manager.post(at(closed_campaign, "/pin"), data={"idea": [one, other], "back": first.id, "reason": "So"})
    assert answer.location == at(closed_campaign, f"/{first.id}")
    page = manager.get(answer.location).text
    assert "Kept 2 ideas in their themes." in page
    assert page.count("Kept here by Bob") == 2
    assert "Place automatically" in page
    refused = manager.post(at(closed_campaign, "/pin"), data={"idea": one, "back": first.id})
    assert refused.status_code == 422
    answer = manager.post(at(closed_campaign, "/unpin"), data={"idea": one, "back": first.id})
    page = manager.get(answer.location).text
    assert "Set 1 idea to be placed automatically." in page
    assert page.count("Kept here by Bob") == 1
    assert [edit.reason for edit in edit_history(session, closed_campaign)] == ["", "So"]


def test_an_idea_is_kept_out_of_a_theme_and_a_kept_one_is_not(session, grouped, closed_campaign, manager):
    first, _second = grouped()
    one, other = sorted(members(session, first))
    address = at(closed_campaign, f"/{first.id}/forbid")
    assert manager.post(address, data={"idea": one, "back": first.id}).status_code == 303
    assert "Kept 1 idea out of “Name 1”." in manager.get(at(closed_campaign)).text
    assert members(session, first) == {other}
    assert (
        manager.get(at(closed_campaign, f"/{first.id}")).text.count(f'class="menu__item" formaction="{address}"') == 1
    )
    manager.post(at(closed_campaign, "/pin"), data={"idea": other, "back": first.id})
    # What would be refused is not offered beside the idea.
    assert f'class="menu__item" formaction="{address}"' not in manager.get(at(closed_campaign, f"/{first.id}")).text
    refused = manager.post(address, data={"idea": other, "back": first.id})
    assert refused.status_code == 422
    assert "A person placed one of these ideas in this theme." in refused.text
    assert refused.text.count(" checked>") == 1
    page = manager.get(at(closed_campaign, "/history")).text
    assert "Kept 1 idea out of “Name 1”." in page
    assert "Kept 1 idea in its theme." in page


def test_merged_ideas_are_not_shown_as_placed_one_by_one(grouped, closed_campaign, manager):
    first, second = grouped()
    manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": [second.id]})
    page = manager.get(at(closed_campaign, f"/{first.id}")).text
    assert page.count("Kept here since a merge by Bob") == 4
    assert "Placed by" not in page
    assert "A team member placed" not in page


def test_another_theme_is_chosen_in_the_bar_without_a_script(session, grouped, closed_campaign, manager):
    first, _second = grouped()
    one, _other = sorted(members(session, first))
    page = manager.get(at(closed_campaign, f"/{first.id}?choose={one}")).text
    assert page.count(" checked>") == 1
    assert f'href="?choose={one}#chosen"' in page


def test_the_history_shows_every_edit_and_undoes_it(session, grouped, closed_campaign, manager):
    first, second = grouped()
    one, _other = sorted(members(session, first))
    manager.post(at(closed_campaign, f"/{first.id}/rename"), data={"name": "Night buses"})
    manager.post(at(closed_campaign, f"/{first.id}/split"), data={"idea": one, "name": "Trams"})
    manager.post(at(closed_campaign, "/move"), data={"idea": one, "to": "alone"})
    manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": second.id, "reason": "The same"})
    manager.get(at(closed_campaign))
    page = manager.get(at(closed_campaign, "/history")).text
    for sentence in (
        "Renamed “Name 1” to “Night buses”.",
        "Split 1 idea off “Night buses” into “Trams”.",
        "Set 1 idea apart from all themes.",
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
    refused = manager.get(at(closed_campaign)).text
    assert "Undo them first, in this order: Merged “Name 2” into “Night buses”: 3 ideas. (Bob, " in refused
    assert " · Set 1 idea apart from all themes. (Bob, " in refused
    in_history = manager.post(at(closed_campaign, f"/edits/{edits[2].id}/undo"), data={"history": "yes"})
    assert (in_history.status_code, "Set 1 idea apart from all themes. (Bob, " in in_history.text) == (422, True)
    for edit in edits:
        address = at(closed_campaign, f"/edits/{edit.id}/undo")
        assert manager.post(address, data={"history": "yes"}).location == at(closed_campaign, "/history")
    page = manager.get(at(closed_campaign, "/history")).text
    assert page.count("history__item--undone") == 4
    assert page.count("Undone by Bob") == 4
    assert [theme.name for theme in active_themes(session, closed_campaign)] == ["Name 1", "Name 2"]


def test_a_long_history_is_shown_page_by_page(session, grouped, closed_campaign, manager, bob, now):
    first, _second = grouped()
    for number in range(51):
        rename_theme(session, first, name=f"New name {number}", by=bob, now=now)
    session.commit()
    page = manager.get(at(closed_campaign, "/history")).text
    assert "New name 50" in page
    assert "Page 1 of 2" in page
    assert "Name 1”" not in page
    assert "Renamed “Name 1” to “New name 0”." in manager.get(at(closed_campaign, "/history?page=2")).text


def test_a_history_without_edits_says_so(grouped, closed_campaign, manager):
    grouped()
    assert "No change yet" in manager.get(at(closed_campaign, "/history")).text


def test_a_refused_move_from_a_retired_theme_is_shown_on_the_list(session, grouped, closed_campaign, manager):
    first, second = grouped()
    manager.post(at(closed_campaign, f"/{first.id}/merge"), data={"other": [second.id]})
    answer = manager.post(at(closed_campaign, "/move"), data={"to": "alone", "back": str(second.id)})
    assert answer.location == at(closed_campaign)
    assert "Select at least one idea first." in manager.get(answer.location).text
    assert manager.post(at(closed_campaign, f"/{first.id}/merge")).status_code == 422, "nothing sent, nothing broken"
