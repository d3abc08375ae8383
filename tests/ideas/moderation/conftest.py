import pytest

from ideas.moderation.report import report
from ideas.people.sanction import Reason


@pytest.fixture
def dana(make_person):
    """Reads, and reports."""
    return make_person("Dana")


@pytest.fixture
def review(session, campaign, idea, dana, now):
    """Charlie's idea, reported by Dana."""
    return report(session, campaign, idea, reason=Reason.INSULT, note="Rude", by=dana, now=now).review
