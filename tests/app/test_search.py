"""The search over the whole site, and what it leaves out."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.answers.decision import Decision, DecisionStatus
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FormField, FormOption
from ideas.campaigns.people.team import Role, TeamMember, may_read_themes, role_of, themes_readable_by
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.idea import Idea, withdraw_idea
from ideas.themes.theme import Theme

HTML = re.compile(r"<[^>]+>")


@pytest.fixture
def search(client):
    """The page of a search, as a visitor or in another browser."""

    def search(words, browser=client, **asked):
        answer = browser.get("/search", query_string={"containing": words} | asked)
        assert answer.status_code == 200
        return answer.text

    return search


def results(page):
    """The titles of what was found, in the order of the page."""
    return [HTML.sub("", title).strip() for title in re.findall(r'card__link"[^>]*>(.*?)</a>', page, re.DOTALL)]


@pytest.fixture
def garden(make_campaign, make_theme, closed_campaign, charlie, now):
    """A debriefed campaign about gardens: its theme and its idea speak of gardens too."""
    campaign = make_campaign(
        title="Le jardin partagé", closes_at=now - timedelta(days=2), debriefed_at=now - timedelta(days=1)
    )
    make_theme(campaign, "Jardins pour tous", bodies=["Un jardin à chaque étage"])
    return campaign


def test_campaigns_themes_and_ideas_are_found_together(search, garden):
    page = search("JARDINS")
    assert results(page) == ["Le jardin partagé", "Jardins pour tous", "Un jardin à chaque étage"]
    assert "Le <mark>jardin</mark> partagé" in page
    assert "<mark>Jardins</mark> pour tous" in page
    assert "1 campaign, 1 theme, 1 idea" in page


def test_one_kind_is_shown_by_itself_a_page_at_a_time(search, client, campaign, make_idea, charlie):
    ideas = [make_idea(campaign, charlie, f"Un jardin {number}") for number in range(45)]
    page = search("jardin")
    assert len(results(page)) == 10
    (more,) = re.findall(r'href="([^"]+kind=idea[^"]*)"', page)
    shown = []
    while more:
        page = client.get(more.replace("&amp;", "&")).text
        shown += results(page)
        more = next(iter(re.findall(r'rel="next"\s+href="([^"]+)"', page)), None)
    assert shown == [idea.body for idea in reversed(ideas)]


def test_what_a_reader_may_not_see_is_not_found(
    search, signed_in, session, garden, draft_campaign, make_idea, make_theme, alice, bob, charlie, now
):
    draft_campaign.title = "Jardin secret"
    garden.debriefed_at = None
    make_idea(draft_campaign, charlie, "Le jardin secret")
    make_idea(garden, charlie, "Un jardin retiré", withdrawn_at=now)
    make_idea(garden, charlie, "Un jardin en brouillon", submitted_at=None)
    session.commit()
    public = ["Le jardin partagé", "Un jardin à chaque étage"]
    assert results(search("jardin")) == public
    assert "1 campaign, 1 idea" in search("jardin")
    assert results(search("jardin", signed_in(charlie))) == public
    team = ["Jardin secret", "Le jardin partagé", "Jardins pour tous", "Le jardin secret", "Un jardin à chaque étage"]
    for person in (alice, bob):
        assert results(search("jardin", signed_in(person))) == team
    for kind in ("campaign", "theme", "idea"):
        assert "secret" not in search("secret", kind=kind).partition("<main")[2].replace('value="secret"', "")


def test_themes_that_are_gone_are_not_found(search, session, garden, make_theme, now):
    make_theme(garden, "Un jardin de plus").retired_at = now
    session.commit()
    assert "Un jardin de plus" not in results(search("jardin"))


def test_an_idea_is_gone_from_the_search_once_it_is_withdrawn(search, session, idea, charlie, now):
    assert results(search("clicks")) == ["Fewer clicks"]
    withdraw_idea(session, idea, by=charlie, now=now)
    session.commit()
    assert results(search("clicks")) == []


@pytest.mark.parametrize("debriefed", [False, True])
def test_the_condition_on_themes_says_what_the_matrix_says(
    session, make_campaign, make_person, alice, charlie, now, debriefed
):
    campaign = make_campaign(
        closes_at=now - timedelta(days=1), debriefed_at=now - timedelta(hours=1) if debriefed else None
    )
    people = [None, alice, charlie, make_person("Ada", is_admin=True)]
    for role in (Role.FACILITATOR, Role.MODERATOR, Role.JURY, Role.OBSERVER):
        people.append(make_person(role))
        session.add(TeamMember(campaign_id=campaign.id, person_id=people[-1].id, role=role))
    session.commit()
    for person in people:
        found = session.scalar(select(Campaign.id).where(Campaign.id == campaign.id, themes_readable_by(person)))
        role = role_of(session, campaign, person)
        is_admin = person is not None and person.is_admin
        assert (found is not None) == may_read_themes(campaign, role, is_admin=is_admin), role


def test_an_empty_search_shows_the_field_alone(search, client):
    page = client.get("/search").text
    assert "autofocus" in page
    assert results(page) == []
    assert "Write at least one word or number." in search("?!…")


def test_what_finds_nothing_says_what_to_do(search, campaign):
    page = search("zzz")
    assert "Nothing contains these words" in page
    assert "Check the spelling" in page


def test_words_that_are_not_all_there_find_what_has_one(search, idea):
    assert "Nothing contains all of these words." in search("clicks zebra")
    assert results(search("clicks zebra")) == ["Fewer clicks"]
    assert "Nothing contains “cli”." in search("cli")


def test_what_people_wrote_is_shown_as_text(search, campaign, make_idea, charlie):
    make_idea(campaign, charlie, "Un jardin <script>alert(1)</script>", title="<b>Jardin</b>")
    page = search("jardin")
    assert "<script>alert" not in page
    assert "&lt;b&gt;<mark>Jardin</mark>&lt;/b&gt;" in page
    assert "<b>zz" not in search("<b>zz</b>")


@pytest.mark.parametrize("words", ['"*(', "a" * 30_000, "NEAR(a b)", "\x00", "é\u0301" * 9_000, "'; --"])
@pytest.mark.parametrize("asked", [{}, {"kind": "idea", "before": "x", "match": "no"}, {"before": "9" * 30}])
def test_any_address_shows_a_page(search, idea, words, asked):
    search(words, **asked)


def test_a_long_search_says_that_it_was_shortened(search):
    assert "This search is long: only its first words were used." in search("jardin " * 200)


def test_the_number_of_queries_does_not_depend_on_what_is_found(
    client, count_queries, garden, make_idea, make_campaign, charlie, session
):
    def ask():
        client.get("/search?containing=jardin")

    ask()
    before = count_queries(ask)
    for number in range(6):
        make_idea(make_campaign(title=f"Jardin {number}"), charlie, "Un jardin")
    session.commit()
    assert count_queries(ask) == before


def test_every_page_leads_to_the_search(client, campaign):
    assert 'href="/search"' in client.get("/campaigns").text


# What ideas are narrowed to, and their order --------------------------------------------------------------------------


def links(page, group):
    """The labels of a facet of the page with their addresses."""
    found = re.search(rf'<nav[^>]*aria-label="{group}">(.*?)</nav>', page, re.DOTALL)
    return {
        HTML.sub("", label).strip(): url.replace("&amp;", "&")
        for url, label in re.findall(r'href="([^"]*)"[^>]*>(.*?)</a>', found[1], re.DOTALL)
    } if found else {}  # fmt: skip


@pytest.fixture
def park(make_campaign, make_idea, charlie, session):
    """Another campaign: two ideas about gardens in French, one in English."""
    campaign = make_campaign(title="Le parc")
    for body, lang in (("Un jardin de poche", "fr"), ("Un jardin d’hiver", "fr"), ("A small jardin", "en")):
        make_idea(campaign, charlie, body, lang=lang)
    session.commit()
    return campaign


@pytest.fixture
def answered(garden, session, alice, now):
    """The theme of `garden` has an answer that is published."""
    theme = session.scalar(select(Theme).where(Theme.campaign_id == garden.id))
    decision = Decision(
        theme=theme, status=DecisionStatus.PLANNED, reason="Next year", respondent=alice, decided_on=now.date(),
        recorded_by_id=alice.id, updated_at=now, published_at=now,
    )  # fmt: skip
    session.add(decision)
    session.commit()
    return decision


def test_kinds_are_links_with_their_counts(search, client, garden, park):
    kinds = links(search("jardin"), "What is shown")
    assert list(kinds) == ["Everything", "Campaigns (1)", "Themes (1)", "Ideas (4)"]
    only = client.get(kinds["Themes (1)"]).text
    assert results(only) == ["Jardins pour tous"]
    assert list(links(only, "What is shown")) == list(kinds), "the other kinds keep their counts"


def test_ideas_are_narrowed_by_links_to_a_campaign_a_language_an_answer(search, client, garden, answered, park):
    page = search("jardin")
    assert list(links(page, "Campaign")) == ["Le parc (3)", "Le jardin partagé (1)"]
    assert list(links(page, "Language")) == ["In French (2)", "In English (1)"]
    (answer,) = links(page, "Answer to the theme").items()
    assert answer[0] == "Planned (1)"
    assert results(client.get(answer[1]).text) == ["Un jardin à chaque étage"]
    here = client.get(links(page, "Campaign")["Le parc (3)"]).text
    assert len(results(here)) == 3
    assert list(links(here, "Campaign")) == ["Le parc (3)", "Le jardin partagé (1)"], "what else could be chosen"
    assert links(here, "Answer to the theme") == {}
    french = client.get(links(here, "Language")["In French (2)"]).text
    assert results(french) == ["Un jardin d’hiver", "Un jardin de poche"]
    assert "Ideas (4)" in links(french, "What is shown"), "of a kind, whatever it is narrowed to"


def test_fields_of_the_form_are_a_facet_once_a_campaign_is_chosen(search, client, garden, park, session, now):
    field = FormField(
        campaign_id=park.id, kind=FieldKind.CHOICE, label="Quarter", position=0, created_at=now,
        options=[FormOption(label="North", position=0), FormOption(label="South", position=1)],
    )  # fmt: skip
    session.add(field)
    session.flush()
    north = session.scalar(select(Idea).where(Idea.body == "Un jardin d’hiver"))
    session.add(FieldValue(idea_id=north.id, field_id=field.id, option_id=field.options[0].id))
    session.commit()
    assert links(search("jardin"), "Quarter") == {}
    chosen = links(search("jardin", campaign=park.id), "Quarter")
    assert list(chosen) == ["North (1)"]
    page = client.get(chosen["North (1)"]).text
    assert results(page) == ["Un jardin d’hiver"]
    assert "Quarter · North" in page
    assert "field-" not in links(page, "Campaign")["Le jardin partagé (1)"], "another campaign has another form"


def test_facets_tell_nothing_that_the_reader_may_not_see(search, signed_in, session, garden, answered, draft_campaign,
                                                         park, make_idea, alice, charlie):  # fmt: skip
    draft_campaign.title = "Secret"
    make_idea(draft_campaign, charlie, "Un jardin", lang="de")
    session.commit()
    page = search("jardin")
    assert "Secret" not in page
    assert list(links(page, "Language")) == ["In French (2)", "In English (1)"]
    assert "Secret (1)" in links(search("jardin", signed_in(alice)), "Campaign")
    assert "Secret" not in search("jardin", campaign=draft_campaign.id)
    answered.published_at = None
    session.commit()
    for asked in ({}, {"answer": "planned"}):
        for browser in (None, signed_in(alice)):
            found = search("jardin", **asked) if browser is None else search("jardin", browser, **asked)
            assert "Planned (1)" not in found, "not published"
            assert results(found) == [] or not asked
    answered.published_at, garden.debriefed_at = garden.closes_at, None
    session.commit()
    assert "Planned (1)" not in search("jardin")
    assert results(search("jardin", answer="planned")) == []


def test_the_best_match_has_the_words_in_its_title_and_is_short(search, client, campaign, make_idea, charlie, session):
    make_idea(campaign, charlie, "Des fleurs partout", title="Un jardin")
    make_idea(campaign, charlie, "Un jardin")
    make_idea(campaign, charlie, "Il faudrait, quelque part dans le quartier, un jardin")
    session.commit()
    newest = ["Il faudrait, quelque part dans le quartier, un jardin", "Un jardin", "Un jardin"]
    page = search("jardin")
    assert results(page) == newest
    best = client.get(links(page, "Order of the ideas")["Best match"]).text
    assert results(best) == ["Un jardin", "Un jardin", newest[0]]
    assert best.index("Des fleurs partout") < best.index("Il faudrait")
    some = search("jardin fleurs zebra", order="best")
    assert results(some)[0] == "Un jardin"
    assert "Des <mark>fleurs</mark> partout" in some.partition("Il faudrait")[0], "two of the words"


def test_pages_of_the_best_stay_the_same_while_ideas_come(search, client, campaign, make_idea, charlie, session):
    ideas = [make_idea(campaign, charlie, "Un jardin" + "." * number) for number in range(45)]
    session.commit()
    page, shown = search("jardin", kind="idea", order="best"), []
    while True:
        shown += results(page)
        more = re.findall(r'rel="next"\s+href="([^"]+)"', page)
        if not more:
            break
        make_idea(campaign, charlie, "Jardin")
        session.commit()
        page = client.get(more[0].replace("&amp;", "&")).text
    assert shown == [idea.body for idea in ideas]


def test_facets_of_very_many_say_what_they_count(search, garden, park, monkeypatch):
    assert "newest ideas found" not in search("jardin")
    monkeypatch.setattr("ideas.answers.found.facets.MAX_COUNTED", 2)
    page = search("jardin")
    assert "Counted among the" in page
    assert list(links(page, "Language")) == ["In English (1)", "In French (1)"], "the two newest alone"


@pytest.mark.parametrize(
    "asked",
    [
        {"campaign": "9" * 30}, {"campaign": "²"}, {"campaign": "-1"}, {"lang": "<b>"}, {"answer": "no"},
        {"order": "best", "place": "-1", "before": "x"}, {"order": "best", "place": "9" * 30, "kind": "idea"},
        {"order": "x", "field-1": "2"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_in_the_address_narrows_nothing(search, idea, asked):
    page = search("clicks", **asked)
    assert "place" in asked or results(page) == ["Fewer clicks"]


def test_facets_and_the_best_take_as_many_queries_for_many(client, count_queries, garden, answered, park, make_idea,
                                                            make_campaign, charlie, session):  # fmt: skip
    asked = [{}, {"order": "best"}, {"campaign": park.id, "lang": "fr"}, {"answer": "planned", "order": "best"}]

    def ask():
        for one in asked:
            client.get("/search", query_string={"containing": "jardin"} | one)

    ask()
    before = count_queries(ask)
    for number in range(6):
        make_idea(make_campaign(title=f"Jardin {number}"), charlie, "Un jardin", title="Jardin", lang="de")
        make_idea(park, charlie, "Un jardin", lang="it")
    session.commit()
    assert count_queries(ask) == before
