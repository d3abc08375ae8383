"""The table of the themes: what it shows, its filters and views; what is done to several themes at once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.answers.approval import proposals_in
from ideas.answers.decision import DecisionStatus, decision_on
from ideas.contributions.vote import Vote
from ideas.desk.table import COLUMNS, MAX_VIEWS, TableView
from ideas.desk.work import set_work, today_of, work_in
from ideas.themes.edits.edit import merge_themes
from ideas.themes.placement import Placement

pytestmark = pytest.mark.one_database


@pytest.fixture
def themes(session, campaign, make_theme, give_answer, alice, bob, charlie, now):
    """Buses, with an answer; Trees, late and Bob's; Benches, nobody's, with a tag."""
    bodies = {
        "Buses": ["A bus on Sunday", "A night bus", "A small bus"],
        "Trees": ["A lime tree", "An oak"],
        "Benches": ["A bench"],
    }
    made = {name: make_theme(campaign, name, bodies=texts, author=charlie) for name, texts in bodies.items()}
    give_answer(made["Buses"], status=DecisionStatus.ADOPTED)
    yesterday = now - timedelta(days=2)
    set_work(
        session, made["Trees"], assignee=bob, due_on=today_of(bob, yesterday), tags=["green"], by=alice, now=yesterday
    )
    set_work(session, made["Benches"], assignee=None, due_on=None, tags=["Sit"], by=alice, now=now)
    oaks = session.scalars(
        select(Placement).where(Placement.theme_id == made["Trees"].id).order_by(Placement.idea_id)
    ).all()
    oaks[0].idea.submitted_at = now - timedelta(days=9)
    session.add(Vote(idea_id=oaks[0].idea_id, person_id=alice.id, created_at=now))
    session.commit()
    return made


@pytest.fixture
def here(campaign):
    return f"/campaigns/{campaign.id}/themes/table"


def rows(page):
    """The names of the themes in the table, from top to bottom."""
    return re.findall(r"data-row-link[^>]*>([^<]+)</a>", page.text)


def test_the_table_is_sorted_filtered_and_kept_in_its_address(session, here, themes, signed_in, alice, bob):
    browser = signed_in(bob)
    page = browser.get(here)
    assert rows(page) == ["Buses", "Trees", "Benches"]  # the largest first
    assert re.search(
        r'<th scope="col" aria-sort="descending"><a\s+href="[^"]*sort=size[^"]*dir=asc|dir=asc[^"]*sort=size', page.text
    )
    cells = re.search(r"Trees</a>(.*?)</tr>", page.text, re.DOTALL).group(1)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cells)).strip()
    assert text.startswith("2 1 1 1 (1 before)")  # ideas, support, people, last 7 days
    assert "green No answer yet Bob" in text
    assert text.endswith("Late")
    for query, expected in {
        "sort=name": ["Benches", "Buses", "Trees"],
        "sort=name&dir=desc": ["Trees", "Buses", "Benches"],
        "sort=due": ["Trees", "Buses", "Benches"],  # those without a day come last
        "sort=due&dir=desc": ["Trees", "Buses", "Benches"],
        "sort=support": ["Trees", "Buses", "Benches"],
        "sort=trend&dir=asc": ["Trees", "Benches", "Buses"],
        "sort=tags": ["Trees", "Benches", "Buses"],
        "sort=assignee": ["Trees", "Buses", "Benches"],
        "status=none": ["Trees", "Benches"],
        "status=adopted": ["Buses"],
        "assignee=me": ["Trees"],
        f"assignee={bob.id}": ["Trees"],
        "assignee=none": ["Buses", "Benches"],
        "assignee=x": [],
        "tag=SIT": ["Benches"],
        "late=1": ["Trees"],
        "words=BUS": ["Buses"],
        "group=f1": [],  # nobody chose that
        "sort=agreement&col=agreement": ["Buses", "Trees", "Benches"],
        "words=e&sort=name&dir=desc&col=due": ["Trees", "Buses", "Benches"],
        "sort=nothing&col=&dir=&page=2": ["Buses", "Trees", "Benches"],
    }.items():
        found = browser.get(f"{here}?{query}")
        assert (found.status_code, rows(found)) == (200, expected), query
    few = browser.get(f"{here}?col=cohesion&col=languages&tag=green").text
    assert few.count('<th scope="col"') == 3
    assert "1 of 3 themes" in few
    assert rows(signed_in(alice).get(f"{here}?assignee=me")) == []


def test_the_map_is_beside_the_table_and_filters_narrow_both(session, here, themes, signed_in, bob):
    browser = signed_in(bob)
    assert "map__sea" not in browser.get(here).text
    whole = browser.get(f"{here}?map=yes").text
    islands = re.findall(r'<a class="island[^>]*?href="([^"]+)"[^>]*?data-theme="(\d+)"', whole)
    assert len(islands) == 3
    assert {address for address, _ in islands} == {f"#theme-{number}" for _, number in islands}
    assert all(f'id="theme-{number}"' in whole for _, number in islands)
    assert "data-out" not in whole
    narrow = browser.get(f"{here}?map=yes&words=bus")
    assert rows(narrow) == ["Buses"]
    assert narrow.text.count(" data-out") == 2
    assert narrow.text.count("<tr hidden>") == 2  # of the table of the map
    assert len(re.findall(r'href="#theme-\d+"[^>]*data-name="Buses"', narrow.text)) == 1
    # What one chose keeps the map: the filters, the heads, the views.
    assert 'name="map" value="yes"' in narrow.text
    assert re.search(r'href="[^"]*map=yes[^"]*sort=name', narrow.text)
    kept = browser.post(f"{here}/views", data={"name": "Map", "query": "map=yes&words=bus"})
    assert kept.location.endswith("/table?words=bus&map=yes")


def test_views_are_the_persons_own(session, here, themes, signed_in, alice, bob):
    browser = signed_in(bob)
    for name in ("Mine", "mine"):  # the second replaces the first
        saved = browser.post(f"{here}/views", data={"name": name, "query": "assignee=me&evil=1&col=due&sort=name"})
        assert saved.status_code == 303
    assert saved.location.endswith("/table?assignee=me&col=due&sort=name&dir=asc")
    view = session.scalars(select(TableView)).one()
    assert (view.name, view.query) == ("mine", "assignee=me&col=due&sort=name&dir=asc")
    assert "mine" in browser.get(here).text
    assert "mine</a>" not in signed_in(alice).get(here).text
    signed_in(alice).post(f"{here}/views/{view.id}/delete", data={"query": ""})
    assert session.scalars(select(TableView)).all() == [view]
    empty = browser.post(f"{here}/views", data={"name": " ", "query": "late=1"})
    assert (empty.status_code, rows(empty)) == (422, ["Trees"])
    assert "Enter a name for the view." in empty.text
    for number in range(1, MAX_VIEWS):
        session.add(TableView(campaign_id=view.campaign_id, person_id=bob.id, name=f"v{number}", query=""))
    session.commit()
    assert f"You have {MAX_VIEWS} views" in browser.post(f"{here}/views", data={"name": "more", "query": ""}).text
    browser.post(f"{here}/views/{view.id}/delete", data={"query": "late=1"})
    session.expire_all()
    assert session.query(TableView).count() == MAX_VIEWS - 1


def test_several_themes_are_assigned_and_tagged(session, campaign, here, themes, signed_in, alice, bob, now):
    browser = signed_in(alice)
    none = browser.get(f"{here}/selected?act=assign", follow_redirects=True)
    assert "Select at least one theme." in none.text
    assert (
        "at least two themes"
        in browser.get(f"{here}/selected?act=merge&theme={themes['Buses'].id}", follow_redirects=True).text
    )
    chosen = [themes[name].id for name in ("Trees", "Benches")]
    page = browser.get(f"{here}/selected", query_string={"act": "assign", "theme": chosen, "query": "late=1"}).text
    seen = re.search(r'name="seen" value="([^"]+)"', page).group(1)
    tomorrow = (now + timedelta(days=1)).date().isoformat()
    nothing = browser.post(f"{here}/work", data={"theme": chosen, "seen": seen})
    assert nothing.status_code == 422
    assert "Choose at least one change" in nothing.text
    both = browser.post(f"{here}/work", data={"theme": chosen, "due_on": tomorrow, "no_day": "y"})
    assert "not both" in both.text
    set_work(session, themes["Trees"], assignee=bob, due_on=None, tags=[], by=bob, now=now)
    session.commit()
    fields = {
        "theme": chosen,
        "seen": seen,
        "query": "late=1",
        "assignee": alice.id,
        "due_on": tomorrow,
        "add": "new, Green",
        "remove": "sit",
    }
    answer = browser.post(f"{here}/work", data=fields)
    assert answer.status_code == 409
    assert "1 theme was changed." in answer.text
    assert re.search(r"<strong>Trees</strong>.*Someone saved another version", answer.text)
    assert 'value="new, Green"' in answer.text  # what was typed stays
    works = work_in(session, [campaign.id])
    assert (works[themes["Benches"].id].assignee, works[themes["Benches"].id].tags) == ("Alice", ("new", "Green"))
    assert works[themes["Trees"].id].assignee == "Bob"
    again = fields | {"theme": chosen[:1], "seen": re.search(r'name="seen" value="([^"]+)"', answer.text).group(1)}
    assert browser.post(f"{here}/work", data=again).location.endswith("/table?late=1")
    assert work_in(session, [campaign.id])[themes["Trees"].id].assignee == "Alice"
    assert browser.post(f"{here}/work", data=fields | {"assignee": 10**9}).status_code == 422
    past = browser.post(f"{here}/work", data=fields | {"due_on": "2020-01-01", "seen": ""})
    assert (past.status_code, "Choose today or a later day." in past.text) == (422, True)


def test_one_answer_for_several_themes_leaves_what_was_answered(
    session, campaign, here, themes, signed_in, give_answer, make_theme, alice, bob, now
):
    paths, gone = make_theme(campaign, "Paths", bodies=["A path"]), make_theme(campaign, "Gone", bodies=["A stile"])
    session.commit()
    browser, chosen = signed_in(alice), [*(theme.id for theme in themes.values()), paths.id, gone.id]
    page = browser.get(f"{here}/selected", query_string={"act": "decide", "theme": chosen}).text
    seen = re.search(r'name="seen" value="([^"]+)"', page).group(1)
    give_answer(paths, status=DecisionStatus.PENDING, reason="", expected_on=(now + timedelta(days=9)).date())
    merge_themes(session, paths, others=[gone], by=bob, now=now)
    session.commit()
    answer = {"theme": chosen, "seen": seen, "status": "planned", "reason": "With the **spring** works.",
              "community_impact": "Shade on every path.",
              "respondent": bob.id, "decided_on": now.date().isoformat()}  # fmt: skip
    wrong = browser.post(f"{here}/answers", data=answer | {"reason": ""})
    assert (wrong.status_code, decision_on(session, themes["Trees"])) == (422, None)
    partly = browser.post(f"{here}/answers", data=answer)
    assert partly.status_code == 409
    assert "2 themes were answered." in partly.text
    assert "Nothing was done with 3 themes." in partly.text
    why = dict(re.findall(r"<strong>(\w+)</strong> – ([^<]+)</li>", partly.text))
    assert why["Buses"].startswith("It has an answer already.")
    assert why["Paths"].startswith("Someone saved another version")
    assert why["Gone"].startswith("Someone changed this in the meantime.")
    assert "With the **spring** works." in partly.text
    session.expire_all()
    for name in ("Trees", "Benches"):
        given = decision_on(session, themes[name])
        assert (given.status, given.respondent.name, given.published_at) == (DecisionStatus.PLANNED, "Bob", None)
        assert given.community_impact == "Shade on every path."
    assert decision_on(session, themes["Buses"]).status is DecisionStatus.ADOPTED
    again = answer | {"theme": [themes["Buses"].id, paths.id], "replace": "y", "community_impact": "",
                      "seen": re.search(r'name="seen" value="([^"]+)"', partly.text).group(1)}  # fmt: skip
    assert browser.post(f"{here}/answers", data=again).status_code == 303
    session.expire_all()
    assert {decision_on(session, theme).status for theme in (themes["Buses"], paths)} == {DecisionStatus.PLANNED}


def test_one_answer_for_several_themes_waits_for_a_second_person(
    session, campaign, here, themes, signed_in, alice, bob, now
):
    campaign.debriefed_at, campaign.answers_reviewed = now, True
    session.commit()
    browser, chosen = signed_in(alice), [themes["Trees"].id, themes["Benches"].id]
    page = browser.get(f"{here}/selected", query_string={"act": "decide", "theme": chosen}).text
    assert "A second person approves your answers before they are visible." in page
    answer = {"theme": chosen[:1], "seen": re.search(r'name="seen" value="([^"]+)"', page).group(1),
              "status": "planned", "reason": "In May.", "respondent": bob.id,
              "decided_on": now.date().isoformat()}  # fmt: skip
    sent = browser.post(f"{here}/answers", data=answer, follow_redirects=True)
    assert "The answer to 1 theme is published once a second person approves it." in sent.text
    again = browser.post(f"{here}/answers", data=answer | {"theme": chosen, "replace": "y", "reason": "In June."})
    assert (again.status_code, "An answer to it waits for a second person." in again.text) == (409, True)
    session.expire_all()
    assert decision_on(session, themes["Trees"]) is None, "nobody but the team reads it"
    waiting = proposals_in(session, campaign.id)
    found = {theme.name: waiting[theme.id].content["reason"] for theme in themes.values() if theme.id in waiting}
    assert found == {"Trees": "In May.", "Benches": "In June."}


def test_selected_themes_are_merged_under_a_chosen_name(session, campaign, here, themes, signed_in, alice):
    browser, chosen = signed_in(alice), [themes["Trees"].id, themes["Benches"].id]
    page = browser.get(f"{here}/selected", query_string={"act": "merge", "theme": chosen, "query": "tag=green"}).text
    seen = re.search(r'name="seen" value="([^"]+)"', page).group(1)
    fields = {"other": chosen, "into": themes["Benches"].id, "seen": seen, "back": "table", "query": "tag=green"}
    assert browser.post(f"/campaigns/{campaign.id}/themes/merge", data=fields).location.endswith("/table?tag=green")
    merged = browser.get(here + "?tag=green")
    assert rows(merged) == ["Benches"]
    text = re.search(r"Benches</a>(.*?)</tr>", merged.text, re.DOTALL).group(1)
    assert "Bob" in text
    assert "Sit" in text


def test_the_number_of_queries_does_not_grow(
    session, campaign, here, themes, signed_in, alice, count_queries, make_theme, now
):
    browser = signed_in(alice)
    here += "?" + "&".join(f"col={column}" for column in COLUMNS)
    browser.get(here)
    few = count_queries(lambda: browser.get(here))
    for number in range(6):
        theme = make_theme(campaign, f"Theme {number}", bodies=[f"Idea {number}"])
        set_work(session, theme, assignee=alice, due_on=None, tags=[f"t{number}"], by=alice, now=now)
    session.commit()
    assert count_queries(lambda: browser.get(here)) == few <= 32
