"""Sheets of XLSX and ODS files."""

import io
import zipfile

import openpyxl
import pytest

from clustering.errors import UnreadableTable
from clustering.table import HowToRead, Table, read_table
from tests import exports


def read(content: bytes, **how) -> Table:
    return read_table(io.BytesIO(content), "a.ods", HowToRead(**how))


@pytest.mark.parametrize("write", [exports.workbook, exports.ods])
def test_the_sheet_with_the_texts_is_read_and_another_can_be_chosen(write):
    content = write(Notice=[["Lisez-moi"]], Idées=[["id", "texte"], ["1", exports.IDEAS[0]]])
    table = read(content)
    assert (table.sheet, table.sheets, table.columns) == ("Idées", ("Notice", "Idées"), ("id", "texte"))
    assert read(content, sheet="Notice").rows[0].cells == {"column 1": "Lisez-moi"}


def test_an_ods_row_has_its_line_and_no_cell_is_made_up():
    table = read(exports.ods(S=[["texte", "", "auteur"], ["", "", ""], ["Un bus", "", "Zoé"]]))
    assert [(row.line, list(row.cells.values())) for row in table.rows] == [(3, ["Un bus", "", "Zoé"])]


def test_a_hidden_sheet_is_not_offered():
    book = openpyxl.load_workbook(io.BytesIO(exports.workbook(A=[["texte"], ["Un bus"]], B=[["texte"], ["Un banc"]])))
    book["A"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()).sheets == ("B",)


def test_a_number_shown_with_zeros_keeps_them():
    book = openpyxl.Workbook()
    book.active.append(["id", "texte"])
    book.active.append([42, "Un bus"])
    book.active["A2"].number_format = "00000"
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()).rows[0].cells["id"] == "00042"


def test_an_ods_that_repeats_a_row_without_end_is_refused():
    repeated = b'<table:table-row table:number-rows-repeated="9999999"><table:table-cell><'
    content, out = exports.ods(S=[["texte"], ["Un bus"]]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<table:table-row><table:table-cell><", repeated))
    with pytest.raises(UnreadableTable) as refused:
        read(out.getvalue())
    assert refused.value.code == "too_many_rows"
