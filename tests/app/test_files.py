"""Files are sent to whoever may read their campaign, and never run in a browser."""

import errno
import hashlib
import io
import os
from dataclasses import replace
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import request
from PIL import Image
from sqlalchemy import select

from app.file_store import file_store
from app.pictures.uploads import redraw
from ideas import files
from ideas.activity import activity
from ideas.files import MAX_ATTACHMENTS, File, Purpose, Upload, add_file
from ideas.media_type import TEXT
from tests import documents
from tests.app.server.test_nginx import free_port
from tests.documents import huge_png, office, photo


@pytest.fixture
def owner(signed_in, alice):
    return signed_in(alice)


@pytest.fixture
def send(owner, campaign):
    """Send a file to the campaign, as Alice."""

    def post(content, name="plan.pdf"):
        return owner.post(f"/campaigns/{campaign.id}/files", data={"file": (io.BytesIO(content), name)})

    return post


def fetch(browser, file, **options):
    return browser.get(f"/files/{file.id}", buffered=True, **options)


def latest(session) -> File:
    return session.scalars(select(File).where(File.purpose == Purpose.ATTACHMENT).order_by(File.id.desc())).first()


@pytest.fixture
def use(app):
    """The site with other settings, until the test has ended."""
    before = app.extensions["settings"]

    def change(**chosen):
        app.extensions["settings"] = replace(app.extensions["settings"], **chosen)

    yield change
    app.extensions["settings"] = before


@pytest.fixture(params=["folder", "bucket"])
def store(request, app, use):
    """Each store that a site may have: its own folder, and a bucket."""
    if request.param == "bucket":
        server = request.getfixturevalue("s3")
        use(file_store=f"{server.place}/{uuid4().hex}", file_store_endpoint=server.endpoint)
    return file_store(app.extensions["settings"])


def on_disk(uploads):
    return {path for path in uploads.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("store")
def test_a_file_is_added_shown_and_read_by_everyone(client, send, session, campaign, signed_in, alice):
    answer = send(documents.PDF, "../../Étude du préau.pdf")
    assert answer.status_code == 303
    assert answer.location == f"/campaigns/{campaign.id}/edit#files"
    file = latest(session)
    assert (file.name, file.size, file.media_type) == ("Étude du préau.pdf", len(documents.PDF), "application/pdf")
    page = client.get(f"/campaigns/{campaign.id}").text
    assert "Supporting files" in page
    assert f"/files/{file.id}" in page
    assert "PDF, 1 kB" in page
    assert fetch(client, file).data == documents.PDF
    edit = signed_in(alice).get(f"/campaigns/{campaign.id}/edit").text
    assert "Étude du préau.pdf" in edit
    assert f"/campaigns/{campaign.id}/files/{file.id}/remove" in edit
    assert "10 MB at most, and 50 MB for all 8 files." in edit


def test_a_campaign_without_files_says_nothing_of_them(client, campaign):
    assert "Supporting files" not in client.get(f"/campaigns/{campaign.id}").text


@pytest.mark.usefixtures("store")
def test_a_document_is_downloaded_with_these_headers_to_the_letter(client, send, session):
    send(documents.PDF, "Étude.pdf")
    file = latest(session)
    headers = fetch(client, file).headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Length"] == str(len(documents.PDF))
    assert headers["Content-Disposition"] == "attachment; filename=Etude.pdf; filename*=UTF-8''%C3%89tude.pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, max-age=86400"
    assert headers["ETag"] == f'"{hashlib.sha256(documents.PDF).hexdigest()}"'


@pytest.mark.usefixtures("store")
def test_a_text_is_downloaded_as_it_is(client, send, session):
    send("Idées".encode("cp1252"), "notes.html")
    answer = fetch(client, latest(session))
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.headers["Content-Disposition"] == "attachment; filename=notes.txt"
    assert answer.data == "Idées".encode("cp1252")


def test_a_picture_is_shown_in_the_page_and_says_nothing_of_where_it_was_taken(client, send, session, uploads):
    content = photo(size=(3000, 1000))
    assert b"Secret Camera" in content
    send(content, "me.jpg")
    answer = fetch(client, latest(session))
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Disposition"] == "inline; filename=me.webp"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    for secret in (b"Secret Camera", b"Exif", b"EXIF", b"XMP"):
        assert secret not in answer.data
    with Image.open(io.BytesIO(answer.data)) as shown:
        assert dict(shown.getexif()) == {}
        assert shown.size == (redraw.MAX_SIDE, redraw.MAX_SIDE // 3)


@pytest.mark.usefixtures("store")
def test_a_file_that_the_browser_has_is_not_sent_again(client, send, session):
    send(documents.PDF)
    file = latest(session)
    tag = fetch(client, file).headers["ETag"]
    assert fetch(client, file, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (documents.SVG, "logo.svg", "This file is not accepted."),
        (documents.HTML, "photo.jpg", "This file is not accepted."),
        (documents.WINDOWS_PROGRAM, "plan.pdf", "This file is not accepted."),
        (huge_png(), "photo.png", "This picture is too large."),
        (photo()[:300], "photo.jpg", "This picture can’t be used."),
        (office(**{"a.bmp": b"\0" * 100_000_001}), "bomb.docx", "This document is too large once unpacked."),
        (b"", "empty.txt", "This file is empty."),
    ],
)
def test_a_file_that_is_refused_leaves_nothing_and_the_page_says_why(send, session, store, content, name, sentence):
    before = set(store.names())
    answer = send(content, name)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert latest(session) is None
    assert set(store.names()) == before


def test_a_file_that_is_too_large_is_refused(send, session, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10)
    answer = send(documents.PDF)
    assert answer.status_code == 422
    assert "This file is too large." in answer.text


def test_no_file_is_asked_for(signed_in, alice, campaign):
    answer = signed_in(alice).post(f"/campaigns/{campaign.id}/files", data={})
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_a_campaign_that_is_full_says_so_and_leaves_nothing(send, session, campaign, alice, uploads, now, signed_in):
    for number in range(MAX_ATTACHMENTS):
        about = {"stored_as": f"full-{number}", "purpose": Purpose.ATTACHMENT, "campaign_id": campaign.id}
        add_file(session, Upload("a.txt", TEXT, b"a"), **about, by=alice, now=now)
    session.commit()
    before = on_disk(uploads)
    answer = send(documents.PDF)
    assert answer.status_code == 422
    assert "This campaign already has 8 files." in answer.text
    assert on_disk(uploads) == before
    assert "To add another one, remove one first." in signed_in(alice).get(f"/campaigns/{campaign.id}/edit").text


def test_a_file_that_is_removed_is_gone_from_pages_and_from_the_store(
    client, send, session, campaign, signed_in, bob, store
):
    send(documents.PDF)
    file = latest(session)
    assert file.stored_as in set(store.names())
    answer = signed_in(bob).post(f"/campaigns/{campaign.id}/files/{file.id}/remove")
    assert answer.status_code == 303
    session.expire_all()
    assert file.removed_at is not None
    assert fetch(client, file).status_code == 404
    assert file.stored_as not in set(store.names())
    assert f"/files/{file.id}" not in client.get(f"/campaigns/{campaign.id}").text
    assert signed_in(bob).post(f"/campaigns/{campaign.id}/files/{file.id}/remove").status_code == 404


def test_bytes_are_deleted_after_the_commit_and_stay_where_it_fails(send, owner, session, campaign, store, monkeypatch):
    send(documents.PDF)
    stored, file = set(store.names()), latest(session)
    address = f"/campaigns/{campaign.id}/files/{file.id}/remove"
    monkeypatch.setattr(activity, "_hash", broken)
    with pytest.raises(RuntimeError):
        send(documents.PDF)
    assert set(store.names()) == stored, "what was to be added is gone"
    with pytest.raises(RuntimeError):
        owner.post(address)
    assert set(store.names()) == stored, "what was to be removed is still there"
    monkeypatch.undo()
    assert owner.post(address).status_code == 303
    assert store.read(file.stored_as) is None


def test_while_the_bucket_is_away_a_file_is_refused_and_what_is_removed_is_removed(
    send, owner, session, campaign, use, s3
):
    use(file_store=s3.place, file_store_endpoint=s3.endpoint)
    send(documents.PDF)
    file = latest(session)
    use(file_store_endpoint=f"http://127.0.0.1:{free_port()}")
    refused = send(documents.PDF)
    assert refused.status_code == 422
    assert "This site does not reach its files now." in refused.text
    answer = fetch(owner, file)
    assert answer.status_code == 503
    assert "This site does not reach its files now." in answer.text
    assert owner.post(f"/campaigns/{campaign.id}/files/{file.id}/remove").status_code == 303
    assert fetch(owner, file).status_code == 404


def test_a_full_disk_is_said_in_the_page_and_leaves_nothing(send, session, campaign, uploads, monkeypatch, owner):
    before = on_disk(uploads)
    monkeypatch.setattr(os, "fsync", lambda _file: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    refused = send(documents.PDF)
    assert (refused.status_code, latest(session)) == (422, None)
    assert "This site has no space left for files." in refused.text
    data = {"title": "Evenings", "portrait": (io.BytesIO(photo()), "me.jpg")}
    refused = owner.post("/campaigns/new", data=data)
    assert refused.status_code == 422
    assert "This site has no space left for files." in refused.text
    assert 'value="Evenings"' in refused.text
    assert on_disk(uploads) == before


@pytest.fixture
def full_disk(monkeypatch, uploads):
    """The folder of uploads takes no byte: what is written there goes to the full disk that Linux has for tests."""
    real = os.open

    def open_full(path, flags, *mode, **options):
        if str(path).startswith(str(uploads)):
            os.close(real(path, flags, *mode, **options))  # the name is made, as on a real disk
            return real("/dev/full", os.O_WRONLY)
        return real(path, flags, *mode, **options)

    monkeypatch.setattr(os, "open", open_full)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "This site has no space left for files."), ("fr", "Ce site n’a plus de place pour les fichiers.")],
)
@pytest.mark.usefixtures("full_disk")
def test_a_portrait_on_a_full_disk_is_refused_and_the_rest_stays(
    session, signed_in, campaign, alice, uploads, language, sentence
):
    alice.locale, portrait, before = language, campaign.portrait_id, on_disk(uploads)
    session.commit()
    browser, address = signed_in(alice), f"/campaigns/{campaign.id}/edit"
    form = {name: getattr(campaign, name) for name in ("title", "challenge", "brief", "benefit", "motivation")}
    dates = {name: getattr(campaign, name) for name in ("opens_at", "closes_at", "debrief_due_at")}
    zone = ZoneInfo(alice.timezone)
    form |= {name: instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for name, instant in dates.items()}
    form |= {"owner_word": "Every evening counts.", "version": campaign.version}
    refused = browser.post(address, data=form | {"portrait": (io.BytesIO(photo()), "me.jpg")})
    assert refused.status_code == 422
    assert sentence in refused.text
    assert "Every evening counts." in refused.text
    session.expire_all()
    assert campaign.portrait_id == portrait
    assert on_disk(uploads) == before


def test_a_large_file_that_is_sent_needs_no_room_for_a_temporary_file(app):
    """Werkzeug would write it to the disk, and a form with a large portrait failed where that was full."""
    head = b'--x\r\nContent-Disposition: form-data; name="portrait"; filename="me.jpg"\r\n\r\n'
    body, kind = head + bytes(900_000) + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
    with app.test_request_context("/", method="POST", input_stream=io.BytesIO(body), content_type=kind,
                                  content_length=len(body)):  # fmt: skip
        assert isinstance(request.files["portrait"].stream, io.BytesIO)


def broken(*_given):
    raise RuntimeError("the commit fails")


def test_a_file_of_a_draft_is_for_its_team_alone(client, signed_in, session, draft_campaign, alice, bob, charlie):
    address = f"/campaigns/{draft_campaign.id}/files"
    signed_in(alice).post(address, data={"file": (io.BytesIO(documents.PDF), "plan.pdf")})
    file = latest(session)
    assert [fetch(signed_in(person), file).status_code for person in (alice, bob, charlie)] == [200, 200, 404]
    assert fetch(client, file).status_code == 404
    assert client.get("/files/999999").status_code == 404


def test_a_file_without_a_campaign_is_for_who_uploaded_it(client, signed_in, session, alice, bob, now, uploads):
    about = {"stored_as": "of-nobody", "purpose": Purpose.ATTACHMENT, "campaign_id": None}
    file = add_file(session, Upload("a.txt", TEXT, b"a"), **about, by=alice, now=now)
    session.commit()
    uploads.mkdir(parents=True, exist_ok=True)
    (uploads / "of-nobody").write_bytes(b"a")
    assert [fetch(signed_in(person), file).status_code for person in (alice, bob)] == [200, 404]
    assert fetch(client, file).status_code == 404


def test_a_portrait_is_not_removed_as_a_supporting_file(signed_in, alice, campaign):
    address = f"/campaigns/{campaign.id}/files/{campaign.portrait_id}/remove"
    assert signed_in(alice).post(address).status_code == 404


def test_a_portrait_that_is_not_saved_leaves_nothing(owner, campaign, uploads, monkeypatch):
    before = on_disk(uploads)
    data = {"title": "Evenings", "benefit": "", "portrait": (io.BytesIO(photo()), "me.jpg")}
    refused = owner.post(f"/campaigns/{campaign.id}/edit", data=data)
    assert refused.status_code == 422
    assert len(on_disk(uploads) - before) == 1  # the portrait waits for the form to be sent again
    before = on_disk(uploads)
    monkeypatch.setattr(activity, "_hash", broken)
    data["portrait"] = (io.BytesIO(photo()), "me.jpg")
    with pytest.raises(RuntimeError):
        owner.post("/campaigns/new", data=data)
    assert on_disk(uploads) == before


def test_the_files_page_asks_the_database_a_constant_number_of_times(count_queries, client, send, campaign):
    send(documents.PDF)
    address = f"/campaigns/{campaign.id}"
    one = count_queries(lambda: client.get(address))
    for _ in range(3):
        send(documents.PDF)
    assert count_queries(lambda: client.get(address)) == one
