"""What the team of a demo campaign asked authors, and their answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ideas.contributions.idea import Idea
from ideas.contributions.talk.clarification import answer_clarification, ask_author
from ideas.people.person import Person


def ask_authors(
    session: Session,
    asked: Sequence[Mapping[str, Any]],
    *,
    ideas: Mapping[str, Idea],
    people: Mapping[str, Person],
    today: datetime,
) -> None:
    """Each about one idea; without an answer, it waits for one."""
    for one in asked:
        idea, at = ideas[one["idea"]], today - timedelta(days=one["days_ago"])
        made = ask_author(session, idea, question=one["question"], by=idea.campaign.owner, now=at)
        if answer := one.get("answer"):
            author, later = people[one["by"]], at + timedelta(hours=5)
            answer_clarification(session, made, answer=answer, shown=one["shown"], by=author, now=later)
