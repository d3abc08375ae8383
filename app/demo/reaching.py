"""The mail of the demo: two addresses that take none, a mail that waits for its hour, a digest that will wait too."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.accounts.undeliverable import Undelivered, note_undeliverable
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import add_comment
from ideas.contributions.idea import Idea
from ideas.outreach.limits.hours import choose_hours, zone_of
from ideas.people.person import Person

# The demo can be started at any hour: those who chose these days get no mail before.
DAYS_TO_WAIT = 3
EVENING = (18, 20)


def note_addresses(
    session: Session, facts: Mapping[str, Mapping[str, Any]], people: Mapping[str, Person], *, today: datetime
) -> None:
    """Note the addresses of these people, each for its reason, by an administrator or by no one: the mail server."""
    for key, said in facts.items():
        note_undeliverable(
            session, people[key].email,
            why=Undelivered(said["why"]), detail=said["detail"],
            by=people[said["by"]] if "by" in said else None, now=today - timedelta(days=said["days_ago"]),
        )  # fmt: skip


def have_mail_wait(
    session: Session, campaign: Campaign, facts: Mapping[str, Any], people: Mapping[str, Person], *, today: datetime
) -> None:
    """Two people choose an evening a few days from now; one of them gets a comment. The worker writes the mail of it,
    and the weekly digest of the other one.
    """
    for key in facts["people"]:
        day = (today + timedelta(days=DAYS_TO_WAIT)).astimezone(zone_of(people[key].timezone)).weekday()
        choose_hours(session, people[key], first=EVENING[0], last=EVENING[1], days={day})
    said = facts["comment"]
    idea = session.scalars(select(Idea).where(Idea.campaign_id == campaign.id, Idea.title == said["on"])).one()
    add_comment(session, idea, author=people[said["by"]], body=said["body"], now=today)
