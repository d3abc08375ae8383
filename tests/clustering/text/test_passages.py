"""Passages: what each sentence or line of a text says, and where it is."""

import pytest

from clustering.text.cleaning import gist
from clustering.text.passages import MAX_PASSAGES, split_passages


def said(text: str) -> list[str]:
    """The passages of a text, as they are in it."""
    return [text[passage.start : passage.end] for passage in split_passages(text, gist(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plus de bus le soir.", ["Plus de bus le soir."]),
        ("Plus de bus le soir. Planter des arbres !", ["Plus de bus le soir.", "Planter des arbres !"]),
        ("Plus de bus ; planter des arbres", ["Plus de bus ;", "planter des arbres"]),
        ("Plus de bus\nPlanter des arbres", ["Plus de bus", "Planter des arbres"]),
        ("- plus de bus\n- planter des arbres", ["- plus de bus", "- planter des arbres"]),
        ("Demandes : • plus de bus • planter des arbres", ["Demandes :", "plus de bus", "planter des arbres"]),
        ("駐輪場を増やしてください。木を植えてください。", ["駐輪場を増やしてください。", "木を植えてください。"]),
        ("Plus de bus le soir et aussi planter des arbres", ["Plus de bus le soir", "et aussi planter des arbres"]),
        ("1) plus de bus 2) planter des arbres", ["1) plus de bus", "2) planter des arbres"]),
        ("Plus de bus.Planter des arbres", ["Plus de bus.", "Planter des arbres"]),
        ("रात में बसें चलाएं। पार्क में और पेड़ लगाएं।", ["रात में बसें चलाएं।", "पार्क में और पेड़ लगाएं।"]),
        ("À 30 km/h au plus, dit l’art.3 du code", ["À 30 km/h au plus, dit l’art.3 du code"]),
        ("« Plus de bus ! » Planter des arbres.", ["« Plus de bus ! »", "Planter des arbres."]),
    ],
)
def test_sentences_lines_and_items_are_passages(text, expected):
    assert said(text) == expected


def test_words_that_join_a_passage_to_the_one_before_are_not_what_it_says():
    text = "1) Enfin des bus. Et puis des arbres et aussi des bancs."
    assert [passage.gist for passage in split_passages(text, gist(text))] == [
        "Enfin des bus.",
        "des arbres",
        "des bancs.",
    ]


def test_a_short_stretch_belongs_to_what_follows():
    assert said("M. Dupont demande plus de bus. Planter des arbres.") == [
        "M. Dupont demande plus de bus.",
        "Planter des arbres.",
    ]
    assert said("1. Plus de bus le soir. 2. Des arbres. Ok.") == ["1. Plus de bus le soir.", "2. Des arbres. Ok."]


def test_what_asks_for_nothing_is_no_passage():
    assert said("Bonjour Madame la Maire, plus de bus le soir. Cordialement, Léa") == [
        "Bonjour Madame la Maire, plus de bus le soir."
    ]
    assert said("Plus de bus le soir.\nrien à ajouter\nDes arbres dans la cour.") == [
        "Plus de bus le soir.",
        "Des arbres dans la cour.",
    ]
    assert said("> Le métro est trop cher pour tous.\nPlus de bus le soir.") == ["Plus de bus le soir."]
    assert said("") == said("???") == []


def test_html_is_split_by_its_blocks():
    text = "<p>Plus de <b>bus</b> le soir</p><p>Des arbres dans la cour</p>"
    passages = split_passages(text, gist(text))
    assert [passage.gist for passage in passages] == ["Plus de bus le soir", "Des arbres dans la cour"]


def test_a_long_text_has_so_many_passages_and_the_last_one_holds_the_rest():
    text = " ".join(f"Planter l’arbre numéro {number}." for number in range(100))
    found = split_passages(text, gist(text))
    assert len(found) == MAX_PASSAGES
    assert found[-1].end == len(text)
