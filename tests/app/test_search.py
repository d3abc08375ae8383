"""The search over the whole site, and what it leaves out."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, TeamMember, may_read_themes, role_of, themes_readable_by
from ideas.contributions.idea import withdraw_idea

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
