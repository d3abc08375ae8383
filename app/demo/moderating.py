"""What moderators did in the demo: an idea is hidden and its author warned, another one waits, two are merged, one is
reworded, one is split.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.moderation.acts.merge import merge_ideas
from ideas.moderation.acts.reword import reword
from ideas.moderation.acts.split import split_idea
from ideas.moderation.report import report
from ideas.moderation.review import hide, review_for
from ideas.moderation.sanctions import sanction_person
from ideas.people.person import Person
from ideas.people.sanction import Reason, SanctionKind


def moderate(
    session: Session,
    campaign: Campaign,
    facts: Mapping[str, Any],
    *,
    ideas: Mapping[str, Idea],
    people: Mapping[str, Person],
    today: datetime,
) -> None:
    """Submit an idea that is reported, hidden and answered with a warning; leave the report on another one open; merge
    two that say the same; submit one that is reworded, and one that is split. Then new accounts support one idea within
    minutes: nobody judged that yet.
    """
    broken, waiting = facts["hidden"], facts["reported"]
    moderator, author = people[facts["by"]], people[broken["author"]]
    idea, later = _submitted(session, campaign, broken, people=people, today=today)
    reason = Reason(broken["reason"])
    made = report(session, campaign, idea, reason=reason, note="", by=people[broken["reporter"]], now=later)
    hide(session, made.review, reason=reason, note=broken["note"], by=moderator, now=later + timedelta(hours=1))
    sanction_person(
        session, author, SanctionKind.WARNING,
        campaign=campaign, reason=reason, quote=idea.text, words=broken["warning"],
        by=moderator, now=later + timedelta(hours=1),
    )  # fmt: skip
    report(
        session, campaign, ideas[waiting["idea"]],
        reason=Reason(waiting["reason"]), note=waiting["note"], by=people[waiting["reporter"]],
        now=today - timedelta(hours=waiting["hours_ago"]),
    )  # fmt: skip
    same = facts["merged"]
    merge_ideas(
        session, ideas[same["idea"]], into=ideas[same["into"]],
        by=moderator, reason=same["reason"], now=today - timedelta(hours=same["hours_ago"]),
    )  # fmt: skip
    reworded, split = facts["reworded"], facts["split"]
    idea, later = _submitted(session, campaign, reworded, people=people, today=today)
    review = review_for(session, campaign, idea, by=moderator, now=later)
    reword(
        session, review,
        title=idea.title, body=reworded["instead"], reason=Reason(reworded["reason"]), note=reworded["note"],
        by=moderator, now=later,
    )  # fmt: skip
    idea, later = _submitted(session, campaign, split, people=people, today=today)
    split_idea(session, idea, part=split["part"], by=moderator, reason=split["reason"], now=later)
    burst = facts["burst"]
    supported, first = ideas[burst["idea"]], today - timedelta(hours=burst["hours_ago"])
    session.add_all(
        Vote(idea_id=supported.id, person_id=people[key].id, created_at=first + timedelta(seconds=80 * place))
        for place, key in enumerate(burst["by"])
    )
    session.flush()


def _submitted(
    session: Session, campaign: Campaign, said: Mapping[str, Any], *, people: Mapping[str, Person], today: datetime
) -> tuple[Idea, datetime]:
    """A French idea, and the instant two hours later at which a moderator reads it."""
    at = today - timedelta(days=said["days_ago"])
    idea = submit_idea(session, campaign, author=people[said["author"]], title=said["title"], body=said["body"], now=at)
    idea.lang = "fr"
    return idea, at + timedelta(hours=2)
