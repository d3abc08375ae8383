"""The model is missing, or takes half a minute: nobody who writes waits for it, and the page says how it looked."""

import socket
import threading
import time

import pytest

from app.web.similar import address_of, socket_file
from ideas.contributions.idea import Idea

pytestmark = pytest.mark.one_database
SECONDS = 30
TEXT = {"title": "", "body": "Toys in the waiting room, for children"}


@pytest.fixture(params=["missing", "slow"])
def model(request, app):
    """No worker answers; or one takes each question, and keeps its answer for half a minute."""
    path = socket_file(app.extensions["settings"])
    if request.param == "missing":
        yield []
        return
    asked, stop = [], threading.Event()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, address_of(path) as address:
        listener.bind(address)
        listener.listen()

        def answer():
            while not stop.is_set():
                connection, _ = listener.accept()
                with connection:
                    asked.append(connection.recv(4_096))
                    stop.wait(SECONDS)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield asked
        stop.set()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
            last.connect(address)
        thread.join(5)
    path.unlink()


def test_a_text_is_sent_within_a_second_and_similar_ideas_are_found_by_words(
    signed_in, session, campaign, make_idea, bob, charlie, model
):
    other, browser = make_idea(campaign, bob, "Children need toys in the waiting room"), signed_in(charlie)
    ideas = f"/campaigns/{campaign.id}/ideas"
    began = time.monotonic()
    similar = browser.post(f"{ideas}/similar", data=TEXT, headers={"HX-Request": "true"})
    sent = browser.post(f"{ideas}/new", data=TEXT)
    assert time.monotonic() - began < 1
    assert other.body in similar.text
    assert "found by their words" in similar.text
    assert sent.status_code == 303
    assert session.query(Idea).filter_by(author_id=charlie.id).one().submitted_at is not None
    assert all(b"Toys in the waiting room" in question for question in model)
