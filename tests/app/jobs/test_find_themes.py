"""What a grouping passes to the pipeline."""

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
        return run_result().found

    monkeypatch.setattr(job, "find_themes", find)
    return found


@pytest.mark.parametrize(
    ("challenge", "lang"),
    [
        ("Que changeriez-vous dans les bus de la ville ?", "fr"),
        ("What would you change in the buses of our town?", "en"),
        ("Bus 2030", None),
    ],
)
def test_themes_are_named_in_the_language_of_the_campaign(app, session, closed_campaign, asked, challenge, lang):
    closed_campaign.challenge, closed_campaign.brief = challenge, ""
    session.commit()
    with app.app_context():
        job.group_ideas(database(), closed_campaign.id)
    assert asked["lang"] == lang
