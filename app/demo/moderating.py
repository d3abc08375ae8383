"""What moderators did in the demo: an idea is hidden and its author warned, another one waits, two are merged."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import Idea
from ideas.moderation.merge import merge_ideas
from ideas.moderation.report import report
from ideas.moderation.review import hide
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
    two that say the same.
    """
    broken, waiting = facts["hidden"], facts["reported"]
    moderator, author = people[facts["by"]], people[broken["author"]]
    at = today - timedelta(days=broken["days_ago"])
    idea = submit_idea(session, campaign, author=author, title=broken["title"], body=broken["body"], now=at)
    idea.lang = "fr"
    reason, later = Reason(broken["reason"]), at + timedelta(hours=5)
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
    session.flush()
