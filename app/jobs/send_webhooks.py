"""Tell other applications of the organisation what happens: one request for each event, tried again where it fails.

An application is given a few seconds. No other address is followed, and the text of an answer is not read.
"""

from collections.abc import Callable
from http.client import HTTPException
from time import monotonic
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from flask import current_app

from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.mail.address import address_of
from app.signing.keys import reading_keys
from ideas.outreach.hosts.host import secrets_of
from ideas.outreach.hosts.webhook import (
    WebhookDelivery,
    content_of,
    mark_delivered,
    mark_failed,
    next_delivery,
    queue_deliveries,
    signature,
)
from ideas.work.job import Job

# Of one turn: other short work waits meanwhile.
TURN_SECONDS = 20.0
REQUEST_SECONDS = 5
ACCEPTED = range(200, 300)
GONE = "not sent: the campaign is no longer open to all members"


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Another address may be anyone's: the status is the answer."""


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.worker.worker for the contract. It commits after each request, so that none is repeated."""
    session, queued, delivered = database(), 0, 0
    while (some := queue_deliveries(session, now=now())) is not None:
        queued += some
        session.commit()
    failing: set[int] = set()  # hosts that did not accept what they were sent: the others come first
    until = monotonic() + TURN_SECONDS
    while monotonic() < until:
        with reading(session):
            due = next_delivery(session, without=failing, now=now())
            about = (due.id, due.host_id) if due is not None else None
        if about is None:
            break
        if _deliver(about[0]):
            delivered += 1
        else:
            failing.add(about[1])
    return {"queued": queued, "delivered": delivered}


def _deliver(delivery_id: int) -> bool:
    """Send one, with no transaction open meanwhile. True where it was accepted."""
    session = database()
    with reading(session):
        delivery = session.get(WebhookDelivery, delivery_id)
        if delivery is None:
            return False
        address = address_of("campaign.show", campaign_id=delivery.activity.campaign_id or 0)
        content, to = content_of(session, delivery, address=address), delivery.host.webhook
        secrets = secrets_of(delivery.host, keys=reading_keys(), now=now())
    status, error = None, GONE
    if content is not None:
        status, error = _send(to, content, number=delivery_id, signed=signature(content, secrets=secrets, now=now()))
    delivery = session.get(WebhookDelivery, delivery_id)
    if delivery is None:  # its application was removed meanwhile
        return False
    if error:
        current_app.logger.warning("webhook %d was not delivered: %s", delivery_id, error)
        mark_failed(session, delivery, status=status, error=error, now=now(), for_good=content is None)
    else:
        mark_delivered(session, delivery, status=status or 0, now=now())
    session.commit()
    return not error


def _send(address: str, content: bytes, *, number: int, signed: str) -> tuple[int | None, str]:
    """Post the content. Returns the status, if an answer came, and what went wrong; "" where it was accepted."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Convergence",
        "X-Convergence-Delivery": str(number),
        "X-Convergence-Signature": signed,
    }
    request = Request(address, data=content, headers=headers, method="POST")  # noqa: S310 -- of a registered origin
    try:
        with build_opener(_NoRedirect).open(request, timeout=REQUEST_SECONDS) as answer:
            return answer.status, "" if answer.status in ACCEPTED else f"answered {answer.status}"
    except HTTPError as error:
        error.close()
        return error.code, f"answered {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        return None, f"{type(error).__name__}: {error}"
