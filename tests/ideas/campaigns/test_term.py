"""The glossary of a campaign: filled by its team, read by searches."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.campaigns.draft import duplicate_campaign
from ideas.campaigns.term import (
    MAX_TERMS,
    NoWordInTerm,
    TermTaken,
    TooManyTerms,
    add_term,
    glossary_of,
    remove_term,
    spelled_out,
    spelled_out_for,
)
from ideas.contributions.idea import search_ideas
from ideas.contributions.similar import similar_by_words
from ideas.errors import EmptyText, TooLong
from ideas.search import marked, read_query
from ideas.spaces.audience import Audience


@pytest.fixture
def add(session, campaign, alice, now):
    def add(abbreviation, meaning, to=campaign):
        return add_term(session, to, abbreviation=abbreviation, meaning=meaning, by=alice, now=now)

    return add


def test_terms_are_added_once_recorded_removed_and_copied(session, campaign, add, alice, now):
    term = add(" VAE ", "vélo à  assistance électrique")
    assert glossary_of(session, campaign.id) == {"VAE": "vélo à assistance électrique"}
    refused = [("vae", "x", TermTaken), ("", "x", EmptyText), ("x" * 31, "x", TooLong), ("!", "x", NoWordInTerm)]
    for abbreviation, meaning, error in refused:
        with pytest.raises(error):
            add(abbreviation, meaning)
    copy = duplicate_campaign(session, campaign, title="Copy", by=alice, now=now)
    remove_term(session, term, by=alice, now=now)
    assert (glossary_of(session, campaign.id), list(glossary_of(session, copy.id))) == ({}, ["VAE"])
    session.commit()
    acts = session.scalars(select(Activity).where(Activity.object_kind == "campaign_term").order_by(Activity.id)).all()
    assert [act.verb for act in acts] == [Verb.CREATED, Verb.DELETED]
    for number in range(MAX_TERMS):
        add(f"A{number}", "x")
    with pytest.raises(TooManyTerms):
        add("One more", "x")


def test_a_search_of_an_abbreviation_finds_its_meaning_and_the_other_way(
    session, campaign, make_campaign, make_idea, add, charlie
):
    add("VAE", "vélo à assistance électrique")
    add("SI", "système d’information")
    add("R&D", "recherche et développement")
    for body in (
        "Un VAE pour chaque service", "Des vélos à assistance électrique", "Un vélo", "Moderniser le SI",
        "Le système d'information est lent", "Plus de R&D", "La recherche, le développement",
    ):  # fmt: skip
        make_idea(campaign, charlie, body)

    def found(words, glossary=campaign):
        query = spelled_out(session, glossary.id, read_query(words))
        return [idea.body for idea in search_ideas(session, campaign, query).rows][::-1]

    bikes = ["Un VAE pour chaque service", "Des vélos à assistance électrique"]
    systems = ["Moderniser le SI", "Le système d'information est lent"]
    studies = ["Plus de R&D", "La recherche, le développement"]
    expected = {
        "vae": bikes, "Vélo à assistance électrique": bikes, "VAE service": bikes[:1],
        "service vélo à assistance électrique": bikes[:1], "vélo": [bikes[1], "Un vélo"],
        "moderniser le SI": systems[:1], "système d’information": systems,
        "R&D": studies, "recherche et développement": studies,
    }  # fmt: skip
    assert {words: found(words) for words in expected} == expected
    assert found("vae", make_campaign()) == bikes[:1], "another campaign has another glossary"
    query = spelled_out(session, campaign.id, read_query("vae"))
    assert [piece for piece, is_found in marked(bikes[1], query) if is_found] == ["vélos", "assistance", "électrique"]


def test_the_whole_site_is_searched_by_the_glossaries_that_the_reader_sees(
    session, campaign, make_campaign, add, bob, charlie
):
    private = make_campaign(audience=Audience.INVITED)
    add("VAE", "vélo à assistance électrique")
    add("VAE", "validation des acquis", to=private)

    def meanings(reader):
        [word] = spelled_out_for(session, reader, read_query("vae")).words
        return [len(other.parts) for other in word.same]

    assert (meanings(None), meanings(charlie), meanings(bob)) == ([3], [3], [2, 3])


def test_similar_ideas_by_words_know_the_glossary(session, campaign, make_idea, add, bob, charlie):
    idea = make_idea(campaign, bob, "Prêter un VAE aux infirmières")
    text = "Un vélo à assistance électrique pour les infirmières"
    assert not similar_by_words(session, campaign, text, reader=charlie)
    add("VAE", "vélo à assistance électrique")
    assert list(similar_by_words(session, campaign, text, reader=charlie)) == [idea]
