"""The pages of an application's events, and the requests that the worker makes."""

import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from app.jobs import send_webhooks
from ideas.activity.activity import Verb, record
from ideas.outreach.hosts.host import Host, add_host, secret_of
from ideas.outreach.hosts.webhook import WebhookDelivery, set_webhook
from ideas.work.job import Job, JobKind

pytestmark = pytest.mark.one_database


@pytest.fixture
def receiver():
    """An application that keeps what it gets, and answers with the next of these."""
    got, answers = [], []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, content, self.headers["X-Convergence-Signature"]))
            status = answers.pop(0) if answers else 204
            self.send_response(status)
            if status in {302, 307}:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_given):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got, answers
    server.shutdown()
    server.server_close()


def test_the_worker_tells_an_application_and_an_administrator_sees_what_failed(
    app, session, signed_in, make_person, campaign, alice, receiver, now
):
    origin, got, answers = receiver
    host = add_host(session, name="Portal", origin=origin, by=alice, now=now)
    session.commit()
    admin = signed_in(make_person("Ada", is_admin=True))
    page = f"/organisation/hosts/{host.id}/webhook"
    assert f"it begins with {origin}/." in admin.post(page, data={"webhook": "https://evil.example.org/"}).text
    assert admin.post(page, data={"webhook": f"{origin}/hook"}).status_code == 303
    session.refresh(host)
    set_webhook(session, host, "", by=alice, now=now)
    set_webhook(session, host, f"{origin}/hook", by=alice, now=now)
    record(session, Verb.OPENED, campaign, by=None, campaign_id=campaign.id, now=now)
    session.commit()
    answers.append(302)
    job = Job(kind=JobKind.SEND_WEBHOOKS)

    def run():
        with app.app_context():
            done = send_webhooks.run(job, report=lambda _stage, _share: None)
        session.expire_all()
        return done

    assert run() == {"queued": 1, "delivered": 0}
    assert len(got) == 1, "no other address is followed"
    delivery = session.scalars(select(WebhookDelivery)).one()
    assert (delivery.status, delivery.error, delivery.attempts) == (302, "answered 302", 1)
    assert "Tried again later" in admin.get(page).text
    assert run() == {"queued": 0, "delivered": 0}, "it waits a minute"
    delivery.next_attempt_at = None
    session.commit()
    assert "Given up" in admin.get(page).text
    assert admin.post(f"{page}/{delivery.id}/again").status_code == 303
    assert run() == {"queued": 0, "delivered": 1}
    assert "Received" in admin.get(page).text
    path, content, signed = got[-1]
    instant, given = (part.partition("=")[2] for part in signed.split(","))
    secret = secret_of(session.get_one(Host, host.id), key=app.config["SECRET_KEY"])
    expected = hmac.digest(secret.encode(), f"{instant}.".encode() + content, hashlib.sha256).hex()
    assert (path, given) == ("/hook", expected)
