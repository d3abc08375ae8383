"""Beside a theme: earlier answers to similar themes, by meaning where the worker answers, else by words."""

import threading
import time

import numpy as np

from app.web import similar as asking
from app.web.similar import socket_file, themes_near
from app.worker.similar_server import SimilarServer


class Topics:
    """An encoder that knows two topics in two languages."""

    name = "topics"
    words = (("toys", "jouets"), ("parking", "stationnement"))

    def encode(self, texts, progress=None):  # noqa: ARG002 -- the protocol
        rows = [[1e-3, *(float(any(word in text.lower() for word in topic)) for topic in self.words)] for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


def test_earlier_answers_are_found_by_meaning_and_where_nobody_answers_by_words(
    app, session, make_campaign, make_theme, make_idea, give_answer, signed_in, client, alice, bob, now, monkeypatch
):
    earlier, today = make_campaign(debriefed_at=now), make_campaign(debriefed_at=now)
    answered = make_theme(earlier, "Jouets")
    answered.exemplars = [make_idea(earlier, bob, "Des jouets pour tous").id]
    give_answer(answered)
    theme = make_theme(today, "Toys for children")
    session.commit()
    page, answer = (f"/campaigns/{today.id}/themes/{theme.id}{end}" for end in ("", "/decision"))
    monkeypatch.setattr(asking, "DEADLINE_SECONDS", 1.0)
    browser, stop = signed_in(alice), threading.Event()
    server = SimilarServer(app, stop, Topics())
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + 5
        while not socket_file(app.extensions["settings"]).exists() and time.monotonic() < until:
            time.sleep(0.01)
        with app.app_context():
            assert themes_near(["Toys"]) is None  # not read yet, and now asked for
            server.index.refresh(stopped=lambda: False)
            assert themes_near(["Toys", "More toys"]) == (answered.id,)
            assert themes_near(["Parking"]) == ()
        for found in (browser.get(page).text, browser.get(answer).text):
            assert "Earlier answers to similar themes" in found
            assert ">Jouets</a>" in found
            assert "search by meaning did not answer" not in found
    finally:
        stop.set()
        thread.join()
    assert "Earlier answers" not in browser.get(page).text  # no word in common
    theme.given_name = "Jouets"
    session.commit()
    for found in (browser.get(page).text, browser.get(answer).text):
        assert ">Jouets</a>" in found
        assert "search by meaning did not answer" in found
    # The worker is asked for the team alone; others read what has the same words, and no note.
    public = client.get(page).text
    assert "Earlier answers to similar themes" in public
    assert "search by meaning" not in public
