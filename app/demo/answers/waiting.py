"""What waits in the demo: an answer for a second person of the team, and a debrief for the hour of its publication."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.answers.deciding import decide_on, theme_about
from app.demo.spaces import load_campaign
from app.jobs.find_themes import group_ideas
from ideas.answers.debriefs.debrief import write_debrief
from ideas.answers.decision import DecisionStatus, decision_on, promise_answers, unanswered
from ideas.answers.scheduled import confirmed_stamp, schedule_publication
from ideas.answers.second_person import ask_for_second_person, propose_answer
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, submitted_ideas
from ideas.people.person import Person
from ideas.spaces.space import Space
from ideas.themes.edits.edit import gather_theme
from ideas.themes.theme import Theme


def have_a_second_person_approve(
    session: Session,
    campaign: Campaign,
    facts: Mapping[str, Any] | None,
    answered: Sequence[tuple[Theme, Mapping[str, Any]]],
    people: Mapping[str, Person],
    *,
    today: datetime,
) -> None:
    """The owner asks that a second person approves answers; since then, one that somebody changed waits for that.

    Nothing without facts: other campaigns publish their answers at once.
    """
    if facts is None:
        return
    asked_at = today - timedelta(days=facts["days_ago"])
    ask_for_second_person(session, campaign, asked=True, by=campaign.owner, now=asked_at)
    for theme, answer in answered:
        decision = decision_on(session, theme)
        if decision is None or not (proposal := answer.get("proposal")):
            continue
        at = today - timedelta(days=proposal["days_ago"])
        propose_answer(
            session,
            theme,
            status=DecisionStatus(proposal["status"]),
            reason=proposal["reason"],
            respondent=people[answer["respondent"]],
            decided_on=at.date(),
            change_reason=proposal["change_reason"],
            by=people[proposal["by"]],
            now=at,
            seen=decision.version,
        )


def schedule_a_debrief(
    session: Session,
    facts: Mapping[str, Any],
    people: Mapping[str, Person],
    spaces: Mapping[str, Space],
    *,
    portrait: Callable[[Campaign, datetime], None],
    today: datetime,
) -> None:
    """A small campaign that is over: its themes have answers, and its debrief is published by itself tomorrow."""
    campaign = load_campaign(session, facts, people, spaces, portrait, today)
    session.commit()  # the pipeline holds no transaction while it computes
    group_ideas(session, campaign.id)
    at = today - timedelta(days=1)
    for answer in facts["decisions"]:
        decide_on(session, _theme(session, campaign, answer, now=at), answer, dict(people), today)
    by = campaign.owner
    dates = {theme.id: (today + timedelta(days=30)).date() for theme in unanswered(session, campaign, by=by, now=today)}
    promise_answers(session, campaign, dates=dates, by=by, now=today)
    debrief = write_debrief(session, campaign, body=facts["debrief"], by=by, now=at)
    authors = select(Idea.author_id).where(Idea.campaign_id == campaign.id).distinct()
    schedule_publication(
        session,
        debrief,
        publish_at=(today + timedelta(days=facts["published_in_days"])).replace(minute=0, second=0, microsecond=0),
        seen=confirmed_stamp(session, campaign),
        told=len(session.scalars(authors).all()),
        by=by,
        now=today,
    )


def _theme(session: Session, campaign: Campaign, answer: Mapping[str, Any], *, now: datetime) -> Theme:
    """The theme that the answer fits, or one that the team makes of its ideas: the pipeline sees little in so few."""
    ideas = [idea for idea in session.scalars(submitted_ideas(campaign)) if idea.title in answer["about"]]
    found = theme_about(session, ideas)
    if found is None:
        name, by = answer["theme"], campaign.owner
        edit = gather_theme(session, campaign, idea_ids=[idea.id for idea in ideas], name=name, by=by, now=now)
        found = session.scalars(select(Theme).where(Theme.campaign_id == campaign.id).order_by(Theme.id.desc())).first()
        assert found is not None, edit.id  # noqa: S101 -- it was made just now
    return found
