"""Reading CSV and XLSX files as office programs write them."""

import io
import zipfile

import openpyxl
import pytest

from clustering.errors import UnreadableTable
from clustering.table import Table, read_table

TEXT = "id;text\n1;Des vélos à l’école\n2;Ça coûte 3 €\n"


def read(content: bytes, name: str = "ideas.csv") -> Table:
    return read_table(io.BytesIO(content), name)


def texts(table: Table, column: str = "text") -> list[str]:
    return [row.cells[column] for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_it_reads_the_usual_encodings(encoding):
    table = read(TEXT.encode(encoding))
    assert texts(table) == ["Des vélos à l’école", "Ça coûte 3 €"]
    assert table.columns == ("id", "text")
    assert table.delimiter == ";"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_finds_the_delimiter_in_the_header(delimiter):
    table = read(f'id{delimiter}"a, b; c"{delimiter}text\n1{delimiter}x{delimiter}bonjour\n'.encode())
    assert table.delimiter == delimiter
    assert texts(table) == ["bonjour"]


def test_rows_have_the_line_where_they_start():
    table = read(b'id,text\n\n1,"two\nlines"\n\n2,next\n')
    assert [(row.line, row.cells["text"]) for row in table.rows] == [(3, "two\nlines"), (6, "next")]


def test_a_single_column_keeps_its_commas():
    assert texts(read(b"text\nDu pain, du vin\n")) == ["Du pain, du vin"]


def test_short_rows_are_padded_and_extra_cells_kept():
    table = read(b"id,text\n1\n2,b,c\n3,d,,\n")
    assert texts(table) == ["", "b", "d"]
    assert [row.extra for row in table.rows] == [(), ("c",), ()]


def test_columns_are_named_once_whatever_the_header():
    table = read(b" id ,text,text,,\n1,a,b,c,\n")
    assert table.columns == ("id", "text", "text (2)")
    assert table.column("TEXT") == "text"
    assert table.column("body") is None


def test_a_header_alone_is_a_table_without_rows():
    assert read(b"id,text\n").rows == ()


def test_nul_and_huge_cells_pass():
    table = read(b"id,text\n1,a\x00b\n2," + b"x" * 300_000 + b"\n")
    assert [len(text) for text in texts(table)] == [3, 300_000]


def test_quotes_inside_a_cell_are_taken_as_they_are():
    assert texts(read(b'id,text\n1,"so" called\n')) == ["so called"]


def test_it_reads_the_first_sheet_of_a_workbook():
    book = openpyxl.Workbook()
    book.active.append(["id", "text", None])
    book.active.append([1.0, "=1+1", None])
    book.active.append([None, None, None])
    book.active.append([2, "Café", None])
    book.create_sheet("other").append(["text"])
    file = io.BytesIO()
    book.save(file)
    table = read(file.getvalue(), "ideas.xlsx")
    assert table.columns == ("id", "text")
    assert [(row.line, row.cells["id"]) for row in table.rows] == [(2, "1"), (4, "2")]
    assert table.sheet == "Sheet"


def test_a_workbook_named_csv_is_still_a_workbook():
    book = openpyxl.Workbook()
    book.active.append(["text"])
    book.active.append(["oui"])
    file = io.BytesIO()
    book.save(file)
    assert texts(read(file.getvalue(), "ideas.csv")) == ["oui"]


def not_a_workbook() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("readme.txt"), "hello")  # no date: test ids must not change
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "empty"),
        (b" \n\n", "a.csv", "empty"),
        (b";;\n;;\n", "a.csv", "empty"),
        (b"\xd0\xcf\x11\xe0....", "a.xls", "old_excel"),
        (b"id,text\n1,a\n", "a.xlsx", "not_excel"),
        (not_a_workbook(), "a.xlsx", "not_excel"),
        (not_a_workbook()[:60], "a.xlsx", "not_excel"),
        (bytes(range(256)) * 20, "a.csv", "encoding"),
        (("id,text\n" + "1,Élèves très à l’aise\n" * 9).encode() + b"2,\xe9\n", "a.csv", "encoding"),
        (b'id,text\n1,"never closed\n2,b\n', "a.csv", "broken"),
    ],
)
def test_an_unreadable_file_is_one_sentence(content, name, code):
    with pytest.raises(UnreadableTable) as refused:
        read(content, name)
    assert refused.value.code == code
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("clustering.tabular.bounds.MAX_UNPACKED_BYTES", 3)
    with pytest.raises(UnreadableTable) as refused:
        read(not_a_workbook(), "a.xlsx")
    assert refused.value.code == "too_large"
