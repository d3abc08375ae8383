"""What an application is told of events: which, from when on, signed how, and what becomes of a failure."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.activity.activity import Verb, record
from ideas.outreach.hosts.host import add_host, remove_host
from ideas.outreach.hosts.webhook import (
    FIRST_PAUSE,
    MAX_ATTEMPTS,
    AlreadyDelivered,
    WebhookDelivery,
    WebhookElsewhere,
    content_of,
    delete_old_deliveries,
    deliver_again,
    mark_delivered,
    mark_failed,
    next_delivery,
    queue_deliveries,
    set_webhook,
    signature,
)
from ideas.spaces.audience import Audience, AudienceStage

DAY = timedelta(days=1)


@pytest.fixture
def host(session, alice, now):
    host = add_host(session, name="Portal", origin="https://app.example.org", by=alice, now=now)
    set_webhook(session, host, "https://app.example.org/hooks/ideas", by=alice, now=now)
    session.commit()
    return host


@pytest.fixture
def act(session, alice, now):
    """Something happens to a campaign."""

    def do(verb, campaign, at=now):
        record(session, verb, campaign, by=alice, campaign_id=campaign.id, now=at)
        session.commit()

    return do


@pytest.fixture
def delivery(session, campaign, host, act, now):
    act(Verb.OPENED, campaign)
    queue_deliveries(session, now=now)
    return session.scalars(select(WebhookDelivery)).one()


def test_the_address_is_one_of_the_application_itself(session, host, alice, now):
    ours = "https://app.example.org"
    for elsewhere in (
        "https://evil.example.org/", f"{ours}.evil.org/", ours, "http://app.example.org/", f"{ours}/#x",
        f"{ours}/{'a' * 600}",
    ):  # fmt: skip
        with pytest.raises(WebhookElsewhere):
            set_webhook(session, host, elsewhere, by=alice, now=now)


def test_events_of_campaigns_open_to_all_are_told_once_and_from_then_on(
    session, host, act, make_campaign, campaign, alice, now
):
    private, draft = make_campaign(audience=Audience.INVITED), make_campaign(announced_at=None)
    act(Verb.OPENED, campaign, now - DAY)
    for verb in (Verb.OPENED, Verb.EXTENDED, Verb.REMINDED):
        for one in (campaign, private, draft):
            act(verb, one)
    assert queue_deliveries(session, now=now) == 2
    assert queue_deliveries(session, now=now) is None
    found = session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()
    assert [one.event for one in found] == ["campaign.opened", "campaign.dates_changed"]
    said = json.loads(content_of(session, found[0], address="https://here/campaigns/1"))
    assert (said["event"], said["campaign"]["title"]) == ("campaign.opened", campaign.title)
    assert alice.name not in json.dumps(said)
    campaign.audience = Audience.INVITED
    session.flush()
    assert content_of(session, found[0], address="") is None, "no longer open to all"
    session.add(AudienceStage(campaign_id=campaign.id, number=1, audience=Audience.MEMBERS, opens_at=now - DAY))
    session.flush()
    assert content_of(session, found[0], address="") is not None, "a later stage has begun"
    set_webhook(session, host, "", by=alice, now=now)
    act(Verb.CLOSED, campaign)
    assert queue_deliveries(session, now=now) == 0


def test_a_failure_is_tried_again_for_a_day_and_a_half_then_by_hand(session, delivery, host, alice, now):
    at = now
    for attempt in range(1, MAX_ATTEMPTS):
        assert next_delivery(session, without=(), now=at) is delivery
        mark_failed(session, delivery, status=500, error="answered 500", now=at)
        assert delivery.next_attempt_at == at + FIRST_PAUSE * 2 ** (attempt - 1)
        assert next_delivery(session, without=(), now=at) is None
        at = delivery.next_attempt_at
    mark_failed(session, delivery, status=None, error="x" * 999, now=at)
    assert delivery.is_given_up
    assert DAY < at - now < 2 * DAY
    deliver_again(session, delivery, by=alice, now=at)
    assert next_delivery(session, without=(), now=at) is delivery
    assert next_delivery(session, without={host.id}, now=at) is None
    mark_delivered(session, delivery, status=204, now=at)
    with pytest.raises(AlreadyDelivered):
        deliver_again(session, delivery, by=alice, now=at)
    assert delete_old_deliveries(session, now=now + 9 * DAY, kept=30 * DAY) == 0
    assert delete_old_deliveries(session, now=now + 31 * DAY, kept=30 * DAY) == 1


def test_the_signature_holds_the_instant_and_the_content_and_goes_with_the_application(
    session, delivery, host, alice, now
):
    given = dict(part.split("=", 1) for part in signature(b"{}", secrets=["one"], now=now).split(","))
    signed = f"{int(now.timestamp())}.".encode() + b"{}"
    assert given == {"t": str(int(now.timestamp())), "v1": hmac.digest(b"one", signed, hashlib.sha256).hex()}
    assert signature(b"{}", secrets=["one", "two"], now=now).count("v1=") == 2
    remove_host(session, host, by=alice, now=now)
    session.expire_all()
    assert session.scalars(select(WebhookDelivery)).all() == []
