"""The answers of the demo to the themes that the pipeline finds, and what came of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo.filling import add_milestones, go_on
from ideas.answers.action import abandon_action, actions_on, commit_to, report_progress
from ideas.answers.decision import DecisionStatus, decide, decision_on
from ideas.answers.single.idea_answer import answer_idea
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme


def theme_about(session: Session, ideas: Sequence[Idea]) -> Theme | None:
    """The theme that an answer to these ideas fits: most of its ideas are among them. None if there is no such theme.

    So an answer never stands beside ideas that it is not about, whatever themes a run finds and however it names them.
    At most one answer fits a theme; of several themes, the one with most of the ideas.
    """
    placed = Counter(
        session.scalars(
            select(Placement.theme_id).where(
                Placement.idea_id.in_([idea.id for idea in ideas]), Placement.theme_id.is_not(None)
            )
        )
    )
    for theme_id, count in sorted(placed.items(), key=lambda item: (-item[1], item[0])):
        size = session.scalar(select(func.count()).where(Placement.theme_id == theme_id)) or 0
        if 2 * count > size:
            return session.get_one(Theme, theme_id)
    return None


def decide_on(
    session: Session, theme: Theme, answer: dict[str, Any], people: dict[str, Person], today: datetime
) -> None:
    """Answer a theme before the debrief, with its actions; or only promise the answer, where it comes later."""
    campaign = theme.campaign
    decided_at = min(today, (campaign.closes_at or today) + timedelta(days=5))
    if late := answer.get("late"):
        decide(
            session,
            theme,
            status=DecisionStatus.PENDING,
            reason="",
            respondent=people[answer["respondent"]],
            decided_on=decided_at.date(),
            expected_on=(today - timedelta(days=late["promised_days_ago"])).date(),
            by=campaign.owner,
            now=decided_at,
        )
        return
    decision = decide(
        session,
        theme,
        status=DecisionStatus(answer["status"]),
        reason=answer["reason"],
        respondent=people[answer["respondent"]],
        decided_on=decided_at.date(),
        community_impact=answer.get("community_impact", ""),
        by=campaign.owner,
        now=decided_at,
    )
    for planned in answer["actions"]:
        action = commit_to(
            session,
            decision,
            title=planned["title"],
            impact=planned["impact"],
            owner=people[planned["owner"]],
            due_on=(today + timedelta(days=planned["due_in_days"])).date(),
            by=campaign.owner,
            now=decided_at,
        )
        add_milestones(session, action, planned.get("milestones", ()), now=decided_at, today=today)


def answer_alone(
    session: Session,
    campaign: Campaign,
    answers: Sequence[dict[str, Any]],
    *,
    ideas: dict[str, Idea],
    people: dict[str, Person],
    today: datetime,
) -> None:
    """Answer single ideas, when the themes are answered."""
    at = min(today, (campaign.closes_at or today) + timedelta(days=5))
    for one in answers:
        answer_idea(
            session,
            ideas[one["idea"]],
            status=DecisionStatus(one["status"]),
            reason=one["reason"],
            respondent=people[one["respondent"]],
            decided_on=at.date(),
            by=campaign.owner,
            now=at,
        )


def follow_up(
    session: Session, theme: Theme, answer: dict[str, Any], people: dict[str, Person], today: datetime
) -> None:
    """What came after the debrief: progress on actions, an action abandoned, an answer changed, one that was late."""
    if late := answer.get("late"):
        _decide_again(session, theme, answer, answer | late, people, today)
    decision = decision_on(session, theme)
    actions = {action.title: action for action in actions_on(session, decision)} if decision else {}
    for planned in answer["actions"]:
        action = actions[planned["title"]]
        if abandoned := planned.get("abandoned"):
            abandoned_at = today - timedelta(days=abandoned["days_ago"])
            abandon_action(session, action, reason=abandoned["reason"], by=action.owner, now=abandoned_at)
        elif "milestones" in planned:
            go_on(session, action, planned, today=today)
        else:
            reported_at = min(today, today + timedelta(days=planned["due_in_days"]))
            report_progress(session, action, progress=planned["progress"], by=action.owner, now=reported_at)
    if update := answer.get("update"):
        _decide_again(session, theme, answer, update, people, today)


def _decide_again(
    session: Session,
    theme: Theme,
    answer: dict[str, Any],
    given: dict[str, Any],
    people: dict[str, Person],
    today: datetime,
) -> None:
    """Change a published answer, or give one that was promised, some days ago."""
    at = today - timedelta(days=given["days_ago"])
    decide(
        session,
        theme,
        status=DecisionStatus(given["status"]),
        reason=given["reason"],
        respondent=people[answer["respondent"]],
        decided_on=at.date(),
        community_impact=given.get("community_impact"),
        change_reason=given["change_reason"],
        by=theme.campaign.owner,
        now=at,
    )
