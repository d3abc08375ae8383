"""Files that would take the memory or the time of the site, read by a process with bounds."""

import io
import os
import resource
import signal
import threading
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from app.sandbox import process
from app.sandbox.picture import MAX_PIXELS
from app.sandbox.process import Bounds, Refused, read
from app.tables.idea_file import Choices, open_rows

pytestmark = pytest.mark.slow

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/'
    'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SPREADSHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SPREADSHEET}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    f'Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>",
}


def workbook(rows: str, *, strings: str = "", before: str = "") -> bytes:
    """A workbook made by hand, which may say what no program writes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in PARTS.items():
            archive.writestr(name, part)
        header = f'<row r="1">{cell("A1", "text")}</row>'
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'{before}<worksheet xmlns="{MAIN}"><sheetData>{header}{rows}</sheetData></worksheet>',
        )
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')
    return out.getvalue()


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def far_row() -> bytes:
    return workbook(row(10**12, cell(f"A{10**12}", "x")))


def far_column() -> bytes:
    return workbook("".join(row(n, cell(f"A{n}", "x"), cell(f"XFD{n}", "x")) for n in range(2, 4_000)))


def far_blank_column() -> bytes:
    return workbook("".join(row(n, cell(f"A{n}", "x"), f'<c r="XFD{n}"/>') for n in range(2, 4_000)))


def one_long_string() -> bytes:
    rows = "".join(row(n, f'<c r="A{n}" t="s"><v>0</v></c>') for n in range(2, 2_000))
    return workbook(rows, strings=f"<si><t>{'a' * 1_000_000}</t></si>")


def nested_entities() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return workbook(row(2, cell("A2", "&a11;")), before=f'<!DOCTYPE x [<!ENTITY a0 "lol">{entities}]>')


def many_parts() -> bytes:
    out = io.BytesIO(far_row())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(1_100):
            archive.writestr(f"p{number}", b"")
    return out.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (7_700, 7_700), mode: str = "RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 0 if mode == "P" else "teal").save(out, kind, **options)
    return out.getvalue()


def read_rows(content: bytes, slots: Path, *, filename: str = "a.xlsx", **bounds) -> list:
    with read("table", content, {"filename": filename}, slots=slots, bounds=Bounds(**bounds)) as found:
        return list(found.lines())


def draw(content: bytes, slots: Path, **bounds) -> bytes:
    with read("picture", content, {"side": 320}, slots=slots, bounds=Bounds(**bounds)) as found:
        return found.content()


def test_a_table_is_read(tmp_path):
    assert read_rows(workbook(row(2, cell("A2", "A night bus"))), tmp_path) == [[2, ["A night bus"]]]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (far_row, "too_many_rows"),
        (far_column, "too_many_columns"),
        (far_blank_column, "too_many_columns"),
        (one_long_string, "too_much_text"),
        (nested_entities, "not_excel"),
        (many_parts, "too_large"),
        (lambda: b"text\n" + b"a\n" * 5_000_000, "too_many_rows"),
        (lambda: b"text\n" + b"une idee\n" * 300_000, "too_many_rows"),
        (lambda: b"c," * 8_000_000 + b"c\n1\n", "too_many_columns"),
        (lambda: b"text\na" + b",b" * 7_000_000, "too_many_cells"),
    ],
)
def test_a_small_file_that_names_a_huge_table_is_refused_within_its_bounds(tmp_path, make, code):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    content = make()
    with pytest.raises(Refused) as refused:
        # Its reader gives way to everybody: beside other tests it may take longer than it may on a site.
        read_rows(content, tmp_path, filename="a.xlsx" if content.startswith(b"PK") else "a.csv", seconds=60)
    assert refused.value.code == code
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 3 * len(content) + 50_000_000, "the memory is that of the other process"


def test_the_largest_table_that_is_accepted_is_read(tmp_path):
    rows = read_rows(b"text\n" + b"une idee\n" * 200_000, tmp_path, filename="a.csv", seconds=60)
    assert (len(rows), rows[-1]) == (200_000, [200_001, ["une idee"]])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_picture_of_59_megapixels_is_drawn(tmp_path, mode):
    with Image.open(io.BytesIO(draw(picture(mode=mode), tmp_path))) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (320, 320))


def test_four_pictures_of_59_megapixels_at_once_take_two_processes(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "WAIT_SECONDS", 600)  # how long it takes is not the subject
    content, drawn, most, taken = picture(), [], [], []
    threads = [threading.Thread(target=lambda: drawn.append(draw(content, tmp_path, seconds=300))) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        found = readers()
        most.append(len(found))
        taken.append(sum(map(megabytes, found)))
        time.sleep(0.02)
    assert len(drawn) == 4
    assert 1 <= max(most) <= 2
    assert 0 < max(taken) < 2 * Bounds().megabytes


def megabytes(pid: int) -> float:
    """The memory that this process has now; 0 where it has just ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def readers() -> list[int]:
    """The processes of this one that read files."""
    found = []
    for task in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for child in task.read_text().split():
            try:
                command = Path(f"/proc/{child}/cmdline").read_bytes()
            except OSError:
                continue
            found += [int(child)] if b"sandbox/child.py" in command else []
    return found


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: picture(size=(8_000, 8_000), mode="L"), "picture_too_large"),
        (lambda: picture(size=(40_000, 10), mode="L"), "picture_too_large"),
        (lambda: picture(size=(2_000, 2_000))[:3_000], "not_a_picture"),
        (lambda: picture("JPEG", size=(2_000, 2_000))[:9_000], "not_a_picture"),
        (lambda: picture("WEBP", size=(2_000, 2_000))[:900], "not_a_picture"),
    ],
)
def test_a_picture_beyond_the_bounds_or_cut_short_is_refused(tmp_path, make, code):
    with pytest.raises(Refused) as refused:
        draw(make(), tmp_path)
    assert refused.value.code == code
    assert MAX_PIXELS < 8_000 * 8_000


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animated_picture_the_first_frame_is_drawn(tmp_path, kind):
    frames = [Image.new("RGB", (900, 900), colour) for colour in ("red", "blue", "green") * 10]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(draw(out.getvalue(), tmp_path))) as drawn:
        assert getattr(drawn, "n_frames", 1) == 1
        assert drawn.convert("RGB").getpixel((100, 100))[0] > 200


def test_memory_beyond_the_bound_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        draw(picture(), tmp_path, megabytes=200)
    assert refused.value.code == "too_much_memory"


def test_time_beyond_the_bound_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        read_rows(b"text\n" + b"une idee\n" * 199_000, tmp_path, filename="a.csv", seconds=1)
    assert refused.value.code == "too_slow"


def test_more_files_than_may_wait_are_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "WAIT_SECONDS", 0.2)
    with (
        read("table", b"text\na\n", {"filename": "a.csv"}, slots=tmp_path),
        read("picture", picture(size=(9, 9)), {"side": 9}, slots=tmp_path),
        pytest.raises(Refused) as refused,
    ):
        draw(picture(size=(9, 9)), tmp_path)
    assert refused.value.code == "busy"
    assert read_rows(b"text\na\n", tmp_path, filename="a.csv") == [[2, ["a"]]]


def test_a_picture_is_drawn_while_a_table_takes_its_time(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "WAIT_SECONDS", 0.0)
    with read("table", b"text\na\n", {"filename": "a.csv"}, slots=tmp_path):
        assert draw(picture(size=(9, 9)), tmp_path)
        assert draw(picture(size=(9, 9)), tmp_path)
    with process._slot(tmp_path, process.PLACES["document"]):  # noqa: SLF001 -- while a document is made
        assert read_rows(b"text\na\n", tmp_path, filename="a.csv") == [[2, ["a"]]]


def test_of_tables_one_is_read_one_waits_and_a_third_is_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "WAIT_SECONDS", 600)
    rows = []
    waiting = threading.Thread(
        target=lambda: rows.extend(read_rows(b"text\na\n", tmp_path, filename="a.csv", seconds=300))
    )
    with read("table", b"text\na\n", {"filename": "a.csv"}, slots=tmp_path):
        waiting.start()
        while process._held["table"]._value:  # noqa: SLF001 -- until it holds its thread
            time.sleep(0.01)
        with pytest.raises(Refused) as refused:
            read_rows(b"text\na\n", tmp_path, filename="a.csv")
        assert (refused.value.code, waiting.is_alive(), len(readers())) == ("busy", True, 1)
    waiting.join()
    assert rows == [[2, ["a"]]]


def test_a_reader_that_stands_still_is_ended(tmp_path):
    """It is stopped as soon as it is there: on a busy machine its first line can take longer than its bounds."""
    stopper = threading.Thread(target=stop_the_reader)
    stopper.start()
    with (
        pytest.raises(Refused) as refused,
        read("table", b"text\none", {"filename": "a.csv"}, slots=tmp_path, bounds=Bounds(seconds=2)),
    ):
        pass
    stopper.join()
    assert (refused.value.code, readers()) == ("too_slow", [])


def stop_the_reader() -> None:
    while not (found := readers()):
        time.sleep(0.01)
    os.kill(found[0], signal.SIGSTOP)


def test_the_rows_of_an_import_are_used_when_their_reader_has_ended(app):
    content = b"text\n" + b"une idee\n" * 50_000
    with app.app_context(), open_rows(content, "a.csv", Choices(text=0)) as rows:
        first = next(iter(rows))
        assert readers() == []
        assert (first.body, sum(1 for _ in rows)) == ("une idee", 49_999)


def test_a_reader_that_is_no_longer_needed_ends(tmp_path):
    with read("table", b"text\n" + b"une idee\n" * 100_000, {"filename": "a.csv"}, slots=tmp_path) as found:
        next(found.lines())
    assert readers() == []


def test_the_process_knows_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a secret of the site")
    with read("table", b"text\na\n", {"filename": "a.csv"}, slots=tmp_path):
        (child,) = readers()
        assert b"a secret" not in Path(f"/proc/{child}/environ").read_bytes()
