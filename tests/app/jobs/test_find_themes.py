"""What a grouping passes to the pipeline."""

from dataclasses import replace

import pytest

from app.extensions import database
from app.jobs import find_themes as job
from tests.runs import run_result


@pytest.fixture
def asked(monkeypatch):
    """What the pipeline was asked with; it finds nothing."""
    found = {}

    def find(texts, **facts):
        found.update(facts, texts=texts)
        return replace(run_result().found, renamed=facts["namer"] is not None)

    monkeypatch.setattr(job, "find_themes", find)
    return found


@pytest.mark.parametrize(
    ("challenge", "lang"),
    [
        ("Que changeriez-vous dans les bus de la ville ?", "fr"),
        ("What would you change in the buses of our town?", "en"),
        ("Was sollte sich an den Bussen unserer Stadt ändern?", "de"),
        ("¿Qué cambiaría usted en los autobuses de nuestra ciudad?", "es"),
        ("Bus 2030", None),
    ],
)
def test_themes_are_named_in_the_language_of_the_campaign(app, session, closed_campaign, asked, challenge, lang):
    closed_campaign.challenge, closed_campaign.brief = challenge, ""
    session.commit()
    with app.app_context():
        job.group_ideas(database(), closed_campaign.id)
    assert asked["lang"] == lang


def test_a_run_says_which_language_model_named_its_themes(app, session, closed_campaign, asked):
    def named_by():
        with app.app_context():
            return job.group_ideas(database(), closed_campaign.id).namer

    assert named_by() == ""
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, namer_url="http://127.0.0.1:9/v1", namer_model="small-chat")
    assert named_by() == "small-chat"


def test_the_language_that_people_chose_goes_before_the_one_of_the_question(app, session, closed_campaign, asked):
    closed_campaign.challenge, closed_campaign.lang = "What would you change in the buses of our town?", "de"
    session.commit()
    with app.app_context():
        job.group_ideas(database(), closed_campaign.id)
    assert asked["lang"] == "de"
