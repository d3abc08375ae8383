import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select

from app.extensions import database
from app.mail import delivery, transport
from app.mail.address import address_of
from app.mail.delivery import compose, deliver_due
from app.mail.transport import kept_connection
from ideas.accounts.link import LinkPurpose, new_link, spend_link
from ideas.accounts.undeliverable import UndeliverableAddress
from ideas.outreach.messages.delivery import LEASE, due_messages
from ideas.outreach.messages.message import AccountMail, Message
from ideas.outreach.messages.queue import queue_account_mail, write_message
from ideas.outreach.messages.state import mail_state


class Sink:
    """The handler of a real mail server, which accepts or refuses a mail as the test sets it."""

    def __init__(self):
        self.connections = 0
        self.most = 0  # mails of one connection, after which the server refuses any more of it
        self.limit = "421 too many mails, come back"
        self.received = []
        self.answer = "250 OK"
        self.refused_recipients = set()
        self.refusal = "550 no such mailbox"
        self.hang_up = False
        self.offers = []  # what the server can do besides

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802 -- aiosmtpd's name
        self.connections += 1
        session.host_name, session.mails = hostname, 0
        return [responses[0], *(f"250-{offer}" for offer in self.offers), *responses[1:]]

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 -- aiosmtpd's name
        session.mails += 1
        if self.most and session.mails > self.most:
            if self.limit.startswith("421"):
                server.transport.close()
            return self.limit
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 -- aiosmtpd's name
        if address in self.refused_recipients:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 -- aiosmtpd's name
        self.received.append((envelope, message_from_bytes(envelope.content, policy=default)))
        if self.hang_up:
            server.transport.abort()
        return self.answer


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A turn ends after a few seconds, which a busy machine may need for a handful of mails."""
    monkeypatch.setattr(delivery, "TURN_SECONDS", 120.0)


@pytest.fixture(params=["one by one", "at once"])
def sink(request):
    """A server that takes commands one by one, and one that takes several at once, as most do."""
    sink = Sink()
    sink.offers = ["PIPELINING"] if request.param == "at once" else []
    return sink


@pytest.fixture
def start(sink):
    """Start the sink with these options of aiosmtpd; returns host and port."""
    started = []

    def start(**options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        controller = Controller(sink, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return f"127.0.0.1:{port}"

    yield start
    for controller in started:
        controller.stop()


@pytest.fixture
def use(app, settings, connection, tmp_path, monkeypatch):
    """Deliver with these settings, in a folder of this test."""

    def use(**chosen):
        chosen = replace(settings, instance=tmp_path, **chosen)
        monkeypatch.setitem(app.extensions, "settings", chosen)
        return chosen

    return use


@pytest.fixture
def deliver(app):
    def deliver(now):
        with app.app_context():
            return deliver_due(now)

    return deliver


@pytest.fixture
def write(session, charlie, now):
    def make(reason, **facts):
        given = {
            "to": charlie,
            "subject": "Idées",
            "body": "Bon,\n\nC’est décidé.\n",
            "domain": "a.org",
            "now": now,
        }
        message = write_message(session, reason=reason, **given | facts)
        session.commit()
        return message

    return make


def test_without_a_server_mails_are_files(use, deliver, write, session, now):
    settings = use()
    message = write("a")
    assert deliver(now) == 1
    assert deliver(now) == 0
    (file,) = settings.mail_folder.iterdir()
    assert file.name == f"{message.id:06}.eml"
    kept = message_from_bytes(file.read_bytes(), policy=default)
    assert (kept["Subject"], kept["To"], kept["Message-ID"]) == (
        "Idées",
        "Charlie <charlie@example.org>",
        message.mail_id,
    )
    assert kept.get_content().replace("\r\n", "\n") == "Bon,\n\nC’est décidé.\n"
    session.refresh(message)
    assert (message.sent_at, message.attempts, message.next_attempt_at) == (now, 1, None)


def test_a_folder_that_is_no_folder_is_tried_again(use, deliver, write, session, now):
    settings = use()
    settings.mail_folder.write_text("in the way")
    message = write("a")
    assert deliver(now) == 0
    session.refresh(message)
    assert message.error
    assert message.next_attempt_at == now + timedelta(minutes=1)
    settings.mail_folder.unlink()
    assert deliver(now + timedelta(minutes=1)) == 1


def test_a_server_takes_mails(use, deliver, write, start, sink, now):
    use(smtp_url=f"smtp://{start()}", mail_from="Convergence <hello@ideas.example.org>")
    message = write("a")
    assert deliver(now) == 1
    ((envelope, received),) = sink.received
    assert envelope.rcpt_tos == ["charlie@example.org"]
    assert envelope.mail_from == "hello@ideas.example.org"
    assert received["From"] == "Convergence <hello@ideas.example.org>"
    assert received["Message-ID"] == message.mail_id
    assert received["Auto-Submitted"] == "auto-generated"
    assert received.get_content_type() == "text/plain"


def test_a_mail_that_is_refused_for_now_goes_later_with_the_same_identifier(
    use, deliver, write, start, sink, session, now
):
    use(smtp_url=f"smtp://{start()}")
    message = write("a")
    sink.answer = "451 come back later"
    assert deliver(now) == 0
    session.refresh(message)
    assert message.error == "451 come back later"
    assert message.sent_at is None
    assert deliver(now) == 0
    sink.answer = "250 OK"
    later = now + timedelta(minutes=1)
    assert deliver(later) == 1
    session.refresh(message)
    assert (message.sent_at, message.error, message.attempts) == (later, "", 2)
    assert [received["Message-ID"] for _, received in sink.received] == [message.mail_id] * 2


def test_a_server_that_dies_after_the_text_gets_the_same_mail_again(use, deliver, write, start, sink, session, now):
    use(smtp_url=f"smtp://{start()}")
    message, waiting = write("a"), write("b")
    sink.hang_up = True
    assert deliver(now) == 0
    session.expire_all()
    assert message.sent_at is None
    assert (waiting.attempts, waiting.next_attempt_at) == (0, now)  # not tried: the server is away
    sink.hang_up = False
    later = now + timedelta(minutes=1)
    assert deliver(later) == 2
    assert deliver(later) == 0
    first, *others = [bytes(envelope.content) for envelope, _ in sink.received]
    assert first in others
    assert first.count(message.mail_id.encode()) == 1


def test_one_connection_is_kept_for_all_mails_and_turns(use, deliver, write, start, sink, now):
    use(smtp_url=f"smtp://{start()}")
    with kept_connection():
        for turn in range(3):
            for number in range(45):
                write(f"{turn}-{number}")
            assert deliver(now) == 45
    assert (len(sink.received), sink.connections) == (135, 1)


def test_an_idle_connection_is_closed_and_opened_again(use, deliver, write, start, sink, now, monkeypatch):
    use(smtp_url=f"smtp://{start()}")
    with kept_connection():
        write("a")
        assert deliver(now) == 1
        monkeypatch.setattr(transport, "IDLE_SECONDS", -1)
        write("b")
        assert deliver(now) == 1
    assert sink.connections == 2


@pytest.mark.parametrize("limit", ["421 too many mails, come back", "452 too many mails"])
def test_a_server_that_ends_a_connection_after_some_mails_gets_the_others_over_new_ones(
    use, deliver, write, start, sink, session, now, limit
):
    use(smtp_url=f"smtp://{start()}")
    sink.most, sink.limit = 10, limit
    messages = [write(f"{number}") for number in range(25)]
    assert deliver(now) == 25
    assert sink.connections == 3
    assert len({received["Message-ID"] for _, received in sink.received}) == len(sink.received) == 25
    session.expire_all()
    assert {message.attempts for message in messages} == {1}


def test_mails_that_are_refused_one_by_one_leave_the_connection_as_it_is(
    use, deliver, write, start, sink, session, now
):
    use(smtp_url=f"smtp://{start()}")
    write("a")
    assert deliver(now) == 1
    sink.refused_recipients = {"charlie@example.org"}
    tried = [write(f"{number}") for number in range(3)]
    assert deliver(now) == 0
    session.expire_all()
    assert {message.error for message in tried} == {"550 no such mailbox"}
    assert sink.connections == 2  # one a turn: nothing keeps it here


def test_a_worker_that_dies_repeats_one_mail_at_most(use, deliver, write, start, sink, session, now, monkeypatch):
    use(smtp_url=f"smtp://{start()}")
    messages = [write(f"{number}") for number in range(30)]

    unlucky = f"{messages[7].id:06}"

    class Killed(BaseException):
        pass

    send = transport.MailServer.hand_over

    def die(self, mail, *, name):
        send(self, mail, name=name)
        if name == unlucky:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(transport.MailServer, "hand_over", die)
        patch.setattr(delivery, "release_messages", lambda *_args, **_facts: None)  # nobody is left to do so
        with pytest.raises(Killed):
            deliver(now)
    assert len(sink.received) == 8
    later = now + LEASE
    assert deliver(later) == 23
    counts = Counter(received["Message-ID"] for _, received in sink.received)
    assert {number: count for number, count in counts.items() if count > 1} == {messages[7].mail_id: 2}
    assert len(counts) == 30


def test_a_server_that_asks_for_the_text_of_a_mail_to_nobody_gets_none(use, deliver, write, session, alice, now):
    """It may, where several commands came at once (RFC 2920, 3.1); then it waits for the end of that text."""
    answers = {b"ehlo": b"250-here\r\n250 PIPELINING", b"rcpt TO:<charlie": b"550 5.1.1 unknown", b"data": b"354 go on"}
    heard = []

    class Server(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 hello\r\n")
            in_text = False
            for line in self.rfile:
                heard.append(line.strip())
                if not in_text or heard[-1] == b".":
                    answer = next((said for asked, said in answers.items() if line.startswith(asked)), b"250 OK")
                    self.wfile.write(answer + b"\r\n")
                    in_text = heard[-1] == b"data"

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        use(smtp_url=f"smtp://127.0.0.1:{server.server_address[1]}")
        refused, taken = write("a"), write("b", to=alice)
        assert deliver(now) == 1
        server.shutdown()
    session.expire_all()
    assert refused.is_given_up
    assert taken.sent_at == now
    assert heard[heard.index(b"data") :][:3] == [b"data", b".", b"rset"]


def test_mails_go_out_without_a_pause(use, deliver, write, start, sink, now):
    """Four turns of the worker would have been needed before: the figures are in docs/benchmarks.md."""
    use(smtp_url=f"smtp://{start()}")
    for number in range(90):
        write(f"{number}")
    assert deliver(now) == 90


def test_a_slow_server_gets_the_others_at_the_next_turn(use, deliver, write, session, now, monkeypatch):
    """So other work of the queue does not wait for all mails that were taken together."""
    use()
    monkeypatch.setattr(delivery, "TURN_SECONDS", 0.5)
    monkeypatch.setattr(transport.MailFolder, "hand_over", lambda *_mail, **_name: time.sleep(0.3))
    messages = [write(f"{number}") for number in range(10)]
    first = deliver(now)
    assert 1 <= first < 10
    session.expire_all()
    assert [message.next_attempt_at for message in messages[first:]] == [now] * (10 - first)
    assert deliver(now) >= 1


def test_one_unknown_mailbox_does_not_hold_up_the_others(use, deliver, write, start, sink, session, alice, now):
    use(smtp_url=f"smtp://{start()}")
    refused, taken = write("a"), write("b", to=alice)
    sink.refused_recipients = {"charlie@example.org"}
    assert deliver(now) == 1
    session.expire_all()
    assert refused.error == "550 no such mailbox"
    assert taken.sent_at == now


def test_a_server_that_refuses_a_tenth_gets_the_others_once_and_each_of_these_once_later(
    use, deliver, write, start, sink, session, make_person, now
):
    use(smtp_url=f"smtp://{start()}")
    people = [make_person(f"P{number}") for number in range(100)]
    for number, person in enumerate(people):
        write(f"{number}", to=person)
    sink.refused_recipients, sink.refusal = {person.email for person in people[::10]}, "450 mailbox is busy"
    assert deliver(now) == 90
    assert deliver(now) == 0, "the ten wait for a minute"
    sink.refused_recipients = set()
    assert deliver(now + timedelta(minutes=1)) == 10
    got = Counter(address for envelope, _received in sink.received for address in envelope.rcpt_tos)
    assert got == {person.email: 1 for person in people}


def test_an_address_that_is_refused_for_good_gets_nothing_more_until_it_is_proven(
    use, deliver, write, start, sink, session, alice, charlie, now
):
    use(smtp_url=f"smtp://{start()}")
    sink.refused_recipients, sink.refusal = {"charlie@example.org"}, "550 5.1.1 no such mailbox"
    first = write("a")
    assert deliver(now) == 0
    session.expire_all()
    assert first.is_given_up
    [noted] = session.scalars(select(UndeliverableAddress)).all()
    assert (noted.address, noted.why, noted.detail) == ("charlie@example.org", "bounced", "550 5.1.1 no such mailbox")
    sink.refused_recipients = set()
    second = write("b")
    queue_account_mail(session, AccountMail.PASSWORD_CHANGED, to=charlie, domain="a.org", now=now)
    session.commit()
    assert deliver(now) == 1, "what he needs for his account"
    session.expire_all()
    assert (second.is_given_up, second.attempts, mail_state(session).error) == (True, 0, "550 5.1.1 no such mailbox")
    link = new_link(session, LinkPurpose.RESET, person=charlie, email="Charlie@example.org", now=now)
    spend_link(session, link, now=now)
    write("c")
    assert deliver(now) == 1
    # One that says nothing of the address, or that is for a while: a server that is set up wrongly silences nobody.
    for refusal in ("554 5.7.1 Client host [172.5.1.3] blocked", "450 4.7.1 greylisted, client 10.5.1.2"):
        sink.refused_recipients, sink.refusal = {"charlie@example.org"}, refusal
        third = write(refusal)
        assert deliver(now) == 0
        session.expire_all()
        assert not third.is_given_up
        assert session.scalars(select(UndeliverableAddress)).all() == []


def test_one_impossible_address_does_not_hold_up_the_others(use, deliver, write, make_person, session, now):
    use()
    impossible = write("a", to=make_person("Eve", email="ève@example.org"))
    taken = write("b")
    assert deliver(now) == 1
    session.expire_all()
    assert impossible.error
    assert taken.sent_at == now


def test_a_server_that_is_away_is_tried_once_a_turn(use, deliver, write, session, now):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        use(smtp_url=f"smtp://127.0.0.1:{closed.getsockname()[1]}")
        tried, waiting = write("a"), write("b")
        assert deliver(now) == 0
    session.expire_all()
    assert tried.attempts == 1
    assert "refused" in tried.error.lower()
    assert waiting.attempts == 0


def test_no_transaction_is_open_while_a_server_is_waited_for(use, deliver, write, now, monkeypatch):
    use()
    seen = []

    def slow(self, mail, *, name):
        seen.append(database().in_transaction())

    monkeypatch.setattr(transport.MailFolder, "hand_over", slow)
    write("a")
    write("b")
    assert deliver(now) == 2
    assert seen == [False, False]


def test_a_mail_that_another_worker_holds_is_left_to_it(use, app, deliver, write, session, now):
    use()
    message = write("a")
    message.next_attempt_at = now + timedelta(minutes=5)
    session.commit()
    assert deliver(now) == 0
    assert due_messages(session, now=now) == []


def test_a_user_signs_in_with_the_words_of_the_address(use, deliver, write, start, now):
    seen = []

    def check(server, session, envelope, mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    address = start(authenticator=check, auth_require_tls=False)
    use(smtp_url=f"smtp://me%40a.org:p%2Fss@{address}")
    write("a")
    assert deliver(now) == 1
    assert seen == [(b"me@a.org", b"p/ss")]


def test_a_password_never_travels_in_the_clear_to_another_machine(
    use, deliver, write, start, sink, session, now, monkeypatch
):
    monkeypatch.setattr(transport, "_LOCAL", set())
    use(smtp_url=f"smtp://me:secret@{start()}")
    message = write("a")
    assert deliver(now) == 0
    session.refresh(message)
    assert "no encryption" in message.error
    assert sink.received == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_the_line_is_encrypted_where_the_server_offers_it(
    use, deliver, write, start, sink, session, now, tmp_path, monkeypatch
):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(  # noqa: S603 -- our own words only
        [
            *(shutil.which("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.load_cert_chain(certificate, key)
    use(smtp_url=f"smtp://{start(tls_context=offered, require_starttls=True)}")
    message = write("a")
    assert deliver(now) == 0  # nobody vouches for this certificate
    session.refresh(message)
    assert "certificate" in message.error.lower()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert deliver(now + timedelta(minutes=1)) == 1
    assert len(sink.received) == 1


@pytest.mark.parametrize(
    "name", ['Eve "Boss" <boss@example.org>, Zoë', "Éléonore d’Été", "<script>alert(1)</script>", "a@b.org"]
)
def test_a_name_adds_no_recipient(write, make_person, name):
    message = write("a", to=make_person(name, email="eve@example.org"))
    (address,) = message_from_bytes(compose(message, sender="C <c@a.org>").as_bytes(), policy=default)["To"].addresses
    assert address.addr_spec == "eve@example.org"
    assert address.display_name == name


def test_a_line_break_makes_no_header(session, charlie, now):
    message = Message(
        person=charlie,
        address="charlie@example.org",
        subject="Hello\r\nBcc: all@example.org",
        body="",
        mail_id="<1@a.org>",
        created_at=now,
    )
    with pytest.raises(ValueError, match="linefeed"):
        compose(message, sender="C <c@a.org>")


def test_every_attempt_sends_the_same_bytes(write):
    message = write("a")
    first, again = (compose(message, sender="C <c@a.org>").as_bytes() for _ in range(2))
    assert first == again
    assert re.search(rb"^Date: ", first, re.MULTILINE)


def test_a_text_arrives_as_it_was_written(use, deliver, write, start, sink, session, now):
    use(smtp_url=f"smtp://{start()}")
    text = (
        ".\n.a stop first\nFrom here on\n-- \nFin.  \n--=_part\n" + "élan " * 300 + "\n\n" + "x" * 2_000 + "\n=3D\t\n"
    )
    message = write("a", body=text)
    message.html = f"<p>{text}</p>"
    session.commit()
    assert deliver(now) == 1
    ((envelope, received),) = sink.received
    plain, html = (received.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    assert (plain, html) == (text, f"<p>{text}</p>")
    assert received.get_content_type() == "multipart/alternative"
    assert max(len(line) for line in envelope.content.splitlines()) <= 78
    assert received.defects == []
    assert envelope.content.isascii()


def test_an_address_abroad_is_written_as_the_net_spells_it(charlie, now):
    abroad = SimpleNamespace(
        person=charlie, address="jean@exämple.org", subject="Hello", body="", html="", mail_id="<1@a.org>",
        notice=None, invitation=None, imported_id=None, digest=None, created_at=now,
    )  # fmt: skip
    assert "jean@xn--exmple-cua.org" in str(compose(abroad, sender="C <c@a.org>")["To"])


def test_links_start_as_the_settings_say(app, use):
    use(base_url="https://ideas.example.org/lignieres")
    with app.test_request_context(headers={"Host": "evil.example"}):
        link = address_of("debrief.show", campaign_id=3)
    assert link == "https://ideas.example.org/lignieres/campaigns/3/debrief"


def test_a_server_that_is_away_for_a_day_gets_every_mail_once(use, deliver, write, start, sink, session, now):
    """What is due is tried again, more and more seldom. Nothing is given up."""
    messages = [write(str(number)) for number in range(3)]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        use(smtp_url=f"smtp://127.0.0.1:{closed.getsockname()[1]}")
        for minute in range(0, 24 * 60, 5):
            assert deliver(now + timedelta(minutes=minute)) == 0
    session.expire_all()
    assert (mail_state(session).failing + sum(not message.attempts for message in messages)) == 3
    assert mail_state(session).given_up == 0
    use(smtp_url=f"smtp://{start()}")
    for hour in (24, 25, 26, 27):
        deliver(now + timedelta(hours=hour))
    assert len(sink.received) == len({mail["Message-ID"] for _, mail in sink.received}) == 3
    session.expire_all()
    assert all(message.sent_at for message in messages)
