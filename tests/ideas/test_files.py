"""What a file is, what it may be called, how it is kept."""

import errno
import io
import os
import stat
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.file_store import Bucket
from ideas import files, media_type
from ideas.activity.activity import Activity
from ideas.files import (
    MAX_ATTACHMENTS,
    MAX_CAMPAIGN_BYTES,
    MAX_FILE_BYTES,
    MAX_NAME_LENGTH,
    UNKNOWN_KEPT,
    FileTooLarge,
    Purpose,
    QuotaReached,
    TooManyFiles,
    Upload,
    add_file,
    attachments_of,
    check_upload,
    clean_name,
    discard,
    kept,
    remove_file,
    sweep,
    writing,
)
from ideas.media_type import (
    CSV,
    JPEG,
    MAX_UNPACKED_BYTES,
    PDF,
    PNG,
    TEXT,
    WEBP,
    EmptyFile,
    KindNotAccepted,
    UnpacksTooLarge,
    media_type_of,
)
from ideas.store import DiskFull, Folder, StoreAway
from tests import documents
from tests.app.server.test_nginx import free_port
from tests.documents import archive, office, open_document, photo, understated

DOCX, XLSX, PPTX = (media_type for media_type, (first, *_) in files.EXTENSIONS.items() if first in "docx xlsx pptx")
MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (photo("JPEG"), JPEG),
        (photo("PNG"), PNG),
        (photo("WEBP"), WEBP),
        (documents.PDF, PDF),
        (office(), DOCX),
        (office("xl/workbook.xml", documents.EXCEL), XLSX),
        (office("ppt/presentation.xml", documents.SLIDES), PPTX),
        (open_document("text"), "application/vnd.oasis.opendocument.text"),
        (open_document("spreadsheet"), "application/vnd.oasis.opendocument.spreadsheet"),
        (open_document("presentation"), "application/vnd.oasis.opendocument.presentation"),
        ("Une idée, puis une autre.\nEt la suite".encode(), TEXT),
        ("Une idée par ligne".encode("cp1252"), TEXT),
        ("Une idée par ligne".encode("utf-16"), TEXT),
        (b"1 < 2, and a <- b", TEXT),
        ("nom;âge\nÉlodie;41\n".encode("utf-8-sig"), CSV),
        ("nom;âge\nÉlodie;41\n".encode("cp1252"), CSV),
        (b'name,age\n"Perrin, Odile",41\n', CSV),
    ],
)
def test_an_accepted_kind_is_found_in_the_content(content, expected):
    assert media_type_of(content) == expected
    assert check_upload(content, "anything.exe").media_type == expected


@pytest.mark.parametrize(
    "content",
    [
        documents.SVG,
        b"  \n<svg onload='alert(1)'>",
        documents.HTML,
        b"\xef\xbb\xbf<script>alert(1)</script>",
        b"Hello <img src=x onerror=alert(1)>",
        documents.HTML.decode().encode("utf-16"),
        b"<?php system('id');",
        b"#!/bin/sh\nrm -rf /",
        b"{\\rtf1 {\\object}}",
        documents.WINDOWS_PROGRAM,
        documents.LINUX_PROGRAM,
        b"GIF89a" + b"\0" * 40,
        b"GIF89a/*nothing but text*/=1",
        "no mark of its order".encode("utf-16-le"),
        b"\xff\xfe\x00\xd8",
        b"text with a \x1b[31m terminal sequence",
        documents.PDF[:60],
        b"\n" + documents.PDF,
        b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF",
        documents.PDF + archive({"a.txt": "A ZIP archive too"}),
        documents.PDF + archive({"a.txt": "A ZIP archive too"}, comment=b" " * 2_000 + b"%%EOF"),
    ],
)
def test_any_other_kind_is_refused_with_the_kinds_that_are_accepted(content):
    with pytest.raises(KindNotAccepted, match=r"JPEG, PNG, WebP.*PDF.*DOCX, XLSX, PPTX, ODT, ODS, ODP.*TXT, CSV"):
        check_upload(content, "photo.jpg")


@pytest.mark.parametrize(
    "content",
    [
        archive({"notes.txt": "Only a ZIP archive"}),
        archive({}),
        archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
        archive({"mimetype": "application/epub+zip", "content.xml": "<x/>"}),
        archive({"mimetype": "\u00e9", "content.xml": "<x/>"}),
        office(**{"word/vbaProject.bin": "macros"}),
        office(**{"../../etc/passwd": "root"}),
        office(**{"/etc/passwd": "root"}),
        office(**{"word\\..\\x": "x"}),
        office()[:-30],
        office() + b"something behind it",
        b"PK\x03\x04" + b"\0" * 40,
        b"PK\x03\x04something before it" + office(),
        office(compression=zipfile.ZIP_STORED).replace(b"<w/>", b"<x/>"),
        archive({"mimetype": "application/vnd.oasis.opendocument.text"}),
        documents.open_document(**{"Basic/Standard/Module1.xml": "macros"}),
        documents.open_document(**{"Scripts/python/evil.py": "macros"}),
    ],
)
def test_an_archive_that_is_no_document_or_holds_more_is_refused(content):
    with pytest.raises(KindNotAccepted):
        media_type_of(content)


def test_an_entry_that_does_not_unpack_or_is_there_twice_is_refused():
    whole = archive({"[Content_Types].xml": documents.WORD, "word/document.xml": "<w/>" * 50})
    at = whole.index(b"word/document.xml") + len(b"word/document.xml")
    with pytest.raises(KindNotAccepted):
        media_type_of(whole[:at] + b"\xff" * 8 + whole[at + 8 :])
    file = io.BytesIO(office())
    with zipfile.ZipFile(file, "a") as packed, pytest.warns(UserWarning, match="Duplicate name"):
        packed.writestr("word/document.xml", "<another/>")
    with pytest.raises(KindNotAccepted):
        media_type_of(file.getvalue())


def test_a_document_that_unpacks_beyond_measure_is_refused(monkeypatch):
    bomb = office(**{"word/media/image1.bmp": b"\0" * (MAX_UNPACKED_BYTES + 1)})
    assert len(bomb) < MIB
    with pytest.raises(UnpacksTooLarge):
        media_type_of(bomb)
    monkeypatch.setattr(media_type, "MAX_ENTRIES", 2)
    with pytest.raises(UnpacksTooLarge):
        media_type_of(office())


def test_a_document_that_understates_what_it_unpacks_to_is_refused():
    real = 3_000_000
    with pytest.raises(KindNotAccepted):
        media_type_of(understated(office(**{"word/media/image1.bmp": b"\0" * real}), real, 10))


def test_what_is_unpacked_is_counted_whatever_the_archive_says(monkeypatch):
    content = office(**{"word/media/image1.bmp": b"\0" * 1000})
    monkeypatch.setattr(media_type, "_check_entries", lambda _entries: None)
    monkeypatch.setattr(media_type, "MAX_UNPACKED_BYTES", 900)
    with pytest.raises(UnpacksTooLarge):
        media_type_of(content)


@pytest.mark.parametrize("content", [b"", b" \n\t", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content):
    with pytest.raises(EmptyFile):
        check_upload(content, "a.txt")


def test_a_file_beyond_the_limit_is_refused():
    check_upload(b"a" * MAX_FILE_BYTES, "a.txt")
    with pytest.raises(FileTooLarge, match="10 MB"):
        check_upload(b"a" * (MAX_FILE_BYTES + 1), "a.txt")


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("Étude 2026.pdf", PDF, "Étude 2026.pdf"),
        ("PLAN.PDF", PDF, "PLAN.pdf"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ("C:\\Users\\me\\plan.pdf", PDF, "plan.pdf"),
        ("/", PDF, "file.pdf"),
        ("", PDF, "file.pdf"),
        (".htaccess", TEXT, "htaccess.txt"),
        ("..", TEXT, "file.txt"),
        ("me.jpg", WEBP, "me.webp"),
        ("plan.pdf.exe", PDF, "plan.pdf"),
        ("notes", TEXT, "notes.txt"),
        ("report.final", PDF, "report.final.pdf"),
        ("version 2.0", TEXT, "version 2.0.txt"),
        ("data.csv", TEXT, "data.csv"),
        ("a\u202efdp.exe", TEXT, "afdp.txt"),
        ("a\r\nSet-Cookie: x.txt", TEXT, "a Set-Cookie_ x.txt"),
        ('a"<b>.txt', TEXT, "a__b_.txt"),
    ],
)
def test_a_name_has_no_folder_and_the_extension_of_what_the_file_is(name, media_type, expected):
    assert clean_name(name, media_type) == expected


def test_a_long_name_keeps_its_extension():
    name = clean_name("a" * 500 + ".pdf", PDF)
    assert len(name) == MAX_NAME_LENGTH
    assert name.endswith("a.pdf")


# In a store


def test_bytes_come_back_from_each_store_until_they_are_discarded(store):
    with kept(store, b"one") as first, kept(store, b"two") as second:
        pass
    assert first != second
    assert (store.read(first), store.read(second)) == (b"one", b"two")
    assert sorted(store.names()) == sorted([first, second])
    discard(store, first)
    discard(store, first)
    assert (store.read(first), list(store.names())) == (None, [second])


def test_a_large_file_is_written_piece_by_piece_and_leaves_nothing_on_the_way(store):
    with writing(store) as (path, stored_as), path.open("wb") as out:
        for piece in (b"one", b"two" * MIB):
            out.write(piece)
        assert store.read(stored_as) is None
    with store.open(stored_as) as file:
        assert (file.read(3), file.read(3), len(file.read())) == (b"one", b"two", 3 * MIB - 3)
    assert list(store.scratch.rglob("*.part")) == []


def test_what_fails_leaves_no_bytes_in_a_store(store):
    with pytest.raises(RuntimeError), kept(store, b"one"):
        raise RuntimeError
    with pytest.raises(FileNotFoundError), writing(store) as (path, _stored_as):
        path.unlink()
    assert (list(store.names()), [path for path in store.scratch.rglob("*") if path.is_file()]) == ([], [])


def test_only_this_user_reads_the_bytes_and_nobody_guesses_their_name(tmp_path):
    folder = tmp_path / "uploads"
    with kept(Folder(folder), b"one") as first, kept(Folder(folder), b"one") as second:
        pass
    assert first != second
    for path in (folder, (folder / first).parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / first).stat().st_mode) == 0o600


def test_what_is_not_written_to_its_end_leaves_no_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(OSError, match="full"), kept(Folder(tmp_path), b"one"):
        pass
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_so_and_leaves_no_bytes(tmp_path, monkeypatch, code):
    monkeypatch.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError(code, "no space")))
    with pytest.raises(DiskFull, match="no space left for files"), kept(Folder(tmp_path), b"one"):
        pass
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_store_that_is_away_or_lacks_its_bucket_is_said_so(s3, tmp_path):
    away = Bucket("s3://convergence", endpoint=f"http://127.0.0.1:{free_port()}", scratch=tmp_path)
    empty = Bucket("s3://another", endpoint=s3.endpoint, scratch=tmp_path)
    for store in (away, empty):
        for ask in (lambda: store.put("a", b"1"), lambda: store.read("a"), lambda: list(store.names()), store.look):  # noqa: B023 -- called at once
            with pytest.raises(StoreAway, match="does not reach its files"):
                ask()
        discard(store, "a")  # what was committed holds


# Rows


@pytest.fixture
def add(session, campaign, alice, now):
    """Add a file to the campaign, whatever is on disk."""

    def make(number=1, content=b"Notes", purpose=Purpose.ATTACHMENT):
        upload = Upload(f"{number}.txt", TEXT, content)
        about = {"stored_as": f"{number}", "purpose": purpose, "campaign_id": campaign.id}
        return add_file(session, upload, **about, by=alice, now=now)

    return make


def test_adding_and_removing_a_file_is_recorded(session, add, campaign, alice, now):
    file = add()
    assert list(attachments_of(session, campaign.id)) == [file]
    assert (file.kind, file.is_picture) == ("txt", False)
    assert remove_file(session, file, by=alice, now=now) == "1"
    assert remove_file(session, file, by=alice, now=now) == "1"
    assert list(attachments_of(session, campaign.id)) == []
    session.commit()
    acts = session.scalars(select(Activity).where(Activity.object_kind == "file").order_by(Activity.id)).all()
    facts = {"name": "1.txt", "purpose": "attachment", "size": 5, "digest": file.digest}
    assert [(act.verb, act.object_id, act.campaign_id, act.before, act.after) for act in acts] == [
        ("added", file.id, campaign.id, None, facts),
        ("removed", file.id, campaign.id, facts, None),
    ]


def test_bytes_that_no_row_knows_are_swept_a_day_after_they_were_written(
    session, campaign, alice, tmp_path, now, statements
):
    """Those of a process that died before its commit, those that died before deleting, and those half written."""
    about = {"purpose": Purpose.ATTACHMENT, "campaign_id": campaign.id, "by": alice, "now": now}
    paths = []
    for _ in range(4):
        with kept(Folder(tmp_path), b"Notes") as stored_as:
            paths.append(tmp_path / stored_as)
    present, removed, unknown, young = paths
    for path in (present, removed):
        name = path.relative_to(tmp_path).as_posix()
        file = add_file(session, Upload("a.txt", TEXT, b"Notes"), stored_as=name, **about)
    remove_file(session, file, by=alice, now=now)
    unfinished, foreign = unknown.with_suffix(".part"), tmp_path / "0a" / "README"
    foreign.parent.mkdir(exist_ok=True)
    for path in (unfinished, foreign, tmp_path / "portrait.webp"):
        path.write_bytes(b"Notes")
    a_day_ago = (now - UNKNOWN_KEPT).timestamp()
    for path in {*tmp_path.rglob("*")} - {young}:
        os.utime(path, (a_day_ago, a_day_ago))
    assert sweep(session, Folder(tmp_path), now=now) == 3
    assert not any(path.exists() for path in (removed, unknown, unfinished))
    assert all(path.exists() for path in (present, young, foreign, tmp_path / "portrait.webp"))
    with statements() as asked:
        assert sweep(session, Folder(tmp_path), now=now) == 0
    assert len(asked) == 1, "one query, however many folders hold old files"


def test_bytes_that_no_row_knows_are_swept_from_each_store(session, campaign, alice, store):
    about, names = {"purpose": Purpose.ATTACHMENT, "campaign_id": campaign.id, "by": alice}, []
    for _ in range(3):
        with kept(store, b"Notes") as stored_as:
            names.append(stored_as)
    present, removed, _unknown = names
    later = datetime.now(UTC) + UNKNOWN_KEPT + timedelta(minutes=1)
    for name in (present, removed):
        file = add_file(session, Upload("a.txt", TEXT, b"Notes"), stored_as=name, **about, now=later)
    remove_file(session, file, by=alice, now=later)
    assert sweep(session, store, now=later - timedelta(minutes=2)) == 0, "younger than a day"
    assert sweep(session, store, now=later) == 2
    assert list(store.names()) == [present]


def test_a_store_without_files_holds_nothing_to_sweep(session, store, now):
    assert sweep(session, store, now=now) == 0


def test_a_campaign_has_a_handful_of_files_beside_its_portrait(session, add, alice, now):
    added = [add(number) for number in range(MAX_ATTACHMENTS)]
    with pytest.raises(TooManyFiles):
        add("more")
    add("portrait", purpose=Purpose.PORTRAIT)
    remove_file(session, added[0], by=alice, now=now)
    add("more")


def test_the_files_of_a_campaign_have_a_quota(session, add, alice, now):
    large = add("large", b"")
    large.size = MAX_CAMPAIGN_BYTES - 10
    with pytest.raises(QuotaReached, match="50 MB"):
        add("small", b"a" * 10)
    remove_file(session, large, by=alice, now=now)
    add("small", b"a" * 10)


def test_a_file_without_a_campaign_has_no_quota_of_one(session, alice, now):
    upload = Upload("a.txt", TEXT, b"a")
    file = add_file(session, upload, stored_as="a", purpose=Purpose.PORTRAIT, campaign_id=None, by=alice, now=now)
    assert file.campaign_id is None


def test_a_picture_that_was_not_drawn_again_is_never_kept(session, alice, now):
    upload = Upload("a.webp", JPEG, photo())
    with pytest.raises(ValueError, match="image/jpeg"):
        add_file(session, upload, stored_as="a", purpose=Purpose.PORTRAIT, campaign_id=None, by=alice, now=now)


def test_an_archive_that_names_very_many_entries_is_refused_before_they_are_listed(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(6_000):
            archive.writestr(f"{number:0300d}", b"")
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda _archive: pytest.fail("the entries were listed"))
    with pytest.raises(UnpacksTooLarge):
        check_upload(out.getvalue(), "a.docx")
