"""The worker answers over its socket which ideas mean the same; the web process asks it."""

import stat
import threading
import time

import numpy as np
import pytest
from sqlalchemy import select

from app.web import similar as asking
from app.web.similar import nearest_to, socket_file
from app.worker import similar_server
from app.worker.similar_index import Rows, SimilarIndex, mean_of
from app.worker.similar_server import SimilarServer
from clustering.vectors.encoders import embed_ideas, load_encoder
from ideas.campaigns.term import CampaignTerm, add_term
from ideas.contributions.withheld import Withheld


class Topics:
    """An encoder that knows two languages and three topics."""

    name = "topics"
    words = (("queue", "attente"), ("toys", "jouets"), ("parking", "stationnement"))

    def encode(self, texts, progress=None):  # noqa: ARG002 -- the protocol
        rows = [[1e-3, *(float(any(word in text.lower() for word in topic)) for topic in self.words)] for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


@pytest.fixture(autouse=True)
def in_the_application(app):
    with app.app_context():
        yield


@pytest.fixture
def index(session):
    return SimilarIndex(Topics)


def refresh(index):
    index.refresh(stopped=lambda: False)


@pytest.fixture
def vector():
    return lambda text: Topics().encode([text])[0]


def test_the_index_follows_what_is_new_changed_and_deleted(session, index, vector, campaign, make_idea, bob, now):
    queue, toys = make_idea(campaign, bob, "A shorter queue"), make_idea(campaign, bob, "Toys, please")
    hidden = make_idea(campaign, bob, "Hidden toys", withheld=Withheld.HIDDEN)
    assert index.nearest(campaign.id, vector("File d’attente")) is None  # not read yet
    refresh(index)
    assert index.nearest(campaign.id, vector("File d’attente")) == ([queue.id], [])
    assert index.nearest(campaign.id, vector("Jouets"))[0] == [hidden.id, toys.id]  # the page asks who sees which
    assert index.nearest(campaign.id, vector("Music"))[0] == []
    queue.body, queue.updated_at = "More parking", now.replace(year=now.year + 1)
    more = make_idea(campaign, bob, "The queue again")
    session.delete(toys)
    session.commit()
    refresh(index)
    assert index.nearest(campaign.id, vector("queue"))[0] == [more.id]
    assert index.nearest(campaign.id, vector("parking"))[0] == [queue.id]
    assert index.nearest(campaign.id, vector("toys"))[0] == [hidden.id]


def test_the_index_spells_out_the_glossary_of_the_campaign(
    session, index, vector, campaign, make_idea, alice, bob, now
):
    idea = make_idea(campaign, bob, "Un meilleur SAV")
    index.nearest(campaign.id, vector("queue"))
    refresh(index)
    assert index.nearest(campaign.id, vector("queue"))[0] == []
    add_term(session, campaign, abbreviation="SAV", meaning="file d’attente", by=alice, now=now)
    session.commit()
    refresh(index)
    assert index.nearest(campaign.id, vector("queue"))[0] == [idea.id]
    assert index.glossary(campaign.id) == {"SAV": "file d’attente"}
    # Stopped while it reads them anew, then the glossary is as it was: it is read all the same.
    term = session.scalars(select(CampaignTerm)).one()
    for meaning, stopped in (("jouets", True), ("file d’attente", True), ("file d’attente", False)):
        term.meaning = meaning
        session.commit()
        index.refresh(stopped=lambda stops=stopped: stops)
    assert index.nearest(campaign.id, vector("queue"))[0] == [idea.id]


def test_answered_themes_are_found_by_what_their_ideas_say(
    session, index, vector, make_campaign, make_theme, make_idea, give_answer, bob, now
):
    earlier, today = make_campaign(debriefed_at=now), make_campaign()
    theme = make_theme(earlier, "Jouets")
    theme.exemplars = [make_idea(earlier, bob, "Toys for all").id]
    give_answer(theme)
    index.nearest(today.id, vector("toys"))
    refresh(index)
    assert index.nearest(today.id, vector("toys")) == ([], [theme.id])


@pytest.mark.one_database
def test_many_changes_leave_no_dead_rows_behind():
    rows = Rows()
    for _ in range(4):
        rows.put([1, 2], np.eye(2, dtype=np.float32))
    assert len(rows) <= 4
    assert rows.nearest(np.array([0.0, 1.0], dtype=np.float32), 5) == [2]
    rows.drop([2])
    assert rows.nearest(np.array([0.0, 1.0], dtype=np.float32), 5) == []


@pytest.mark.one_database
def test_a_page_is_answered_over_a_private_socket_and_not_kept_waiting(
    app, session, campaign, make_idea, bob, monkeypatch
):
    idea = make_idea(campaign, bob, "A shorter queue")
    monkeypatch.setattr(similar_server, "REFRESH_SECONDS", 0.05)
    monkeypatch.setattr(asking, "DEADLINE_SECONDS", 1.0)
    stop, settings = threading.Event(), app.extensions["settings"]
    answers, ended = threading.Event(), []
    assert nearest_to("queue", campaign_id=campaign.id) is None  # no worker
    server = SimilarServer(app, stop, Topics())
    second = SimilarServer(app, stop, Topics())
    monkeypatch.setattr(server, "keep_fresh", lambda: None)
    threads = [threading.Thread(target=one.run) for one in (server, second)]
    threads[0].start()
    try:
        until = time.monotonic() + 5
        while not socket_file(settings).exists() and time.monotonic() < until:
            time.sleep(0.01)
        assert stat.S_IMODE(socket_file(settings).stat().st_mode) == 0o600
        threads[1].start()  # it waits: one answers
        assert nearest_to("queue", campaign_id=campaign.id) is None  # the campaign is not read yet
        server.index.refresh(stopped=lambda: False)
        assert nearest_to("file d’attente", campaign_id=campaign.id).ideas == (idea.id,)
        monkeypatch.setattr(Topics, "encode", lambda *_: ended.append(answers.wait(30)))
        monkeypatch.setattr(asking, "DEADLINE_SECONDS", 0.1)
        assert nearest_to("queue", campaign_id=campaign.id) is None
        assert ended == [], "it does not wait for the model"
    finally:
        answers.set()
        stop.set()
        for thread in threads:
            if thread.is_alive():
                thread.join()
    assert not socket_file(settings).exists()


@pytest.mark.model
@pytest.mark.one_database
def test_a_theme_is_near_the_same_theme_in_another_language(make_theme, make_campaign, give_answer, session, now):
    index, earlier = SimilarIndex(load_encoder), make_campaign(debriefed_at=now)
    carpooling, waiting = make_theme(earlier, "Carpooling to work"), make_theme(earlier, "Shorter queues at the desk")
    give_answer(carpooling)
    give_answer(waiting)
    asked = mean_of(embed_ideas(load_encoder(), ["Covoiturage domicile-travail", "Des places pour les covoitureurs"]))
    index.near_themes(asked)
    refresh(index)
    assert index.near_themes(asked) == [carpooling.id]


@pytest.mark.one_database
def test_a_long_path_has_an_address_too(tmp_path):
    long = tmp_path / ("long" * 30) / "similar.socket"
    long.parent.mkdir()
    with asking.address_of(long) as address:
        assert len(address) < asking.MAX_PATH_BYTES
