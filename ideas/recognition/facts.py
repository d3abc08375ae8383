"""What people did that counts for points, badges and standings: read from the tables of the acts, never stored again.

So it is right at once after a withdrawal, a merge, a moderator's decision, an undo or an erasure. Only what everyone
may read counts. Ideas that are merged count as one for each of their authors. The team of a campaign asks and does not
take part: what its members do there counts for nobody.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from ideas.answers.decision import Decision, DecisionStatus
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Role, TeamMember
from ideas.contributions.authors.anonymous import AnonymousAuthor, unsigned_by
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState, co_authored_by
from ideas.contributions.authors.writer import wrote
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, is_readable, is_submitted
from ideas.contributions.talk.mention import Mention
from ideas.contributions.talk.question import answered_at
from ideas.contributions.vote import Vote, merged_votes
from ideas.themes.passage import counted
from ideas.themes.theme import Theme

# The answers after which an idea counts as adopted.
ADOPTING = (DecisionStatus.ADOPTED, DecisionStatus.PLANNED, DecisionStatus.IN_PROGRESS, DecisionStatus.DONE)


class PointAct(StrEnum):
    """What gives points. Each has its query in `FACTS`."""

    IDEA = "idea"
    COMMENT = "comment"
    SUPPORT_GIVEN = "support_given"
    SUPPORT_RECEIVED = "support_received"
    ADOPTED = "adopted"
    QUESTION_ANSWERED = "question_answered"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which facts are asked for.

    `campaigns`: the id of one campaign, or a query of ids. `people`: of these alone: an id, some ids, or a query of
    ids. An id may be a parameter, and so may some where it expands, for queries that are built once. `since`: from this
    instant on; `until`: before this one. `unsigned`: also ideas that they sent anonymously, for nobody but themselves.
    """

    campaigns: int | BindParameter[Any] | Select[Any]
    people: int | Collection[int] | Select[Any] | BindParameter[Any] | None = None
    since: datetime | None = None
    until: datetime | None = None
    unsigned: bool = False

    def has_campaign(self, column: Any) -> ColumnElement[bool]:
        """SQL condition: the column names one of the campaigns."""
        within: ColumnElement[bool] = (
            column == self.campaigns if _is_one(self.campaigns) else column.in_(self.campaigns)
        )
        return within

    def conditions(self, person: Any, instant: Any) -> list[ColumnElement[bool]]:
        """SQL conditions: it is by one of the people, and not before the period."""
        found = self.has_person(person)
        found += [instant >= self.since] if self.since is not None else []
        return found + ([instant < self.until] if self.until is not None else [])

    def has_person(self, column: Any) -> list[ColumnElement[bool]]:
        """SQL conditions, none or one: the column names one of the people."""
        if self.people is None:
            return []
        return [column == self.people if _is_one(self.people) else column.in_(self.people)]


def _is_one(ids: Any) -> bool:
    return isinstance(ids, int) or (isinstance(ids, BindParameter) and not ids.expanding)


@cache
def _alias(model: Any, name: str) -> Any:
    """An alias, made once: its columns take longer to make than most of these queries to run."""
    return aliased(model, name=name)


def facts(scope: Scope, acts: Collection[PointAct] = tuple(PointAct)) -> CompoundSelect[Any]:
    """What was done: `campaign_id`, `person_id`, `act`, and `number`, how often. Several rows of one act may add up.

    With those of the campaign's team: see `not_of_team`.
    """
    parts = [
        part.add_columns(literal(act.value, String).label("act"), number.label("number"))
        for act in acts
        for part, number in [*FACTS[act](scope), *(UNSIGNED.get(act, _none)(scope) if scope.unsigned else ())]
    ]
    return union_all(*parts)


def weighed(
    scope: Scope, acts: Collection[PointAct], each: Callable[[PointAct], Any], worth: CTE | None = None
) -> CompoundSelect[Any]:
    """As `facts`, but for all acts together: `campaign_id`, `person_id`, `points`.

    `each`: what an act gives, a number or SQL; `worth`: the table that it is a column of, with the `id` of each
    campaign. Points are whole numbers of the same type in all parts: PostgreSQL then reads them as one list, and adds
    them up in a third of the time.
    """
    parts = []
    for act in acts:
        for part, number in FACTS[act](scope):
            if worth is None:
                parts.append(part.add_columns((number * each(act)).label("points")))
                continue
            done = part.add_columns(number.label("number")).subquery()
            points = (done.c.number * each(act)).label("points")
            parts.append(
                select(done.c.campaign_id, done.c.person_id, points).join(worth, worth.c.id == done.c.campaign_id)
            )
    return union_all(*parts)


def mentions(scope: Scope) -> Select[int, int]:
    """By how many others each person was named in comments: `person_id`, `points`. Who names may be of the team."""
    return (
        select(Mention.person_id, _number(Comment.author_id.distinct()).label("points"))
        .join(Comment, Comment.id == Mention.comment_id)
        .join(Idea, Idea.id == Comment.idea_id)
        .where(
            scope.has_campaign(Idea.campaign_id),
            is_readable(),
            is_shown(),
            Comment.author_id != Mention.person_id,
            *scope.conditions(Mention.person_id, Comment.created_at),
            not_of_team(scope, Idea.campaign_id, Mention.person_id),
        )
        .group_by(Mention.person_id)
    )


def _number(*of: Any) -> ColumnElement[int]:
    """SQL: how many, in the type of the other numbers: see `weighed`."""
    return cast(func.count(*of), Integer)


def not_of_team(scope: Scope, campaign: Any, person: Any) -> ColumnElement[bool]:
    """SQL condition: in this campaign the person is not of the team, and was not. `figures` counts in the same way."""
    held = select(TeamMember.campaign_id, TeamMember.person_id).where(
        scope.has_campaign(TeamMember.campaign_id), TeamMember.role != Role.PARTICIPANT
    )
    owned = select(Campaign.id, Campaign.owner_id).where(scope.has_campaign(Campaign.id))
    if _is_one(scope.campaigns):  # a list of a few numbers is looked up faster than pairs
        team = union_all(held.with_only_columns(TeamMember.person_id), owned.with_only_columns(Campaign.owner_id))
        alone: ColumnElement[bool] = person.not_in(team)
        return alone
    return tuple_(campaign, person).not_in(union_all(held, owned))


def writes(idea: Any) -> ColumnElement[bool]:
    """SQL condition: the row names one author of one idea that counts, alone or merged, and no other row names both.

    Of an author's ideas that are merged together, the kept one stands for all, else the oldest.
    """
    kept, other = _alias(Idea, "kept_idea"), _alias(Idea, "other_idea")
    again = exists().where(
        other.merged_into_id == idea.merged_into_id,
        other.author_id == idea.author_id,
        other.id < idea.id,
        is_readable(other),
    )
    on_kept = exists().where(kept.id == idea.merged_into_id, kept.author_id == idea.author_id)
    alone: ColumnElement[bool] = idea.merged_into_id.is_(None)
    found: ColumnElement[bool] = is_readable(idea) & idea.author_id.is_not(None) & or_(alone, and_(~again, ~on_kept))
    return found


def _supports(scope: Scope, *, unsigned: bool = False) -> list[tuple[Select[Any], Any, Any]]:
    """Each support that counts, with the kept idea as `Idea`: queries, each with who gave it and when.

    Those of merged ideas once for each person; none by an author of the same idea. `unsigned`: nor by the author of an
    anonymous one. What others read counts those, or it would tell by a point less whose idea it is.
    """
    here = scope.has_campaign(Idea.campaign_id) & is_submitted()
    direct = select(Idea.campaign_id).join_from(Vote, Idea, Idea.id == Vote.idea_id)
    more = merged_votes().add_columns(Vote.created_at.label("at")).subquery()
    merged = select(Idea.campaign_id).join_from(more, Idea, Idea.id == more.c.idea_id)
    return [
        (direct.where(here, ~is_author(Idea, Vote.person_id, unsigned=unsigned)), Vote.person_id, Vote.created_at),
        (merged.where(here, ~is_author(Idea, more.c.person_id, unsigned=unsigned)), more.c.person_id, more.c["at"]),
    ]


def is_author(kept: Any, person: Any, *, unsigned: bool = False) -> ColumnElement[bool]:
    """SQL condition: the person wrote the kept idea, alone or with others, or one that is merged into it.

    `unsigned`: also anonymously, for nobody but themselves.
    """
    part, any_part, any_joined = _alias(Idea, "part"), _alias(Idea, "any_part"), _alias(CoAuthor, "any_joined")
    # Most ideas have none merged into them: a look at the short list of those that have spares a look for each support.
    has_parts = kept.id.in_(select(any_part.merged_into_id).where(any_part.merged_into_id.is_not(None)))
    by_name = (part.author_id == person) | part.id.in_(co_authored_by(person))
    of_part = exists().where(part.merged_into_id == kept.id, wrote(part, person) if unsigned else by_name)
    joined = exists().where(
        CoAuthor.idea_id == kept.id, CoAuthor.person_id == person, CoAuthor.state == CoAuthorState.ACCEPTED
    )
    has_joined = kept.id.in_(select(any_joined.idea_id).where(any_joined.state == CoAuthorState.ACCEPTED))
    named = kept.author_id.is_not_distinct_from(person)
    found: ColumnElement[bool] = named | (has_parts & of_part) | (has_joined & joined)
    return found | kept.id.in_(unsigned_by(person)) if unsigned else found


def ideas_of(scope: Scope) -> Select[Any] | None:
    """The ids of the ideas that count for those of the people, whichever they are; None where all people are asked for.

    A query of one person's badges or points then reads their themes alone, and not those of all ideas.
    """
    if scope.people is None:
        return None
    kept_id = func.coalesce(Idea.merged_into_id, Idea.id)
    return select(kept_id).where(scope.has_campaign(Idea.campaign_id), *scope.has_person(Idea.author_id))


def adopted_ideas(scope: Scope, ideas: Select[Any] | None = None) -> Select[Any]:
    """The ideas that count in a theme whose published answer adopts it: `idea_id`, and `at`, since when.

    `ideas`: the ids of those that are asked for, where they are not those of `ideas_of`.
    """
    asked = ideas if ideas is not None else ideas_of(scope)
    pairs = counted(campaign_id=scope.campaigns, ideas=asked).subquery()
    return (
        select(pairs.c.idea_id, func.min(Decision.published_at).label("at"))
        .join(Theme, Theme.id == pairs.c.theme_id)
        .join(Decision, Decision.theme_id == Theme.id)
        .where(Theme.retired_at.is_(None), Decision.published_at.is_not(None), Decision.status.in_(ADOPTING))
        .group_by(pairs.c.idea_id)
    )


# Each returns queries of campaign and person, and how often a row counts.
_Facts = list[tuple[Any, ColumnElement[int]]]


def _ideas(scope: Scope) -> _Facts:
    found = select(Idea.campaign_id, Idea.author_id.label("person_id")).where(
        scope.has_campaign(Idea.campaign_id), writes(Idea), *scope.conditions(Idea.author_id, Idea.submitted_at)
    )
    return [(found, literal(1))]


def _comments(scope: Scope) -> _Facts:
    found = (
        select(Idea.campaign_id, Comment.author_id.label("person_id"))
        .join(Idea, Idea.id == Comment.idea_id)
        .where(
            scope.has_campaign(Idea.campaign_id),
            is_readable(),
            is_shown(),
            *scope.conditions(Comment.author_id, Comment.created_at),
        )
    )
    return [(found, literal(1))]


def _supports_given(scope: Scope) -> _Facts:
    return [
        (
            given.where(*scope.conditions(person, at)).with_only_columns(Idea.campaign_id, person.label("person_id")),
            literal(1),
        )
        for given, person, at in _supports(scope, unsigned=scope.unsigned)
    ]


def _supports_received(scope: Scope) -> _Facts:
    """For the author of the kept idea, and for those of the ideas merged into it."""
    part = _alias(Idea, "supported_part")
    found: _Facts = []
    for given, _person, at in _supports(scope):
        to_kept = given.where(Idea.author_id.is_not(None), *scope.conditions(Idea.author_id, at))
        to_parts = given.join(part, part.merged_into_id == Idea.id).where(
            writes(part), *scope.conditions(part.author_id, at)
        )
        for query, author in ((to_kept, Idea.author_id), (to_parts, part.author_id)):
            summed = query.with_only_columns(Idea.campaign_id, author.label("person_id"))
            found.append((summed.group_by(Idea.campaign_id, author), _number()))
    return found


def _adopted(scope: Scope) -> _Facts:
    adopted = adopted_ideas(scope).subquery()
    found = (
        select(Idea.campaign_id, Idea.author_id.label("person_id"))
        .join(adopted, adopted.c.idea_id == func.coalesce(Idea.merged_into_id, Idea.id))
        .where(scope.has_campaign(Idea.campaign_id), writes(Idea), *scope.conditions(Idea.author_id, adopted.c["at"]))
    )
    return [(found, literal(1))]


def _questions_answered(scope: Scope) -> _Facts:
    """For who asked the team, from its first answer on."""
    at = answered_at()
    found = (
        select(Idea.campaign_id, Comment.author_id.label("person_id"))
        .join(Idea, Idea.id == Comment.idea_id)
        .where(
            scope.has_campaign(Idea.campaign_id),
            Comment.is_question,
            is_readable(),
            is_shown(),
            at.is_not(None),
            *scope.conditions(Comment.author_id, at),
        )
    )
    return [(found, literal(1))]


# The queries of each act. An act that is added has one here, and its points in `points.DEFAULTS`.
FACTS: dict[PointAct, Callable[[Scope], _Facts]] = {
    PointAct.IDEA: _ideas,
    PointAct.COMMENT: _comments,
    PointAct.SUPPORT_GIVEN: _supports_given,
    PointAct.SUPPORT_RECEIVED: _supports_received,
    PointAct.ADOPTED: _adopted,
    PointAct.QUESTION_ANSWERED: _questions_answered,
}


# What people sent anonymously. These count for their own page alone, so they are in no other query.


def _none(_scope: Scope) -> _Facts:
    return []


def _unsigned(scope: Scope, *columns: Any) -> Select[Any]:
    """Campaign and author of each anonymous idea that counts, alone or merged, with these columns of it.

    As in `writes`, one idea stands for all of an author that are merged together. A named one comes first.
    """
    kept, other, own = _alias(Idea, "kept_idea"), _alias(Idea, "other_idea"), _alias(AnonymousAuthor, "own")
    here = AnonymousAuthor.person_id

    def hidden(idea: Any) -> ColumnElement[bool]:
        return exists().where(own.idea_id == idea.id, own.person_id == here)

    again = exists().where(
        other.merged_into_id == Idea.merged_into_id,
        (other.author_id == here) | (hidden(other) & (other.id < Idea.id)),
        is_readable(other),
    )
    on_kept = exists().where(kept.id == Idea.merged_into_id, (kept.author_id == here) | hidden(kept))
    return (
        select(Idea.campaign_id, here, *columns)
        .join(AnonymousAuthor, AnonymousAuthor.idea_id == Idea.id)
        .where(scope.has_campaign(Idea.campaign_id), is_readable(), ~again, ~on_kept, *scope.has_person(here))
    )


def _unsigned_ideas(scope: Scope) -> _Facts:
    return [(_unsigned(scope), literal(1))]


def _unsigned_supports(scope: Scope) -> _Facts:
    """Support of the idea that counts, for the author of an anonymous one that it is, or that is merged into it."""
    kept = _unsigned(scope, func.coalesce(Idea.merged_into_id, Idea.id).label("kept_id")).subquery()
    return [
        (
            given.join(kept, kept.c.kept_id == Idea.id)
            .where(person != kept.c.person_id)
            .with_only_columns(kept.c.campaign_id, kept.c.person_id)
            .group_by(kept.c.campaign_id, kept.c.person_id),
            _number(),
        )
        for given, person, _at in _supports(scope)
    ]


def _unsigned_adopted(scope: Scope) -> _Facts:
    kept_id = func.coalesce(Idea.merged_into_id, Idea.id)
    adopted = adopted_ideas(scope, ideas=_unsigned(scope).with_only_columns(kept_id)).subquery()
    return [(_unsigned(scope).join(adopted, adopted.c.idea_id == kept_id), literal(1))]


UNSIGNED: dict[PointAct, Callable[[Scope], _Facts]] = {
    PointAct.IDEA: _unsigned_ideas,
    PointAct.SUPPORT_RECEIVED: _unsigned_supports,
    PointAct.ADOPTED: _unsigned_adopted,
}
