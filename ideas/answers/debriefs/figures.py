"""The figures of a campaign, and who took part in it. The team counts in neither: it asked, it did not take part."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from ideas.answers.debriefs.quotes import quotations
from ideas.answers.decision import Decision, DecisionStatus
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, TeamMember
from ideas.contributions.authors.people import people_of
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable, is_submitted
from ideas.contributions.vote import Emotion, Reaction, Vote, merged_reactions, merged_votes
from ideas.desk.reading import has_been_read
from ideas.people.person import Person
from ideas.themes.theme import Theme


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a campaign.

    `people`: who wrote, commented, supported or reacted, each counted once. `without_author`: the imported ideas, whose
    authors have no account; a name that a file gives is no person. `decided`: the themes with an answer, not with a
    promised one. `read`: the ideas that someone of the team read as they are now.
    """

    people: int
    ideas: int
    without_author: int
    votes: int
    comments: int
    themes: int
    decided: int
    read: int = 0


MAX_TYPED = 20
# A number before a percent sign or before what a campaign counts, in the languages of the site.
_TYPED = re.compile(
    r"(?<![\w.,])\d{1,9}(?:[ \u00a0\u202f.,]\d{1,3}){0,3}[ \u00a0\u202f]?(?:%|(?:ideas?|idées?|people|persons?|"
    r"personnes?|participants?|participantes?|contributions?|votes?|soutiens?|supports?|comments?|commentaires?|themes?|thèmes?|"
    r"propositions?|proposals?)\b)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…](?=\s)|\n")

FIGURE_NAMES = tuple(Figures.__dataclass_fields__)


def figures(session: Session, campaign: Campaign) -> Figures:
    """The campaign's figures now."""
    counts = session.execute(_figures_query(), {"campaign_id": campaign.id}).mappings().one()
    found = {name: counts[name] for name in FIGURE_NAMES}
    return Figures(**found | {"votes": counts["votes"] + counts["merged_votes"]})


@cache  # building the query takes longer than running it
def _figures_query() -> Select[Any]:
    """The counts of the campaign `campaign_id`, in one query."""
    this: BindParameter[int] = bindparam("campaign_id")
    counted = (Idea.campaign_id == this) & is_submitted()
    of_theme = (Theme.campaign_id == this) & Theme.retired_at.is_(None)
    counts: dict[str, Select[Any]] = {
        "people": select(func.count()).select_from(took_part(Idea.campaign_id == this).subquery()),
        "ideas": select(func.count(Idea.id)).where(counted),
        "without_author": select(func.count(Idea.id)).where(counted, came_without_author()),
        "votes": select(func.count()).join_from(Vote, Idea, Idea.id == Vote.idea_id).where(counted),
        "merged_votes": select(func.count())
        .select_from(merged := merged_votes().subquery())
        .join(Idea, Idea.id == merged.c.idea_id)
        .where(counted),
        "comments": select(func.count())
        .join_from(Comment, Idea, Idea.id == Comment.idea_id)
        .where(Idea.campaign_id == this, is_readable(), is_shown()),
        "themes": select(func.count(Theme.id)).where(of_theme),
        "read": select(func.count(Idea.id)).where(counted, has_been_read()),
        "decided": select(func.count())
        .join_from(Decision, Theme, Theme.id == Decision.theme_id)
        .where(of_theme, Decision.status != DecisionStatus.PENDING),
    }
    return select(*(count.scalar_subquery().label(name) for name, count in counts.items()))


def emotions_in(session: Session, campaign: Campaign) -> dict[Emotion, int]:
    """The reactions to the campaign's ideas, in the order of Emotion, without zeros. One query.

    One of each person and idea, in however many themes the idea counts, and in none.
    """
    counts = {row.emotion: row.times for row in session.execute(_emotions_query(), {"campaign_id": campaign.id})}
    return {emotion: counts[emotion] for emotion in Emotion if emotion in counts}


@cache  # building the query takes longer than running it
def _emotions_query() -> Select[Emotion, int]:
    merged = merged_reactions().subquery()
    counted = (Idea.campaign_id == bindparam("campaign_id")) & is_submitted()
    felt = union_all(
        select(Reaction.emotion).join(Idea, Idea.id == Reaction.idea_id).where(counted),
        select(merged.c.emotion).join(Idea, Idea.id == merged.c.idea_id).where(counted),
    ).subquery()
    return select(felt.c.emotion, func.count().label("times")).group_by(felt.c.emotion)


@dataclass(frozen=True, slots=True)
class Turnout:
    """Ideas and people of a campaign, for its card. Counted as in `figures`."""

    ideas: int = 0
    people: int = 0
    without_author: int = 0


def turnouts(session: Session, campaigns: Sequence[Campaign]) -> dict[int, Turnout]:
    """The turnout of each of these campaigns by campaign id, in two queries."""
    ids = [campaign.id for campaign in campaigns]
    people = took_part(Idea.campaign_id.in_(ids)).subquery()
    per_campaign = session.execute(select(people.c.campaign_id, func.count()).group_by(people.c.campaign_id))
    accounts = {campaign_id: count for campaign_id, count in per_campaign}  # noqa: C416 -- dict() would take rows by their keys
    written = session.execute(
        select(Idea.campaign_id, func.count(), func.sum(case((came_without_author(), 1), else_=0)))
        .where(is_submitted() & Idea.campaign_id.in_(ids))
        .group_by(Idea.campaign_id)
    )
    found = {campaign_id: Turnout(people=accounts.get(campaign_id, 0)) for campaign_id in ids}
    for campaign_id, ideas, without_author in written:
        found[campaign_id] = Turnout(ideas, accounts.get(campaign_id, 0), without_author)
    return found


def came_without_author() -> ColumnElement[bool]:
    """SQL condition: a file brought the idea, and its author has no account."""
    return Idea.author_id.is_(None) & ~Idea.is_anonymous & Idea.written_by_id.is_(None)


def contributors(session: Session, campaign: Campaign) -> Sequence[Person]:
    """Everyone with an account who wrote, commented, supported or reacted, without the team, by name."""
    people = took_part(Idea.campaign_id == campaign.id).subquery()
    return session.scalars(
        select(Person).where(Person.id.in_(select(people.c.person_id))).order_by(Person.name, Person.id)
    ).all()


def contributor_ids(session: Session, campaign_id: int) -> Sequence[int]:
    """The ids of the `contributors`, in no order: for many people at once."""
    return session.scalars(select(took_part(Idea.campaign_id == campaign_id).subquery().c.person_id)).all()


def took_part(of_campaigns: ColumnElement[bool], *, before: datetime | None = None) -> Select[int, int]:
    """The accounts that wrote, commented, supported or reacted, without the team: each once per campaign.

    Also those who did so for an idea that is merged into another. `before`: only those who did so before this instant.
    """
    counted = of_campaigns & is_readable()

    def early(at: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return at < before if before is not None else true()

    acts = union(
        people_of(counted, Idea.campaign_id, before=before),
        *(
            select(Idea.campaign_id, person_id.label("person_id")).join(Idea, Idea.id == idea_id).where(counted, *also)
            for idea_id, person_id, also in (
                (Comment.idea_id, Comment.author_id, (is_shown(), early(Comment.created_at))),
                (Vote.idea_id, Vote.person_id, (early(Vote.created_at),)),
                (Reaction.idea_id, Reaction.person_id, (early(Reaction.created_at),)),
            )
        ),
    ).subquery()
    in_team = and_(
        TeamMember.campaign_id == acts.c.campaign_id,
        TeamMember.person_id == acts.c.person_id,
        TeamMember.role != Role.PARTICIPANT,
    )
    return (
        select(acts.c.campaign_id, acts.c.person_id)
        .join(Campaign, Campaign.id == acts.c.campaign_id)
        .outerjoin(TeamMember, in_team)
        .where(TeamMember.id.is_(None), Campaign.owner_id != acts.c.person_id)
    )


def typed_figures(body: str) -> list[str]:
    """The sentences of a Markdown text with a figure of the campaign that was typed by hand, in their order, a few at
    most: nobody can check it, and it stays as it is. Not those of a quotation.
    """
    quoted = [(one.start, one.end) for one in quotations(body)]
    ends = [0, *(end.end() for end in _SENTENCE_END.finditer(body)), len(body)]
    found: dict[str, None] = {}
    for figure in _TYPED.finditer(body):
        if any(start <= figure.start() < end for start, end in quoted):
            continue
        place = bisect_right(ends, figure.start())
        found[body[ends[place - 1] : ends[min(place, len(ends) - 1)]].strip()] = None
    return list(found)[:MAX_TYPED]
