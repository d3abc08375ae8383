"""Pages keep what they wrote of a row. Whatever changes, they read as if they had kept nothing."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.web.pages import rendering
from ideas.answers.action import commit_to
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.decision import DecisionStatus
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.themes.runs.run import ThemeRun

pytestmark = [pytest.mark.slow, pytest.mark.one_database]

CHANGES = {
    "the title of an idea": lambda has: setattr(has["idea"], "title", "Another title"),
    "the text of an idea": lambda has: setattr(has["idea"], "body", "Un tout autre texte, et en français cette fois."),
    "the end of a long text": lambda has: setattr(has["long"], "body", has["long"].body + " The end."),
    "the language of an idea": lambda has: setattr(has["idea"], "lang", "es"),
    "the name of an author": lambda has: setattr(has["idea"].author, "name", "Zoe"),
    "a name that a file gave": lambda has: setattr(has["imported"], "author_name", "Somebody else"),
    "when it was submitted": lambda has: setattr(has["idea"], "submitted_at", has["now"] - timedelta(days=40)),
    "a comment": lambda has: has["add"](
        Comment(idea=has["idea"], author=has["bob"], body="Yes", created_at=has["now"])
    ),
    "a vote": lambda has: has["add"](Vote(idea_id=has["idea"].id, person_id=has["bob"].id, created_at=has["now"])),
    "a reaction": lambda has: has["add"](
        Reaction(idea_id=has["idea"].id, person_id=has["bob"].id, emotion=Emotion.JOY, created_at=has["now"])
    ),
    "an idea that is withdrawn": lambda has: setattr(has["idea"], "withdrawn_at", has["now"]),
    "the name of a theme": lambda has: setattr(has["theme"], "given_name", "Another name"),
    "the reason of an answer": lambda has: setattr(has["decision"], "reason", "Another reason."),
    "the status of an answer": lambda has: setattr(has["decision"], "status", DecisionStatus.DONE),
    "who answers": lambda has: setattr(has["decision"], "respondent", has["bob"]),
    "when it was decided": lambda has: setattr(has["decision"], "decided_on", has["now"].date() - timedelta(days=50)),
    "an answer since changed": lambda has: setattr(has["decision"], "updated_at", has["now"] + timedelta(days=1)),
    "the title of an action": lambda has: setattr(has["action"], "title", "Another title"),
    "the impact of an action": lambda has: setattr(has["action"], "impact", "Less paper"),
    "who carries an action": lambda has: setattr(has["action"], "owner", has["bob"]),
    "the progress of an action": lambda has: setattr(has["action"], "progress", 70),
    "an action that is done": lambda has: setattr(has["action"], "done_at", has["now"]),
    "an action that is abandoned": lambda has: (
        setattr(has["action"], "abandoned_at", has["now"]),
        setattr(has["action"], "abandoned_reason", "No money."),
    ),
    "the challenge in French": lambda has: (
        setattr(has["campaign"], "challenge", "Que pouvons-nous faire pour vous simplifier la vie ?"),
        setattr(has["campaign"], "brief", "Dites-nous ce qui vous gêne, et ce que nous devons changer pour vous."),
    ),
}


@pytest.fixture
def has(session, closed_campaign, make_theme, make_idea, give_answer, alice, bob, charlie, now):
    """A debriefed campaign with one of each thing that its pages keep."""
    theme = make_theme(closed_campaign, bodies=("One click to confirm.", "Two at most, " + 40 * "and never more. "))
    idea, long = session.scalars(select(Idea).order_by(Idea.id))
    imported = make_idea(closed_campaign, None, "From a file", author_name="Somebody")
    decision = give_answer(theme)
    action = commit_to(
        session, decision, title="Build it", impact="", owner=alice, due_on=now.date(), by=alice, now=now
    )
    decision.published_at = decision.updated_at
    closed_campaign.debriefed_at = now
    session.add(Debrief(campaign=closed_campaign, body="Thanks.", updated_at=now, published_at=now))
    session.add(
        ThemeRun(campaign_id=closed_campaign.id, model="test", created_at=now, applied_at=now, ideas=2, themes=1)
    )
    session.commit()
    return {
        "add": session.add, "action": action, "bob": bob, "campaign": closed_campaign, "decision": decision,
        "idea": idea, "imported": imported, "long": long, "now": now, "theme": theme,
    }  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_read_at_once(monkeypatch, client, signed_in, session, has, alice, charlie, change):
    monkeypatch.setattr(
        "app.web.pages.dates.now", lambda: has["now"] + timedelta(hours=1)
    )  # or a minute may pass meanwhile
    readers = [client, signed_in(alice), signed_in(charlie)]
    addresses = [f"/campaigns/{has['campaign'].id}/{page}" for page in ("ideas", "themes", "debrief")]
    assert "Build it" in _read(client, addresses[2])
    before = [_read(reader, address) for reader in readers for address in addresses]

    CHANGES[change](has)
    session.commit()
    shown = [_read(reader, address) for reader in readers for address in addresses]
    assert shown != before
    rendering.forget_pieces()
    assert shown == [_read(reader, address) for reader in readers for address in addresses]


def _read(reader, address):
    """The page without what differs at each request."""
    answer = reader.get(address)
    assert answer.status_code == 200
    return re.sub(r'name="(?:csrf_token|form_key)"[^>]*|nonce="[^"]*"|"X-CSRFToken"[^}]*', "", answer.text)
