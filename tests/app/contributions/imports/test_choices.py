"""What a person chooses of a file before it is imported, with the likely answers first."""

import re

import pytest
from sqlalchemy import event, select

from app.tables.idea_file import Choices
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.idea import Idea, submitted_ideas
from ideas.contributions.imports.importing import IdeaImport
from tests import exports

pytestmark = [pytest.mark.slow, pytest.mark.one_database]

CHOSEN = r'<select[^>]* name="(\w+)"(?:(?!</select>).)*?<option selected value="([^"]*)"'
TICKED = r'<input(?=[^>]* checked)(?=[^>]* name="(\w+)")(?=[^>]* value="([^"]*)")[^>]*>'
THREE = b"id,texte\n1,Planter des arbres\n2,Ouvrir le gymnase\n3,Repeindre la salle\n"


def answers(page: str) -> dict[str, list[str]]:
    """What a browser sends of this page when nothing is changed."""
    found: dict[str, list[str]] = {}
    for name, value in [*re.findall(CHOSEN, page, re.DOTALL), *re.findall(TICKED, page)]:
        found.setdefault(name, []).append(value)
    return found


def ideas(session, campaign) -> list[Idea]:
    session.expire_all()
    return list(session.scalars(submitted_ideas(campaign).order_by(Idea.id)))


@pytest.fixture
def take(send, session, campaign):
    """Sends a file and imports it with what the page proposes, and these changes. Returns the ideas of the campaign."""

    def take(content: bytes, name: str = "export.csv", **changes) -> list[Idea]:
        page = send(content, name)
        sent = answers(page.text) | changes
        answer = send.browser.post(page.request.path, data={key: value for key, value in sent.items() if value != []})
        assert answer.status_code == 303, answer.text
        return ideas(session, campaign)

    return take


@pytest.mark.parametrize(
    ("tool", "count"),
    [
        (exports.typeform, 6), (exports.surveymonkey, 6), (exports.microsoft_forms, 12), (exports.uservoice, 4),
        (exports.polis, 4), (exports.go_vocal, 6), (exports.consul, 5), (exports.discourse, 6), (exports.qualtrics, 6),
        (exports.workshop, 6), (exports.cap_collectif, 6),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_an_export_is_imported_with_the_likely_answers(take, tool, count):
    added = take(tool())
    assert len(added) == count
    assert {idea.author_name for idea in added} == {""}
    assert not [idea for idea in added if "<" in idea.body or "@" in idea.body or "&nbsp;" in idea.body]


def test_a_second_import_of_an_export_adds_nothing(take):
    assert len(take(exports.microsoft_forms())) == len(take(exports.microsoft_forms())) == 12


def test_each_answer_to_several_questions_is_an_idea_with_its_question(take):
    added = take(exports.microsoft_forms())
    assert [idea.question for idea in added[:2]] == ["Quelle idée proposez-vous ?", "Pourquoi est-ce utile ?"]
    assert [idea.body for idea in added[:2]] == [exports.IDEAS[0], exports.WHY[0]]
    assert added[0].text == exports.IDEAS[0], "the question is not part of what is grouped"


def test_questions_that_begin_alike_are_told_apart_and_others_keep_their_keys(take):
    begins = "What would you change in your neighbourhood "
    names = [
        "id",
        "What is missing in town?",
        f"{begins}by day?",
        f"{begins}by night?",
        "And what else would you like to change in town?",
    ]
    texts = ["A library on Sunday", "More benches there", "Street lamps at night", "A market in the square"]
    content = exports.csv_file(names, *[[str(n), *(f"{text}, {n}" for text in texts)] for n in range(3)])
    added = take(content, text="1", more=["2", "3", "4"], apart="apart")
    keys = [idea.import_key for idea in added[:4]]
    assert (len(added), len(set(keys))) == (12, 4)
    assert (keys[0], keys[3]) == ("id:0", f"id:0 ({names[4][:40]})")
    assert len(take(content, text="1", more=["2", "3", "4"], apart="apart")) == 12


def test_an_idea_shows_the_question_that_it_answers(take, client, campaign):
    idea = take(exports.microsoft_forms())[0]
    page = client.get(f"/campaigns/{campaign.id}/ideas/{idea.id}").text
    assert "Answer to: Quelle idée proposez-vous ?" in page


def test_several_texts_can_be_joined(take):
    added = take(exports.microsoft_forms(), apart="together")
    assert added[0].body == f"{exports.IDEAS[0]}\n\n{exports.WHY[0]}"
    assert (len(added), added[0].question) == (6, "")


def test_an_empty_answer_is_no_idea_and_a_row_without_any_is_refused(take):
    content = "Quelle est votre idée ?;Que faut-il garder ?\nUn bus de nuit le samedi;\n;Le marché du dimanche\n; \n"
    assert [idea.body for idea in take(content.encode(), apart="apart", more=["1"])] == [
        "Un bus de nuit le samedi", "Le marché du dimanche",
    ]  # fmt: skip


def test_names_are_private_unless_chosen(take):
    content = b"texte,auteur\nUn bus,Awa\nUn banc,bob@example.org\n"
    assert [idea.author_name for idea in take(content)] == ["", ""]


def test_names_can_be_shown_and_an_address_is_never_one(take, session):
    content = b"texte,auteur\nUn bus,Awa\nUn banc,bob@example.org\n"
    assert [idea.author_name for idea in take(content, with_names="y")] == ["Awa", ""]


def test_the_column_of_addresses_can_be_chosen(take, session):
    content = b"idee,chef,contact\nUn bus,eve@example.org,awa@example.org\nUn banc,eve@example.org,bob@example.org\n"
    take(content, email="2", with_addresses="y")
    kept = session.scalars(select(ImportedAddress.email).order_by(ImportedAddress.idea_id)).all()
    assert kept == ["awa@example.org", "bob@example.org"]


def test_no_address_of_a_file_is_stored(take, session):
    take(exports.uservoice(), with_names="y")
    kept = session.scalars(select(IdeaImport)).one()
    assert "@" not in str([vars(idea) for idea in session.scalars(select(Idea))])
    assert "@" not in str(kept.report)
    assert (kept.content, kept.preview) == (None, None)


def test_what_was_rejected_is_left_out_and_counted(send):
    page = send(exports.uservoice()).text
    assert "declined (1), duplicate (1)" in re.sub(r"\s+", " ", page)
    assert "Import 4 ideas" in page
    assert "rows left out" in page


def test_what_was_rejected_can_be_imported_too(take):
    assert len(take(exports.uservoice(), with_off="y")) == 6


def test_the_report_says_how_many_rows_were_left_out(send, take, session):
    take(exports.polis())
    kept = session.scalars(select(IdeaImport)).one()
    assert kept.report["off"] == 2
    page = send.browser.get(f"/campaigns/{kept.campaign_id}/import/{kept.id}").text
    assert "The rows left out were rejected" in page


def test_a_file_without_names_of_columns_asks_and_loses_no_idea(send, take):
    content = b"More bike racks\nLonger opening hours\nCheaper lunch\n"
    assert "Does the first line name the columns" in send(content).text
    assert len(take(content)) == 3


def test_the_line_of_the_names_can_be_changed_and_shows_what_it_gives(send, session, campaign):
    page = send(b"More bike racks\nLonger opening hours\nCheaper lunch\n")
    sent = answers(page.text) | {"header": "1"}
    changed = send.browser.post(page.request.path, data=sent)
    assert (changed.status_code, ideas(session, campaign)) == (200, []), "nothing is imported before it is seen"
    assert "Import 2 ideas" in changed.text
    send.browser.post(page.request.path, data=answers(changed.text))
    assert [idea.body for idea in ideas(session, campaign)] == ["Longer opening hours", "Cheaper lunch"]


def test_a_file_in_another_script_is_previewed_and_its_states_are_heeded(send, take):
    content = "Nr.;Предложение;Status\n1;Больше скамеек в парке;neu\n2;Закрыть парк;abgelehnt\n".encode("cp1251")
    page = send(content).text
    assert "Больше скамеек" in page
    assert re.search(r'<option selected value="cp1251">', page)
    assert "abgelehnt (1)" in page
    assert [idea.body for idea in take(content)] == ["Больше скамеек в парке"]


def test_the_encoding_can_be_changed_and_shows_its_effect_at_once(send, session, campaign):
    page = send("texte\nUn été près du théâtre, où l'on protège les forêts\n".encode("cp850"))
    wrong = send.browser.post(page.request.path, data=answers(page.text) | {"encoding": "cp1252", "check": "yes"})
    assert "Un été" not in wrong.text
    part = send.browser.post(
        page.request.path,
        data=answers(wrong.text) | {"encoding": "cp850", "check": "yes"},
        headers={"HX-Request": "true", "HX-Trigger-Name": "encoding"},
    ).text
    assert "<html" not in part
    assert '<details class="reveal" open>' in part, "the fold that the field is in stays open"
    assert "Un été près du théâtre" in part
    assert 'name="text"' in part, "the names of the columns may have changed too"
    send.browser.post(page.request.path, data={"text": "0", "encoding": "cp850"})
    assert ideas(session, campaign)[0].body.startswith("Un été près du théâtre")


def test_an_encoding_that_does_not_fit_is_said(send):
    page = send("texte\nUn été\n".encode("cp1252"))
    wrong = send.browser.post(page.request.path, data=answers(page.text) | {"encoding": "utf-8", "check": "yes"})
    assert "Some characters can’t be read." in wrong.text


def test_another_sheet_can_be_chosen(send, session, campaign):
    page = send(exports.go_vocal(), "ideas.xlsx")
    assert "Inputs" in page.text
    assert "Comments" in page.text
    changed = send.browser.post(page.request.path, data=answers(page.text) | {"sheet": "Comments", "check": "yes"})
    assert "Import one idea" in changed.text


def test_the_title_rows_of_a_workshop_are_left_out(take):
    assert [idea.body for idea in take(exports.workshop(), "notes.xlsx")] == list(exports.IDEAS)


def test_an_ods_file_is_imported(take):
    content = exports.ods(S=[["id", "texte"], ["00042", exports.IDEAS[0]], ["42", exports.IDEAS[1]]])
    assert [idea.import_key for idea in take(content, "ideas.ods")] == ["id:00042", "id:42"]


def test_cells_that_begin_as_formulas_stay_as_they_are(take):
    rows = ['"=HYPERLINK(""http://example.org"")",Awa', '"+33 me rappeler",B', '"-10 % pour tous",C', '"@toi",D']
    added = take("\n".join(["texte,auteur", *rows]).encode())
    assert [idea.body for idea in added] == [
        '=HYPERLINK("http://example.org")', "+33 me rappeler", "-10 % pour tous", "@toi",
    ]  # fmt: skip


# The same identifier with another text

OTHER = b"id,texte\n1,Un parking relais\n2,Des cours de yoga\n3,Moins de plastique\n"
LATER = b"id,texte\n1,Planter des arbres\n2,Ouvrir le gymnase le soir\n3,Repeindre la salle\n"


def test_another_file_with_the_same_numbers_is_likely_to_be_added(send, take):
    take(THREE)
    page = send(OTHER).text
    assert "same identifier, other text" in page
    assert answers(page)["same_id"] == ["add"]
    assert "Import 3 ideas" in page


def test_its_ideas_are_added_once(take):
    take(THREE)
    assert len(take(OTHER)) == len(take(OTHER)) == len(take(THREE)) == 6


def test_a_later_export_is_likely_to_replace_and_keeps_the_earlier_text(send, take, campaign):
    take(THREE)
    assert answers(send(LATER).text)["same_id"] == ["replace"]
    after = take(LATER)
    assert [idea.body for idea in after] == ["Planter des arbres", "Ouvrir le gymnase le soir", "Repeindre la salle"]
    earlier = send.browser.get(f"/campaigns/{campaign.id}/ideas/{after[1].id}/versions").text
    assert "Ouvrir le gymnase" in earlier


def test_such_rows_can_be_skipped(take, session):
    take(THREE)
    assert take(OTHER, same_id="skip")[0].body == "Planter des arbres"
    assert session.scalars(select(IdeaImport).order_by(IdeaImport.id.desc())).first().report["changed"] == 3


def test_the_choices_of_an_earlier_version_are_read():
    stored = {"text": 1, "title": None, "author": None, "lang": None, "key": 0}
    assert Choices.from_json(stored) == Choices(text=1, key=0)


def test_a_check_takes_a_constant_number_of_queries(send, connection):
    seen = []
    event.listen(connection, "before_cursor_execute", lambda *_: seen.append(1))

    def cost(rows: int) -> int:
        content = "id,texte\n" + "".join(f"{n},Une idée {n}\n" for n in range(rows))
        path = send(content.encode()).request.path
        seen.clear()
        assert send.browser.get(path).status_code == 200
        return len(seen)

    assert cost(3) == cost(300)


def test_another_column_of_the_text_brings_the_other_columns_that_go_with_it(send):
    page = send(exports.microsoft_forms(), "a.xlsx")
    part = send.browser.post(
        page.request.path,
        data=answers(page.text) | {"text": "6", "check": "choices"},
        headers={"HX-Request": "true"},
    ).text
    assert "<html" not in part
    assert [value for name, value in re.findall(r'name="(more)" type="checkbox" value="(\d+)"', part)] == ["5"]
    assert "Import 6 ideas" in part, "the first question is no longer ticked"
