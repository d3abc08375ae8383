"""What the demo community says about ideas: comments, replies, questions to the team, comments of the month,
questions to authors, and authors who say “this is not what I meant”.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ideas.answers.debriefs.debrief import asked_themes
from ideas.answers.debriefs.objection import keep_placement, object_to
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment, add_comment
from ideas.contributions.idea import Idea
from ideas.contributions.talk.clarification import answer_clarification, ask_author
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


def talk_about_debrief(
    session: Session,
    campaign: Campaign,
    said: Sequence[Mapping[str, Any]],
    *,
    people: Mapping[str, Person],
    today: datetime,
) -> None:
    """Write the comments of the facts on the published debrief, each with its replies."""
    for facts in said:
        comment = None
        for one in (facts, *facts["replies"]):
            at = today - timedelta(days=one["days_ago"])
            written = add_comment(
                session, campaign, author=people[one["by"]], body=one["body"], now=at, reply_to=comment
            )
            comment = comment or written


def ask_authors(
    session: Session,
    asked: Sequence[Mapping[str, Any]],
    *,
    ideas: Mapping[str, Idea],
    people: Mapping[str, Person],
    today: datetime,
) -> None:
    """What the team asked authors, each about one idea; without an answer, it waits for one."""
    for one in asked:
        idea, at = ideas[one["idea"]], today - timedelta(days=one["days_ago"])
        made = ask_author(session, idea, question=one["question"], by=idea.campaign.owner, now=at)
        if answer := one.get("answer"):
            author, later = people[one["by"]], at + timedelta(hours=5)
            answer_clarification(session, made, answer=answer, shown=one["shown"], by=author, now=later)


def object_to_places(
    session: Session,
    said: Sequence[Mapping[str, Any]],
    *,
    ideas: Mapping[str, Idea],
    people: Mapping[str, Person],
    today: datetime,
) -> None:
    """Authors say that an idea is misplaced, in its theme or in none, once the debrief is public."""
    for one in said:
        idea, by = ideas[one["idea"]], people[one["by"]]
        themes = asked_themes(session, [idea]).get(idea.id, [])
        at = today - timedelta(days=one["days_ago"])
        theme_id = themes[0].theme.id if themes else None
        made = object_to(session, idea, theme_id=theme_id, reason=one["reason"], by=by, now=at)
        if answer := one.get("answer"):
            later = at + timedelta(days=1)
            keep_placement(session, made, answer=answer, by=idea.campaign.owner, now=later)


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
