"""Imports of files, as a browser sends them and a worker carries them out."""

import io

import pytest

from app.worker.worker import run_next
from ideas.work.job import Queue


@pytest.fixture
def carry_out(app, session):
    """The worker carries out what is queued."""

    def work() -> None:
        with app.app_context():
            while run_next(queues=[Queue.QUICK]):
                pass
        session.expire_all()

    return work


@pytest.fixture
def send(signed_in, alice, campaign, carry_out):
    """Alice sends a file; the answer follows to the choice of columns when it is taken. A worker does what is asked."""
    browser = signed_in(alice)
    post = browser.post

    def post_and_work(*arguments, **named):
        answer = post(*arguments, **named)
        carry_out()
        return answer

    browser.post = post_and_work

    def send(content: bytes, name: str = "ideas.csv"):
        return browser.post(
            f"/campaigns/{campaign.id}/import",
            data={"file": (io.BytesIO(content), name)},
            follow_redirects=True,
        )

    send.browser = browser
    return send
