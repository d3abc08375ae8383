import csv
import io
import re

import pytest
from sqlalchemy import select

from ideas.accounts.undeliverable import UndeliverableAddress, Undelivered, note_undeliverable, prove_deliverable
from ideas.activity.activity import Activity, Verb
from ideas.outreach.messages.delivery import MAX_ATTEMPTS, give_up_undeliverable, mark_refused, mark_sent
from ideas.outreach.messages.message import AccountMail
from ideas.outreach.messages.queue import queue_account_mail, write_message


@pytest.fixture
def admin(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def write(session, charlie, now):
    def make(reason, **facts):
        given = {"to": charlie, "subject": f"About {reason}", "body": "Dear Charlie", "domain": "a.org", "now": now}
        message = write_message(session, reason=reason, **given | facts)
        session.commit()
        return message

    return make


def test_an_empty_outbox_says_what_comes_there(signed_in, admin):
    assert "No email yet" in signed_in(admin).get("/messages").text


def test_each_mail_shows_its_title_and_status(signed_in, session, admin, write, charlie, now):
    sent, refused, given_up = write("sent"), write("refused"), write("given up")
    mark_sent(session, sent.id, now=now)
    mark_refused(refused, error="451 later", now=now)
    for _ in range(MAX_ATTEMPTS):
        mark_refused(given_up, error="550 no such mailbox", now=now)
    session.commit()
    page = signed_in(admin).get("/messages").text
    for words in ("Sent", "Waiting", "451 later", "Not delivered", "550 no such mailbox", "charlie@example.org"):
        assert words in page
    assert "to be sent on" not in page
    assert "this address takes no email" not in page
    write("later")
    untried = write("undeliverable")
    note_undeliverable(session, "charlie@example.org", why=Undelivered.BOUNCED, detail="", now=now)
    give_up_undeliverable(session, [untried.id])
    for kind in AccountMail:
        queue_account_mail(session, kind, to=charlie, domain="a.org", now=now)
    session.commit()
    page = signed_in(admin).get("/messages").text
    assert "to be sent on" in page
    assert page.count("this address takes no email") == 1
    assert "after 0 attempts" not in page
    titles = re.findall(r'href="/messages/\d+">(.*?)</a>', page, re.DOTALL)
    assert len(titles) == 5 + len(AccountMail)
    assert all(title.strip() for title in titles)


def test_the_outbox_has_pages(signed_in, admin, write):
    for number in range(51):
        write(str(number))
    client = signed_in(admin)
    assert "About 0<" not in client.get("/messages").text
    assert "About 0<" in client.get("/messages?page=2").text
    assert "About 0<" in client.get("/messages?page=99").text
    assert "About 50<" in client.get("/messages?page=junk").text


def test_a_mail_is_shown_as_text(signed_in, admin, write):
    message = write("it", body="<script>alert(1)</script>\nhttps://ideas.example.org/me")
    page = signed_in(admin).get(f"/messages/{message.id}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="https://ideas.example.org/me"' in page


def test_the_outbox_is_for_administrators(client, signed_in, write, alice):
    message = write("it")
    for path in ("/messages", f"/messages/{message.id}", "/design"):
        assert "/sign-in" in client.get(path).location
        assert signed_in(alice).get(path).status_code == 403


def test_a_mail_that_does_not_exist_is_not_found(signed_in, admin):
    assert signed_in(admin).get("/messages/999999").status_code == 404


def test_the_number_of_queries_is_constant(signed_in, admin, write, make_person, count_queries):
    write("first")
    client = signed_in(admin)
    few = count_queries(lambda: client.get("/messages"))
    for number in range(30):
        write("more", to=make_person(f"Person {number}"))
    assert count_queries(lambda: client.get("/messages")) == few


def test_every_control_is_shown_on_one_page(signed_in, admin):
    assert signed_in(admin).get("/design").status_code == 200


@pytest.mark.one_database
def test_the_mails_to_an_address_are_found_and_taken_as_a_file(session, signed_in, admin, write, bob):
    write("one")
    write("two", to=bob)
    browser = signed_in(admin)
    page = browser.get("/messages?to=BOB@").text
    assert "About two<" in page
    assert "About one<" not in page
    assert "No email was sent to such an address." in browser.get("/messages?to=nobody%25").text
    answer = browser.post("/messages/export", data={"to": "charlie"})
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (row["to"], row["subject"], row["sent_at"]) == ("charlie@example.org", "About one", "")
    assert "Dear Charlie" not in answer.text
    assert session.scalars(select(Activity.after).where(Activity.verb == Verb.EXPORTED)).all() == [{"messages": 1}]


def test_addresses_that_take_no_email_are_noted_and_written_to_again(signed_in, session, admin, charlie, now):
    page, browser = "/messages/undeliverable", signed_in(admin)
    assert "Every address takes email" in browser.get(page).text
    refused = browser.post(page, data={"address": "nobody", "why": "bounced", "detail": ""})
    assert refused.status_code == 422
    assert "Write an email address" in refused.text
    given = {"address": " Charlie@example.org ", "why": "bounced", "detail": "No such user"}
    assert browser.post(page, data=given).status_code == 303
    assert "Emails do not reach charlie@example.org" in signed_in(charlie).get("/me/notices/preferences").text
    given |= {"why": "complained", "detail": "Marked as spam"}
    assert browser.post(page, data=given).status_code == 303, "a complaint weighs more"
    assert browser.post(page, data=given | {"detail": "again"}).status_code == 303, "what was noted stays"
    assert "No such address" in browser.get(f"{page}?to=dora").text
    shown = browser.get(f"{page}?to=CHARLIE").text
    for words in ("charlie@example.org", "Complaint", "Marked as spam", "noted by Ada", "1 address"):
        assert words in shown
    assert "After a complaint, nothing is sent" in signed_in(charlie).get("/me/notices/preferences").text
    prove_deliverable(session, "charlie@example.org", by=charlie, now=now)
    number = session.scalar(select(UndeliverableAddress.id))
    assert browser.post(f"{page}/{number}/send-again").status_code == 303
    assert "Every address takes email" in browser.get(page).text
    acts = session.execute(
        select(Activity.verb, Activity.actor_id).where(Activity.object_kind == "undeliverable_address")
    )
    assert acts.all() == [(Verb.ADDED, admin.id), (Verb.ADDED, admin.id), (Verb.REMOVED, admin.id)]
    assert "charlie@" not in str(session.scalars(select(Activity.after)).all())
