import pytest

from ideas.contributions.comment import add_comment
from ideas.moderation.report import report
from ideas.people.sanction import Reason


@pytest.fixture
def dana(make_person):
    """Reads, and reports."""
    return make_person("Dana")


@pytest.fixture
def review(session, campaign, idea, dana, now):
    """Charlie's idea, reported by Dana."""
    made = report(session, campaign, idea, reason=Reason.INSULT, note="Rude", by=dana, now=now).review
    session.commit()
    return made


@pytest.fixture
def comment(session, idea, dana, now):
    """Dana's, on Charlie's idea."""
    made = add_comment(session, idea, author=dana, body="Call me, please.", now=now)
    made.body = "Call me: 06 12 34 56 78, please."  # kept knowingly
    session.commit()
    return made


@pytest.fixture
def moderator(signed_in, bob):
    """The browser of Bob, who facilitates."""
    return signed_in(bob)
