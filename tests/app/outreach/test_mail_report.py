"""What a mail server posts: mails that came back, and complaints."""

from io import BytesIO

import pytest
from sqlalchemy import select

from app.mail.report import report_token
from ideas.accounts.undeliverable import UndeliverableAddress, Undelivered
from ideas.outreach.messages.queue import write_message

pytestmark = pytest.mark.one_database


@pytest.fixture
def mail_id(session, charlie, now):
    """Of a mail to Charlie."""
    texts = {"subject": "Hello", "body": "Dear Charlie", "reason": "test", "domain": "example.org"}
    message = write_message(session, to=charlie, **texts, now=now)
    session.commit()
    return message.mail_id


@pytest.fixture
def post(app, client):
    """Post a report, as a mail server does."""
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        address = f"/mail-reports/{report_token()}"
    yield lambda content, to=address: client.post(to, data={"file": (BytesIO(content), "report.eml")}).status_code
    app.config["WTF_CSRF_ENABLED"] = False


def report(kind, facts, mail_id, *, whole=True):
    """A report as RFC 3464 and RFC 5965 have it: words, facts, and the mail or its headers."""
    server = "Reporting-MTA: dns; example.net\n\n" if kind == "delivery-status" else ""
    lines = [
        "From: mailer-daemon@example.net",
        "To: ideas@example.org",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="x"',
        *("", "--x", "Content-Type: text/plain", "", "It came back."),
        *("", "--x", f"Content-Type: message/{kind}", "", server + facts),
        *("", "--x", f"Content-Type: {'message/rfc822' if whole else 'text/rfc822-headers'}", ""),
        *("From: ideas@example.org", f"Message-ID: {mail_id}", "Subject: Hello", ""),
        *(("Dear Charlie",) if whole else ()),
        "--x--",
    ]
    return "\r\n".join("\n".join(lines).splitlines()).encode()


def failed(status, address="charlie@example.org", action="failed"):
    return (
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} No such user\n"
    )


def noted(session):
    session.expire_all()
    return {row.address: row.why for row in session.scalars(select(UndeliverableAddress))}


@pytest.mark.parametrize("whole", [True, False])
def test_a_mail_that_comes_back_ends_mails_to_its_address(session, signed_in, make_person, post, mail_id, whole):
    # Whatever address the report names, it is that of our own mail.
    sent = report("delivery-status", failed("5.1.1", "alice@example.org"), mail_id, whole=whole)
    assert [post(sent), post(sent)] == [204, 204]
    assert noted(session) == {"charlie@example.org": Undelivered.BOUNCED}
    admin = signed_in(make_person("Ada", is_admin=True))
    page = admin.get("/messages/undeliverable").text
    assert "smtp; 550 5.1.1 No such user" in page
    assert "said by the mail server" in page
    assert "/mail-reports/" in page, "where the address is found"
    (row,) = session.scalars(select(UndeliverableAddress)).all()
    admin.post(f"/messages/undeliverable/{row.id}/send-again")
    assert noted(session) == {}


def test_a_complaint_ends_mails_to_its_address(session, post, mail_id):
    facts = "Feedback-Type: abuse\nUser-Agent: Example/1.0\nVersion: 1\n"
    assert post(report("feedback-report", facts, mail_id)) == 204
    assert noted(session) == {"charlie@example.org": Undelivered.COMPLAINED}


def test_nothing_else_ends_mails(app, session, post, mail_id):
    delayed = failed("5.1.1", action="delayed")
    for facts in (failed("4.2.2"), failed("5.7.1"), failed("5.2.2"), delayed, "", "Action: failed\n"):
        assert post(report("delivery-status", facts, mail_id)) == 422, facts
    for other in ("<1@example.org>", "", "*"):
        assert post(report("delivery-status", failed("5.1.1"), other)) == 422, "a mail that we did not send"
    assert post(report("feedback-report", "Feedback-Type: not-spam\n", mail_id)) == 422
    for content in (
        b"",
        b"\xff\x00",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n",
        b"Subject: Hello\r\n\r\nHi",
    ):
        assert post(content) == 422
    good = report("delivery-status", failed("5.1.1"), mail_id)
    assert post(good, to="/mail-reports/reports") == 404
    assert noted(session) == {}
