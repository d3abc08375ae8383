"""Mails about an account: written when they are sent, never stored, in the language of their person."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from app.clock import now as clock
from app.extensions import database
from app.mail.delivery import deliver_due
from app.mail.letters.account import send_account_mail, write_account_letter
from ideas.accounts.link import LinkPurpose, new_link, token_of
from ideas.organisation.appearance import MIN_CONTRAST, contrast, set_accent
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import AccountMail, Message
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import switch_mail

LINKED = {
    AccountMail.VERIFY: LinkPurpose.VERIFY,
    AccountMail.RESET: LinkPurpose.RESET,
}


@pytest.fixture
def queue(app, session, connection, charlie, now):
    """Queue a mail of this kind to Charlie, with its link."""

    def put(mail: AccountMail) -> Message:
        link = new_link(session, LINKED[mail], person=charlie, now=now) if mail in LINKED else None
        session.commit()
        with app.test_request_context():
            person = database().get_one(type(charlie), charlie.id)
            held = database().get_one(type(link), link.id) if link is not None else None
            send_account_mail(mail, to=person, link=held)
            database().commit()
        session.expire_all()
        return session.scalars(select(Message).order_by(Message.id.desc())).first()

    return put


@pytest.fixture
def sent(app, settings, connection):
    """Deliver what is due; the mails as they are in the folder."""

    def deliver(*, later=timedelta(0)):
        with app.app_context():
            deliver_due(clock() + later)
        files = sorted(settings.mail_folder.iterdir()) if settings.mail_folder.exists() else []
        mails = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
        for file in files:
            file.unlink()
        return mails

    return deliver


def test_the_mail_holds_the_link_and_the_outbox_does_not(app, queue, sent, session):
    message = queue(AccountMail.RESET)
    token = token_of(message.link, key=app.config["SECRET_KEY"])
    (mail,) = sent()
    assert mail["Subject"] == "Choose a new password"
    for kind in ("plain", "html"):
        assert f"http://localhost/reset/{token}" in mail.get_body((kind,)).get_content()
    assert re.search(r"This link works once, until .+ \(Paris time\)\.", mail.get_body(("plain",)).get_content())
    session.refresh(message)
    assert message.sent_at is not None
    stored = [str(getattr(message, column.key)) for column in message.__table__.columns]
    assert not any(token.partition(".")[2] in value for value in stored)
    assert (message.body, message.html) == ("", "")


def test_buttons_have_the_colour_of_the_organisation_and_can_be_read(queue, sent, session, make_person, now):
    def button():
        queue(AccountMail.RESET)
        page = sent()[-1].get_body(("html",)).get_content()
        return re.search(r"background-color:(#\w{6});color:(#\w{6})", page).groups()

    assert button() == ("#0b6066", "#ffffff")
    ada = make_person("Ada", is_admin=True)
    set_accent(session, light="#7a1f5c", dark="#f0a0d0", by=ada, now=now, seen=the_organisation(session).version)
    session.commit()
    assert button() == ("#7a1f5c", "#ffffff")
    assert contrast(*button()) >= MIN_CONTRAST


def test_no_preference_switches_account_mails_off_and_none_is_offered(queue, sent, session, charlie):
    for kind in NoticeKind:
        switch_mail(session, charlie, kind, on=False)
    session.commit()
    queue(AccountMail.VERIFY)
    (mail,) = sent()
    assert mail["List-Unsubscribe"] is None
    assert "unsubscribe" not in str(mail).lower()


def test_a_mail_whose_link_was_replaced_is_not_sent(queue, sent):
    queue(AccountMail.RESET)
    latest = queue(AccountMail.RESET)
    mails = sent()
    assert [mail["Message-ID"] for mail in mails] == [latest.mail_id]


def test_a_mail_that_waited_longer_than_its_link_lasts_is_not_sent(queue, sent):
    queue(AccountMail.RESET)
    assert sent(later=timedelta(hours=2)) == []


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("mail", [*LINKED, AccountMail.ACCOUNT_EXISTS, AccountMail.PASSWORD_CHANGED])
def test_every_mail_is_written_in_the_language_of_its_person(app, queue, session, charlie, mail, locale):
    charlie.locale = locale
    session.commit()
    message = queue(mail)
    with app.app_context():
        letter = write_account_letter(session, message)
    assert f'lang="{locale}"' in letter.html
    assert letter.subject
    assert "http://localhost/" in letter.text


def test_administrators_do_not_read_the_text(queue, signed_in, make_person):
    message = queue(AccountMail.RESET)
    page = signed_in(make_person("Ada", is_admin=True)).get(f"/messages/{message.id}").text
    assert "Its text is not stored." in page
    assert "/reset/" not in page
