"""One search for every kind of text, with the same answers on both databases."""

import time

import pytest
from sqlalchemy import delete, insert, select, true

from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, idea_visible_to, is_submitted
from ideas.people.person import Person
from ideas.search import (
    MAX_SEARCH_LENGTH,
    MAX_WORDS,
    Match,
    excerpt,
    index_new,
    index_of,
    marked,
    matches,
    read_query,
    reindex,
    search,
    searchable_models,
)
from ideas.themes.theme import Theme


@pytest.fixture
def write(session, campaign, make_idea, charlie):
    """Submitted ideas with these texts."""

    def write(*texts):
        return [make_idea(campaign, charlie, text) for text in texts]

    return write


@pytest.fixture
def find(session):
    """The texts of the ideas that a search finds, newest first."""

    def find(words, match=None, **asked):
        found = search(session, Idea, read_query(words), where=true(), match=match, **asked)
        return [idea.body for idea in found.rows]

    return find


@pytest.mark.parametrize("words", ["vélo", "velo", "VÉLO", "vélos", "Velos", "«vélo»", "v\u0065\u0301lo"])
def test_accents_capitals_and_plurals_do_not_matter(write, find, words):
    write("Un vélo", "Des VÉLOS", "Le velo", "Une voiture")
    assert find(words) == ["Le velo", "Des VÉLOS", "Un vélo"]


@pytest.mark.parametrize("words", ["l’achat", "l'achat", "achat", "achats", "d’achat", "L’ACHAT"])
def test_apostrophes_do_not_matter(write, find, words):
    write("l’achat groupé", "l'achat d'un vélo", "un achat", "Acheteur")
    assert find(words) == ["un achat", "l'achat d'un vélo", "l’achat groupé"]


@pytest.mark.parametrize("words", ["gratuit vélo", "vélo gratuit", "VÉLOS gratuits", "velo gratuite"])
def test_the_order_of_words_does_not_matter(write, find, words):
    write("Un vélo gratuit", "Gratuite : la location de vélos", "Un vélo", "Gratuit")
    assert find(words) == ["Gratuite : la location de vélos", "Un vélo gratuit"]


@pytest.mark.parametrize("words", ["co-voiturage", "covoiturage", "covoiturages", "co voiturage", "Co\u2010voiturage"])
def test_hyphens_do_not_matter(write, find, words):
    write("Le co-voiturage", "Du bus")
    assert find(words) == ["Le co-voiturage"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("oeuvre", "Chef-d’œuvre"),
        ("œuvres", "une oeuvre"),
        ("meeting", "Fewer meetings"),
        ("printers", "A printer"),
        ("cities", "The city"),
        ("bus", "Un bus"),
        ("eau", "De l’eau"),
        ("30", "Zone 30 partout"),
        ("achète", "Il faut acheter"),
        ("étudiante", "Les étudiants"),
        ("自転車", "無料の自転車です"),
        ("车", "自行车"),
        ("จักรยาน", "ใช้จักรยานฟรี"),
        ("مدرسة", "مدرسة جديدة"),
        ("🚲", "Plus de 🚲!"),
        ("велосипед", "Велосипед"),
    ],
)
def test_words_in_any_form_and_script_are_found(write, find, words, text):
    write(text, "Autre chose")
    assert find(words) == [text]


def test_words_that_are_everywhere_count_only_alone(write, find):
    write("La gare et le quai", "Une gare", "Le quai")
    assert find("la gare") == ["Une gare", "La gare et le quai"]
    assert find("la et le") == ["La gare et le quai"]


def test_what_begins_like_a_word_is_found_where_nothing_else_is(session, write, find):
    write("Du covoiturage", "Une gare")
    found = search(session, Idea, read_query("covoit"), where=true())
    assert (found.match, [idea.body for idea in found.rows]) == (Match.BEGINS, ["Du covoiturage"])
    write("Un covoit")
    assert find("covoit") == ["Un covoit"], "an exact word comes before"
    assert find("covoit", Match.BEGINS) == ["Un covoit", "Du covoiturage"]
    assert find("gar", Match.BEGINS) == ["Une gare"]


def test_one_of_the_words_is_enough_where_no_text_has_all(session, write):
    write("Un vélo", "Une gare", "Un pont")
    found = search(session, Idea, read_query("vélo à la gare"), where=true())
    assert (found.match, found.total, [idea.body for idea in found.rows]) == (Match.SOME, 2, ["Une gare", "Un vélo"])


@pytest.mark.parametrize(
    "words",
    [
        '"', "'", "*", "(", ")", "a OR b NOT", "NEAR(vélo gare, 2)", "vélo*", "^vélo", "words:vélo", "{words}: x",
        "a AND", "-vélo", "+", "&", "|", "!", "!vélo", "vélo:*", "<->", "vélo <2> gare", "\\", "%", "_", "\x00",
        "vélo\x00x", ";--", "\ud800", "'; DROP TABLE idea; --", "🚲\u200d", "\u0301", "_000e01",
    ],
)  # fmt: skip
@pytest.mark.parametrize("match", list(Match))
def test_signs_mean_nothing(write, find, words, match):
    write("Une idée")
    assert find(words, match) in ([], ["Une idée"])


@pytest.mark.parametrize("words", ["vélo", '"vélo"', "vélo*", "(vélo)", "vélo:*", "vélo & !", "^vélo"])
def test_signs_beside_a_word_change_nothing(write, find, words):
    write("Un vélo", "Des vélodromes")
    assert find(words) == ["Un vélo"]


@pytest.mark.parametrize("words", ["", "   ", "…", "?!", "« »"])
def test_a_search_without_a_word_finds_nothing(session, write, find, count_queries, words):
    write("Une idée")
    assert count_queries(lambda: find(words)) == 0
    assert session.scalars(select(Idea).where(matches(session, Idea, read_query(words)))).all() == []


@pytest.mark.parametrize("junk", ["é" * 30_000, "a " * 15_000, '"*(' * 10_000, "x-" * 15_000, "e\u0301\u0323" * 10_000])
def test_thirty_kilobytes_are_shortened(write, find, junk):
    write("Une idée")
    query = read_query(junk)
    assert query.shortened
    assert len(query.text) <= MAX_SEARCH_LENGTH
    assert len(query.words) <= MAX_WORDS
    assert find(junk) == []


def test_pages_stay_the_same_while_new_ideas_come(session, write):
    write(*(f"Un vélo {number}" for number in range(5)))
    query = read_query("vélo")
    first = search(session, Idea, query, where=true(), limit=2)
    write("Un vélo de plus")
    second = search(session, Idea, query, where=true(), limit=2, before=first.older)
    third = search(session, Idea, query, where=true(), limit=2, before=second.older)
    pages = [[idea.body[-1] for idea in page.rows] for page in (first, second, third)]
    assert (pages, third.older) == ([["4", "3"], ["2", "1"], ["0"]], None)


def test_hidden_rows_are_neither_found_nor_counted(session, write, find, draft_campaign, make_idea, charlie, bob, now):
    write("Un vélo")
    make_idea(draft_campaign, charlie, "Un vélo caché")
    make_idea(write("Le vélo")[0].campaign, charlie, "Un vélo retiré", withdrawn_at=now)

    def found(person):
        return search(session, Idea, read_query("vélo"), where=idea_visible_to(person) & is_submitted())

    assert [(found(who).total, len(found(who).rows)) for who in (None, charlie, bob)] == [(2, 2), (2, 2), (3, 3)]


def test_a_text_is_found_by_its_new_words_as_soon_as_it_is_changed(session, write, find):
    (idea,) = write("Un vélo")
    idea.body = "Une gare"
    session.flush()
    assert (find("vélo", Match.ALL), find("gare")) == ([], ["Une gare"])
    idea.body = "…"
    session.flush()
    assert find("gare", Match.ALL) == []
    session.rollback()
    assert find("vélo") == ["Un vélo"], "the index is rolled back with the text"


def test_what_is_deleted_leaves_the_index(session, write, find):
    one, other = write("Un vélo", "Le vélo")
    session.delete(one)
    session.flush()
    session.execute(delete(Idea).where(Idea.id == other.id))
    assert find("vélo") == []
    assert session.scalars(select(index_of(Idea).c.id)).all() == []


def test_rows_inserted_in_bulk_are_indexed_when_asked_for(session, campaign, write, find, now):
    write("Un vélo")
    facts = {"campaign_id": campaign.id, "created_at": now, "updated_at": now, "submitted_at": now}
    session.execute(insert(Idea), [facts | {"body": f"Vélo {number}"} for number in range(3)])
    assert find("vélo") == ["Un vélo"]
    index_new(session, Idea, where=Idea.campaign_id == campaign.id)
    assert len(find("vélo")) == 4


def test_the_index_is_made_again_from_the_texts_a_part_at_a_time(session, write, find):
    ideas = write("Un vélo", "Des vélos", "…")
    index = index_of(Idea)
    session.execute(delete(index))
    assert find("vélo") == []
    last, parts = 0, 0
    while (after := reindex(session, Idea, after=last, limit=2)) is not None:
        last, parts = after, parts + 1
    assert (find("vélo"), last, parts) == (["Des vélos", "Un vélo"], ideas[-1].id, 2)


def test_campaigns_themes_people_and_reasons_are_found_too(session, campaign, make_theme, make_person):
    assert [model.__tablename__ for model in searchable_models()] == ["activity", "campaign", "idea", "person", "theme"]
    theme = make_theme(campaign, "Pistes cyclables")
    theme.phrases = ["vélos électriques"]
    theme.given_name = "Rouler"
    make_person("Élodie Dupont")
    session.flush()

    def found(model, words):
        return len(search(session, model, read_query(words), where=true(), match=Match.ALL).rows)

    assert (found(Theme, "rouler"), found(Theme, "velo électrique"), found(Theme, "piste")) == (1, 1, 0)
    theme.given_name, theme.other_names = None, (("en", "Bike lanes"),)
    session.flush()
    assert (found(Theme, "lanes"), found(Theme, "piste")) == (1, 1), "by the name in each language"
    assert (found(Campaign, "mornings"), found(Campaign, "slow"), found(Campaign, "every idea")) == (1, 1, 1)
    assert (found(Person, "elodie"), found(Person, "example dupont")) == (1, 1)


def test_a_search_asks_the_same_whatever_it_finds(write, find, count_queries):
    write(*["Un vélo"] * 30)
    find("vélo")
    assert count_queries(lambda: find("vélo", limit=20)) == count_queries(lambda: find("vélo", limit=1)) == 2
    assert count_queries(lambda: find("absent mot")) == 3


def test_the_words_of_the_search_are_marked():
    query = read_query("velo gratuit")
    pieces = list(marked("Des VÉLOS, gratuits ? <b>", query))
    assert [piece for piece, found in pieces if found] == ["VÉLOS", "gratuits"]
    assert "".join(piece for piece, _found in pieces) == "Des VÉLOS, gratuits ? <b>"
    assert [piece for piece, found in marked("Covoiturage", read_query("covoit"), Match.BEGINS) if found] == [
        "Covoiturage"
    ]
    assert [piece for piece, found in marked("Du co-voiturage", read_query("covoiturage")) if found] == ["co-voiturage"]
    assert list(marked("Rien", query)) == [("Rien", False)]


def test_an_excerpt_shows_no_marks_of_lists_titles_or_emphasis():
    text = "# Trajets\n\n- un **vélo**\n- un bus\n1. d’abord\n2) ensuite\n> cité\n\n2026. Fin - 3 * 2"
    line = "Trajets · un vélo · un bus · d’abord · ensuite cité 2026. Fin - 3 * 2"
    assert excerpt(text, read_query("vélo")) == line
    assert excerpt("-\n**\n", read_query("vélo")) == "-"


def test_an_excerpt_of_marks_alone_takes_no_long():
    started = time.thread_time()
    for worst in ("- " * 15_000, "*" * 30_000, "1. \n" * 7_500, "# " * 15_000, "\n" * 30_000):
        excerpt(worst, read_query("vélo"))
    assert time.thread_time() - started < 1


def test_an_excerpt_has_the_first_word_of_the_search():
    text = f"{'Avant tout. ' * 60}Un vélo.{' Ensuite.' * 60}"
    cut = excerpt(text, read_query("vélo"), length=100)
    assert "Un vélo." in cut
    assert len(cut) <= 102
    assert (cut[0], cut[-1]) == ("…", "…")
    assert excerpt("Un vélo.\n\nGratuit", read_query("vélo")) == "Un vélo. Gratuit"
    assert len(excerpt("x" * 5_000, read_query("vélo"), length=100)) == 101
