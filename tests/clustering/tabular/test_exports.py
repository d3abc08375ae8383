"""The columns of other tools' exports, found without a word from anyone."""

import io

import pytest

from clustering.table import Table, read_table
from clustering.tabular.columns import Guess, guess
from clustering.tabular.states import is_off
from ideas.contributions.withheld import Withheld
from ideas.exports.rows import MERGED, PUBLISHED, WITHDRAWN
from tests import exports


def read(content: bytes, name: str = "export") -> tuple[Table, Guess]:
    table = read_table(io.BytesIO(content), name)
    return table, guess(table.columns, [list(row.cells.values()) for row in table.rows])


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        (exports.typeform, {"text": "Quelle est votre idée ?", "key": "#", "title": None}),
        (exports.surveymonkey, {"text": "Que changer dans votre quartier ?", "key": "Respondent ID"}),
        (exports.microsoft_forms, {"text": "Quelle idée proposez-vous ?", "key": "ID"}),
        (exports.uservoice, {"text": "Description", "title": "Title", "key": "Suggestion ID", "state": "Status"}),
        (exports.polis, {"text": "comment-body", "key": "comment-id", "state": "moderated", "author": None}),
        (exports.go_vocal, {"text": "Description", "title": "Title", "key": "ID", "author": "Author name"}),
        (exports.consul, {"text": "description", "title": "title", "key": "id", "state": "hidden_at"}),
        (exports.discourse, {"text": "post_raw", "title": "topic_title", "key": None}),
        (
            exports.qualtrics,
            {"text": "Q1 – What should change in your district?"},
        ),
        (exports.workshop, {"text": "Idée notée", "key": "N°"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_columns_of_an_export_are_found(tool, expected):
    table, found = read(tool())
    names = {part: None if (place := getattr(found, part)) is None else table.columns[place] for part in expected}
    assert names == expected
    assert len(table.rows) == len(exports.IDEAS)


def test_two_open_questions_are_several_questions():
    table, found = read(exports.microsoft_forms())
    assert [table.columns[place] for place in found.more] == ["Pourquoi est-ce utile ?"]
    assert found.apart


def test_a_column_without_cells_or_with_the_same_name_on_each_line_is_no_author():
    table, found = read(exports.microsoft_forms())
    assert "Nom" in table.columns
    assert found.author is None
    assert guess(["Nom d'utilisateur", "Idée"], [["Anonyme", idea] for idea in exports.IDEAS]).author is None


def test_numbered_columns_of_ideas_are_ideas_of_their_own():
    seconds = [*exports.WHY[:2], *[""] * 4]
    rows = [[str(n), *pair, ""] for n, pair in enumerate(zip(exports.IDEAS, seconds, strict=True))]
    for names in (["Table", "Idée 1", "Idée 2", "Idée 3"], ["Votre âge", "Proposition n° 1", "Proposition n° 2", "x"]):
        found = guess(names, rows)
        assert {found.text, *found.more} == {1, 2}, names
        assert found.apart


def test_parts_of_one_proposal_are_joined():
    names = ["Problème", "Solution", "Date"]
    found = guess(names, [[why, idea, "2026-03-01"] for why, idea in zip(exports.WHY, exports.IDEAS, strict=True)])
    assert {found.text, *found.more} == {0, 1}
    assert not found.apart


@pytest.mark.parametrize(
    ("tool", "off"),
    [(exports.uservoice, [2, 4]), (exports.polis, [3, 5]), (exports.consul, [1]), (exports.go_vocal, [])],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_the_tool_took_off_its_page_is_known(tool, off):
    table, found = read(tool())
    name = table.columns[found.state]
    assert [n for n, row in enumerate(table.rows) if is_off(name, row.cells[name])] == off


def test_a_text_without_a_usual_name_is_found_by_its_length():
    rows = [[str(n), "Centre", idea, "2026-03-01"] for n, idea in enumerate(exports.IDEAS)]
    found = guess(["w", "x", "y", "z"], rows)
    assert (found.text, found.date) == (2, 3)


@pytest.mark.parametrize(
    "texts",
    [["Plus de bus", "Un banc", "Des vélos", "Du pain"], ["図書館を日曜日に開けてほしい", "駅前に自転車を置きたい"]],
)
def test_short_texts_and_scripts_without_spaces_are_found_too(texts):
    assert guess(["k", "post-it"], [[str(n), text] for n, text in enumerate(texts)]).text == 1


def test_addresses_are_found_by_their_form():
    rows = [[f"p{n}@example.org", idea] for n, idea in enumerate(exports.IDEAS)]
    found = guess(["Contact", "Idée"], rows)
    assert (found.email, found.text) == (0, 1)


def test_a_name_that_its_cells_contradict_is_not_believed():
    rows = [["7", idea] for idea in exports.IDEAS]
    assert guess(["id", "texte"], rows).key is None


@pytest.mark.parametrize(
    ("name", "value", "off"),
    [
        ("state", "rejected", True), ("Statut", "Refusée", True), ("status", "Closed as duplicate", True),
        ("statut", "Doublon", True), ("état", "Retirée", True), ("Brouillon", "Oui", True), ("Brouillon", "Non", False),
        ("published", "false", True), ("published", "true", False),
        ("moderated", "-1", True), ("moderated", "0", False),
        ("hidden", "1", True), ("hidden", "0", False), ("hidden_at", "2026-03-01", True), ("hidden_at", "", False),
        ("state", "accepted", False), ("status", "under review", False), ("statut", "Publiée", False),
        ("état", "En attente de modération", True), ("Status", "pending", True),
        ("Statut", "En attente de réponse", False),
        *(("state", state, True) for state in (WITHDRAWN, MERGED, *Withheld)), ("state", PUBLISHED, False),
        ("status", "not_answered", False), ("statut", "Masqué par la modération", True),
    ],
)  # fmt: skip
def test_a_state_is_read_in_both_languages(name, value, off):
    assert is_off(name, value) is off


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (["anything"], Guess(text=0)),
        (["id", "text", "label", "lang"], Guess(text=1, lang=3, key=0)),
        (["Titre", "Contribution", "Auteur", "Langue"], Guess(text=1, title=0, author=2, lang=3)),
        (["title", "body"], Guess(text=1, title=0)),
        (["title", "date"], Guess(text=0)),
        (["ID idée", "IDÉE"], Guess(text=1, key=0)),
        (["Horodateur", "Quelle est votre idée pour la ville ?"], Guess(text=1)),
        (["a", "b"], Guess()),
    ],
)
def test_headers_in_both_languages_are_understood(headers, columns):
    parts = ("text", "title", "author", "lang", "key")
    found = guess(headers)
    assert {part: getattr(found, part) for part in parts} == {part: getattr(columns, part) for part in parts}
