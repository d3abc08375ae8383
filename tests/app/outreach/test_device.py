"""Notifications on devices: a service on this machine gets what only the browser can read, with the mail."""

import base64
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from sqlalchemy import select

from app.mail.delivery import deliver_due
from app.mail.notices import notify_due
from ideas.activity.activity import Verb, record
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import switch_mail
from ideas.outreach.push.device import (
    MAX_DEVICES,
    MAX_FAILURES,
    DeviceUnusable,
    PushDevice,
    add_device,
    is_allowed,
    note_reached,
)

pytestmark = pytest.mark.one_database


def written(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.fixture
def browser():
    """The keys of a browser."""
    key = generate_private_key(SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return key, {"public_key": written(point), "secret": written(b"s" * 16)}


@pytest.fixture
def service(app):
    """A push service that keeps what it gets, and answers with the next of these."""
    got, answers = [], []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            status = answers.pop(0) if answers else 201
            self.send_response(status)
            if status == 307:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_given):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    origin, settings = f"http://127.0.0.1:{server.server_port}", app.extensions["settings"]
    app.extensions["settings"] = replace(settings, push_services=(origin,))
    yield origin, got, answers
    app.extensions["settings"] = settings
    server.shutdown()
    server.server_close()


@pytest.fixture
def tell(app, session, campaign, make_idea, alice, charlie, any_hour, now):
    """Put the closing of Charlie's campaign off: he is told, by mail."""
    make_idea(campaign, charlie, "A bench.")

    def tell():
        about = {"reason": "Rain.", "before": {}, "after": {"closes_at": now.isoformat()}}
        record(session, Verb.EXTENDED, campaign, by=alice, campaign_id=campaign.id, now=now, **about)
        session.commit()
        with app.app_context():
            notify_due(now)
            deliver_due(now)

    return tell


def test_a_person_asks_for_notifications_in_a_browser_and_reads_them_there_with_the_mail(
    app, session, signed_in, service, browser, tell, charlie, campaign
):
    origin, got, answers = service
    key, keys = browser
    client = signed_in(charlie)
    page = client.get("/me/notices/preferences").text
    assert "This browser can’t show notifications" in page
    asked = page.split('data-push="')[1].split('"')[0]
    refused = client.post("/me/devices", data=keys | {"endpoint": "https://evil.example.org/x"}, follow_redirects=True)
    assert "that we can’t use" in refused.text
    client.post("/me/devices", data=keys | {"endpoint": f"{origin}/charlie"}, headers={"User-Agent": "Firefox Linux"})
    assert "Firefox · Linux" in client.get("/me/notices/preferences").text
    tell()
    ((path, headers, content),) = got
    assert (path, headers["Content-Encoding"], headers["Ttl"]) == ("/charlie", "aes128gcm", "86400")
    assert Vapid02.verify(headers["Authorization"])
    assert headers["Authorization"].endswith(f"k={asked}"), "the key that the page gave to the browser"
    assert campaign.title.encode() not in content
    said = json.loads(http_ece.decrypt(content, private_key=key, auth_secret=b"s" * 16, version="aes128gcm"))
    assert said == {
        "title": f"{campaign.title}: a date has changed", "url": f"http://localhost/campaigns/{campaign.id}",
    }  # fmt: skip
    assert session.scalars(select(Message)).one().sent_at
    answers.append(307)
    tell()
    assert [one[0] for one in got] == ["/charlie"] * 2, "no other address is followed"
    answers.append(410)
    tell()
    session.expire_all()
    assert session.scalars(select(PushDevice)).all() == [], "a browser that is gone is forgotten"


def test_nothing_is_shown_without_a_mail_or_after_the_device_is_removed(
    session, signed_in, service, browser, tell, charlie, bob
):
    origin, got, answers = service
    client = signed_in(charlie)
    client.post("/me/devices", data=browser[1] | {"endpoint": f"{origin}/charlie"})
    device = session.scalars(select(PushDevice)).one()
    switch_mail(session, charlie, NoticeKind.PROMISE_CHANGED, on=False)
    session.commit()
    tell()
    assert got == []
    switch_mail(session, charlie, NoticeKind.PROMISE_CHANGED, on=True)
    signed_in(bob).post("/me/devices/remove", data={"device": device.id})
    answers.append(500)
    for _ in range(5):
        tell()
    assert len(got) == 3, "no more than the budget of mails"
    assert all(one.sent_at for one in session.scalars(select(Message))), "a service that fails stops no mail"
    client.post("/me/devices", data=browser[1] | {"endpoint": f"{origin}/charlie"})
    client.post("/me/devices/remove", data={"device": session.scalars(select(PushDevice)).one().id})
    assert session.scalars(select(PushDevice)).all() == []


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com@127.0.0.1/x", False),
        ("https://notify.windows.com.evil.example/x", False),
        ("https://127.0.0.1/x", False),
        ("https://fcm.googleapis.com\\@127.0.0.1/x", False),
        ("https://[::1/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_services_of_browsers_are_called(endpoint, allowed):
    assert is_allowed(endpoint) is allowed


def test_a_person_has_few_devices_and_a_browser_has_one_person(session, browser, charlie, bob, now):
    def add(person, number, **facts):
        at = {"endpoint": f"https://fcm.googleapis.com/{number}", "name": "", "now": now}
        return add_device(session, person, **at | browser[1] | facts)

    for number in range(MAX_DEVICES + 1):
        add(charlie, number)
    assert session.scalars(select(PushDevice.endpoint)).all()[0].endswith("/1")
    add(bob, 5)
    assert len(session.scalars(select(PushDevice)).all()) == MAX_DEVICES
    mine = session.scalars(select(PushDevice.id).where(PushDevice.person_id == bob.id)).one()
    for is_reached in (False, True, *[False] * MAX_FAILURES):
        assert session.get(PushDevice, mine) is not None
        note_reached(session, mine, is_reached=is_reached)
    assert session.get(PushDevice, mine) is None, "who is never reached is forgotten"
    for wrong in ({"public_key": "AAAA"}, {"secret": "é"}, {"secret": "A"}, {"public_key": "A" * 500}):
        with pytest.raises(DeviceUnusable):
            add(bob, 6, **wrong)
