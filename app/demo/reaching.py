"""The mail of the demo: two addresses that take none, a mail that waits for its hour, a digest that will wait too. And
what waits for one person in another application, and how newcomers came back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.accounts.undeliverable import Undelivered, note_undeliverable
from ideas.activity.activity import Activity, Verb
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import add_comment
from ideas.contributions.idea import Idea
from ideas.outreach.follow import follow
from ideas.outreach.journey.sending import step_for
from ideas.outreach.journey.step import DAYS, JourneyStep, is_control
from ideas.outreach.journey.text import switch_journey
from ideas.outreach.limits.hours import choose_hours, zone_of
from ideas.outreach.notice import NoticeKind, write_notices
from ideas.people.person import Person
from ideas.spaces.space import Space

# The demo can be started at any hour: those who chose these days get no mail before.
DAYS_TO_WAIT = 3
EVENING = (18, 20)
# Of ten people, how many come back.
BACK_WITH, BACK_WITHOUT = 6, 4
_TOLD = (
    (NoticeKind.DEBRIEF_PUBLISHED, "debrief", Verb.PUBLISHED),
    (NoticeKind.ACTION_DONE, "action", Verb.COMPLETED),
)


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


def have_answers_wait(session: Session, campaign: Campaign, person: Person, *, today: datetime) -> None:
    """The person was told of the debrief and of an action that is done, and has not read it."""
    for kind, about, verb in _TOLD:
        here = (Activity.campaign_id == campaign.id) & (Activity.object_kind == about) & (Activity.verb == verb)
        act = session.scalars(select(Activity).where(here).order_by(Activity.id.desc()).limit(1)).first()
        if act is not None:
            write_notices(session, act, kind, [person.id], now=today)


def have_newcomers_come(session: Session, people: Mapping[str, Person], *, admin: Person, today: datetime) -> None:
    """Everyone came to those steps of newcomers that are behind them. Who came back after a message and who without is
    made up: by the number of the account, a little more often with one.
    """
    first = min(person.created_at for person in people.values())
    switch_journey(session, on=True, by=admin, now=first)
    for person in people.values():
        for days in DAYS:
            at, left_out = person.created_at + timedelta(days=days), is_control(person.id)
            if at > today:
                continue
            came_back = person.id % 10 < (BACK_WITHOUT if left_out else BACK_WITH)
            step = step_for(days, is_active=person.id % 2 == 0)
            back = at + timedelta(days=4) if came_back and at + timedelta(days=4) < today else None
            session.add(
                JourneyStep(
                    person_id=person.id, days=days, step=step, at=at, is_control=left_out, returned_at=back
                )
            )  # fmt: skip
    session.flush()


def have_people_follow(
    session: Session,
    facts: Mapping[str, Mapping[str, Any]],
    people: Mapping[str, Person],
    spaces: Mapping[str, Space],
    *,
    today: datetime,
) -> None:
    """Have people follow some ideas, by their titles, and spaces."""
    for key, followed in facts.items():
        by = people[key]
        ideas = session.scalars(select(Idea).where(Idea.title.in_(followed["ideas"])).order_by(Idea.id))
        for what in (*ideas, *(spaces[space] for space in followed["spaces"])):
            follow(session, what, by=by, now=today - timedelta(days=1))
