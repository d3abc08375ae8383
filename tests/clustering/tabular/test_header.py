"""Where the names of the columns are."""

import io

import pytest

from clustering.table import HowToRead, Table, read_table
from clustering.tabular.header import NO_HEADER
from tests import exports


def read(content: bytes, **how) -> Table:
    return read_table(io.BytesIO(content), "a.csv", HowToRead(**how))


def test_title_rows_are_left_out():
    table = read(exports.workshop())
    assert (table.sheet, table.header, table.header_is_sure) == ("Notes", 4, True)
    assert table.columns == ("N°", "Table", "Idée notée")


def test_title_rows_of_a_csv_do_not_decide_its_delimiter():
    table = read("Atelier du 3 mars, salle Molière\n\nN°;Table;Idée\n1;A;Un bus\n2;B;Un banc\n".encode())
    assert (table.delimiter, table.columns) == (";", ("N°", "Table", "Idée"))


def test_a_second_line_of_names_is_joined_to_the_first():
    columns = read(exports.surveymonkey()).columns
    assert columns[9:] == (
        "Que changer dans votre quartier ?",
        "Comment venez-vous ? – À pied",
        "Comment venez-vous ? – À vélo",
        "Votre âge",
    )


def test_a_file_without_names_loses_no_row_and_is_asked_about():
    table = read(b"More bike racks\nLonger opening hours\nCheaper lunch\n")
    assert (table.header, table.header_is_sure, len(table.rows)) == (NO_HEADER, False, 3)


def test_a_table_without_names_is_known_by_its_dates_and_numbers():
    table = read(b"1,More bike racks,2026-03-01\n2,Longer hours,2026-03-02\n3,Cheaper lunch,2026-03-03\n")
    assert (table.header, table.header_is_sure, len(table.rows)) == (NO_HEADER, True, 3)
    assert table.columns == ("column 1", "column 2", "column 3")


def test_a_single_idea_is_no_header():
    assert len(read(b"More bike racks\n").rows) == 1


@pytest.mark.parametrize(("header", "first"), [(None, "left"), (1, "left"), (NO_HEADER, "a"), (2, "up")])
def test_the_line_of_the_names_can_be_chosen(header, first):
    table = read(b"a,b\nleft,right\nup,down\n", header=header)
    assert next(iter(table.rows[0].cells.values())) == first


def test_an_ordinary_first_answer_is_not_taken_for_a_second_line():
    rows = [[n, "2026-03-01", idea] for n, idea in enumerate(exports.IDEAS)]
    rows[0][1] = ""
    assert len(read(exports.csv_file(["id", "date", "texte"], *rows)).rows) == len(exports.IDEAS)


def test_names_in_html_are_read_as_text():
    assert read(b"id;<p>Quelle <b>idee</b> ?</p>\n1;Un bus\n").columns == ("id", "Quelle idee ?")


@pytest.mark.parametrize("first", ["texte", "Oui, un tram", "Un tram"])
def test_the_commas_of_sentences_separate_nothing(first):
    table = read(f"{first}\nOui, un bus\nNon, un banc\nEt, des arbres\n".encode())
    assert [next(iter(row.cells.values())) for row in table.rows][-3:] == [
        "Oui, un bus",
        "Non, un banc",
        "Et, des arbres",
    ]


@pytest.mark.parametrize("content", [b"id, text\n1, A bus\n2, A lane\n", b"a, b, c\n1, A bus, x\n2, A lane, y\n"])
def test_commas_before_spaces_can_separate(content):
    assert len(read(content).columns) > 1


def test_a_text_with_trailing_commas_has_none_in_it():
    assert [row.cells["text"] for row in read(b"text,,,\nA bus,,,\nA bench,,,\n").rows] == ["A bus", "A bench"]


def test_ids_stay_as_they_are_written():
    ids = ["00042", "0042", "42", "1E5", "2026-03-01"]
    table = read("".join(["id,text\n", *(f"{key},A lift\n" for key in ids)]).encode())
    assert [row.cells["id"] for row in table.rows] == ids


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman", "utf-16-le", "cp1252"])
def test_the_encoding_can_be_chosen(encoding):
    table = read("texte\nUn été près du théâtre\n".encode(encoding), encoding=encoding)
    assert table.rows[0].cells["texte"] == "Un été près du théâtre"


def test_what_an_encoding_does_not_know_is_shown_as_such():
    assert "\ufffd" in read("texte\nété\n".encode("cp1252"), encoding="utf-8").rows[0].cells["texte"]


def test_a_first_line_of_sentences_is_asked_about_and_not_lost():
    table = read_table(io.BytesIO(exports.csv_file(*zip(exports.IDEAS, exports.WHY, strict=True))), "notes.csv")
    assert (table.header, table.header_is_sure, len(table.rows)) == (0, False, 6)
