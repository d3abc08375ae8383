"""The pages of an erasure: the rehearsal, the request with its mail, taking it back, the certificate."""

from contextlib import contextmanager
from html import unescape
from types import SimpleNamespace

import pytest
from flask import url_for

from app.exports import document
from app.mail.letters.account import write_account_letter
from app.text import peoples_text
from app.web.pages.erased import note_erasure
from ideas.outreach.messages.message import AccountMail, Message
from ideas.people.person import Person
from ideas.privacy.erase import rehearse
from ideas.privacy.erasure import Contents, certificate_token, open_erasure
from ideas.privacy.register import REGISTER
from tests.app.privacy.conftest import ADDRESS, NAME
from tests.conftest import PASSWORD

ASKED = {"contents": "delete", "present_password": PASSWORD}


@pytest.fixture
def hers(eloise, signed_in):
    return signed_in(eloise)


@pytest.fixture
def admin(make_person, signed_in):
    return signed_in(make_person("Ada", is_admin=True))


def test_the_page_shows_what_is_stored_and_a_request_can_be_taken_back(session, eloise, traces, hers, account_mails):
    page = hers.get("/me/erasure").text
    assert "Ideas and drafts" in page
    assert "Nothing is erased yet" in page
    assert hers.post("/me/erasure", data={"present_password": PASSWORD}).status_code == 422
    assert hers.post("/me/erasure", data=ASKED | {"present_password": "wrong"}).status_code == 422
    assert hers.post("/me/erasure", data=ASKED).status_code == 303
    assert "Keep my account" in hers.get("/me/erasure").text
    assert "See the request or take it back" in hers.get("/me/data").text
    assert hers.post("/me/erasure/take-back").status_code == 303
    assert open_erasure(session, eloise) is None
    assert account_mails(ADDRESS) == [AccountMail.ERASURE_ASKED, AccountMail.ERASURE_TAKEN_BACK]


def test_only_administrators_see_how_many_texts_name_the_member(eloise, traces, hers, admin):
    said = "Texts of others with the name or the address"
    assert said not in hers.get("/me/erasure").text
    assert said in admin.get(f"/people/{eloise.id}/erasure").text


def test_an_administrator_asks_with_a_reason_that_the_member_reads(app, session, eloise, hers, admin):
    page = f"/people/{eloise.id}/erasure"
    assert admin.post(page, data=ASKED).status_code == 422
    assert admin.post(page, data=ASKED | {"reason": "By letter of 3 November"}).status_code == 303
    assert "By letter of 3 November" in hers.get("/me/erasure").text
    with app.test_request_context():
        letter = write_account_letter(session, session.query(Message).one())
    assert "By letter of 3 November" in letter.text
    assert "/erasure/" in letter.text
    assert admin.post(f"{page}/take-back").status_code == 303
    assert open_erasure(session, eloise) is None


def test_the_lead_of_a_campaign_reads_what_to_do_first(signed_in, alice, campaign):
    page = signed_in(alice).get("/me/erasure").text
    assert "Hand the campaign over" in page
    assert "present_password" not in page


def test_whoever_takes_a_campaign_on_meanwhile_reads_that_too(session, eloise, hers, make_campaign):
    hers.post("/me/erasure", data=ASKED)
    make_campaign(owner=eloise)
    page = hers.get("/me/erasure").text
    assert "Hand the campaign over" in page
    assert "Keep my account" in page


def test_the_certificate_names_nobody(app, session, eloise, traces, erase_now, client, admin):
    erasure = erase_now(eloise, Contents.DELETE)
    with app.test_request_context():
        token = certificate_token(erasure, key=app.config["SECRET_KEY"])
        address = url_for("erasure.certificate", proof=token)
    page = client.get(address)
    text = client.get(f"{address}/certificate.txt")
    assert "Ideas and drafts" in page.text
    assert text.status_code == 200
    assert "3\tIdeas and drafts" in text.text
    for said in (page.text, text.text):
        assert NAME not in said
        assert ADDRESS not in said
    assert client.get(f"{address}x").status_code == 404
    listed = admin.get("/personal-data")
    assert f"/personal-data/erasures/{erasure.id}.txt" in listed.text
    assert admin.get(f"/personal-data/erasures/{erasure.id}.txt").text == text.text


def test_she_is_signed_out_and_her_address_leads_nowhere(session, eloise, hers, erase_now, client, admin):
    erase_now(eloise, Contents.ANONYMISE)
    assert hers.get("/me").status_code == 303
    answer = client.post("/sign-in", data={"email": ADDRESS, "password": PASSWORD})
    assert answer.status_code == 422
    assert session.get(Person, eloise.id).name not in admin.get("/people").text


def test_pieces_of_pages_that_a_process_kept_are_forgotten(app, settings, client):
    def is_kept():
        """Ask for it: what is kept is not made again."""
        before = peoples_text.linked.cache_info().misses
        peoples_text.linked(NAME)
        return peoples_text.linked.cache_info().misses == before

    client.get("/sign-in")  # an erasure of an earlier test is noticed
    is_kept()
    client.get("/sign-in")
    assert is_kept()
    document._kept["a debrief"] = b"%PDF"  # noqa: SLF001 -- without drawing one
    note_erasure(settings)
    client.get("/sign-in")
    assert not is_kept()
    assert not document._kept  # noqa: SLF001 -- as above


def test_a_pdf_that_was_begun_before_an_erasure_is_not_kept(monkeypatch):
    @contextmanager
    def erased_meanwhile(*_arguments, **_named):
        document.forget()
        yield SimpleNamespace(content=lambda: b"%PDF")

    for name, stand_in in (("read", erased_meanwhile), ("makes_pdf", lambda: True), ("slots", lambda: None)):
        monkeypatch.setattr(document, name, stand_in)
    assert document.as_pdf(f"<p>{NAME}</p>") == b"%PDF"
    assert not document._kept  # noqa: SLF001 -- without looking into the memory of the process


def test_administrators_read_the_whole_register(admin, hers):
    page = unescape(admin.get("/personal-data").text)
    for line in REGISTER:
        assert {words for words in (line.what, line.why, line.kept_for) if words not in page} == set()
    assert hers.get("/personal-data").status_code == 403
    lines = admin.get("/personal-data/register.csv").text.splitlines()
    assert len(lines) == len(REGISTER) + 1
    assert "consent,person_id" in admin.get("/personal-data/register.csv").text
    assert hers.get("/personal-data/register.csv").status_code == 403


def test_a_rehearsal_asks_the_same_number_of_queries(session, eloise, campaign, make_idea, count_queries):
    before = count_queries(lambda: rehearse(session, eloise, with_mentions=True))
    for number in range(5):
        make_idea(campaign, eloise, f"Bench {number} for {NAME}")
    assert (
        count_queries(lambda: rehearse(session, session.get(Person, eloise.id), with_mentions=True)) <= before + 2
    )  # reading the account
