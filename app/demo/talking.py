"""What the demo community says about ideas: comments, replies, questions to the team, comments of the month."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ideas.contributions.comment import Comment, add_comment
from ideas.contributions.idea import Idea
from ideas.contributions.talk.pinned import pin_comment
from ideas.people.person import Person


def talk_about(
    session: Session,
    idea: Idea,
    said: Mapping[str, Any],
    *,
    people: Mapping[str, Person],
    when: Callable[[float], datetime],
) -> None:
    """Write the comments of the facts on an idea, each with its replies. `when`: the instant of a day of the facts."""
    for facts in said.get("comments", ()):
        comment = _say(session, idea, facts, None, people=people, when=when)
        for answer in facts.get("replies", ()):
            _say(session, idea, answer, comment, people=people, when=when)


def _say(
    session: Session,
    idea: Idea,
    facts: Mapping[str, Any],
    reply_to: Comment | None,
    *,
    people: Mapping[str, Person],
    when: Callable[[float], datetime],
) -> Comment:
    at = when(facts["day"])
    comment = add_comment(
        session, idea,
        author=people[facts["by"]], body=facts["body"], now=at,
        reply_to=reply_to, is_question=facts.get("question", False),
    )  # fmt: skip
    if facts.get("pinned"):
        pin_comment(session, idea.campaign, comment, by=idea.campaign.owner, now=at)
    return comment
