"""What the ideas that a search of the whole site found can be narrowed to: a campaign, a language, an answer, a field.

It is counted among the newest of them, as many as `MAX_COUNTED`, so that a search that finds very many stays fast.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from ideas.answers.decision import Decision, DecisionStatus
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind
from ideas.contributions.fields.counts import FieldFacet, FieldFilter, field_facets, gives
from ideas.contributions.idea import Idea
from ideas.people.person import Person
from ideas.search import MAX_COUNTED, Match, Query, newest_found
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme, theme_visible_to

MAX_CAMPAIGNS = 10  # that are listed, those with the most ideas


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Which ideas. `campaign`: one that the reader may see; `answer`: the answer to their main theme; `fields`: options
    of the campaign's form.
    """

    campaign: Campaign | None = None
    lang: str = ""
    answer: DecisionStatus | None = None
    fields: tuple[FieldFilter, ...] = ()

    def __bool__(self) -> bool:
        return self != Narrowed()


@dataclass(frozen=True, slots=True)
class SearchFacets:
    """How many of the ideas each choice would leave. `is_partial`: counted among the newest `MAX_COUNTED` alone."""

    campaigns: Sequence[tuple[Campaign, int]]
    langs: dict[str, int]
    answers: dict[DecisionStatus, int]
    fields: Sequence[FieldFacet]
    is_partial: bool


def narrows(chosen: Narrowed, reader: Person | None) -> ColumnElement[bool]:
    """SQL condition: the idea meets what was chosen. An answer that the reader may not see is none."""
    conditions: list[ColumnElement[bool]] = []
    if chosen.campaign is not None:
        conditions.append(Idea.campaign_id == chosen.campaign.id)
    if chosen.lang:
        conditions.append(Idea.lang == chosen.lang)
    if chosen.answer is not None:
        # Ideas of answered themes are read once, not looked up for each idea found: most answers are to few of them.
        answered = select(Decision.theme_id).where(Decision.status == chosen.answer, _is_shown(reader))
        conditions.append(Idea.id.in_(select(Placement.idea_id).where(Placement.theme_id.in_(answered))))
    if chosen.fields:
        conditions.append(gives(chosen.fields))
    return and_(True, *conditions)


def search_facets(
    session: Session,
    query: Query,
    match: Match,
    *,
    reader: Person | None,
    where: ColumnElement[bool],
    chosen: Narrowed,
) -> SearchFacets:
    """What a search that found ideas in this way can be narrowed to. A number of queries that only the choices change.

    `where`: the ideas that the reader may see. What is chosen already is counted without that choice: it shows what
    else could be chosen in its place. Of campaigns and languages, only where there are several.
    """
    known: dict[Any, Sequence[Any]] = {}

    def among(**left_out: Any) -> Sequence[Any]:
        """The newest ideas that would be found with these values: their ids, campaigns and languages."""
        other = replace(chosen, **left_out)
        key = (other.campaign.id if other.campaign else 0, other.lang, other.answer, other.fields)
        if key not in known:
            found = newest_found(session, Idea, query, match, where=where & narrows(other, reader), limit=MAX_COUNTED)
            rows = select(Idea.id, Idea.campaign_id, Idea.lang).where(Idea.id.in_(found))
            known[key] = session.execute(rows).all()
        return known[key]

    langs: dict[str, int] = Counter(row.lang for row in among(lang="") if row.lang)
    if chosen.lang:
        langs = langs | {chosen.lang: langs.get(chosen.lang, 0)}
    answers = _answers(session, [row.id for row in among(answer=None)], reader)
    if chosen.answer is not None:
        answers = answers | {chosen.answer: answers.get(chosen.answer, 0)}
    fields: Sequence[FieldFacet] = ()
    if chosen.campaign is not None:
        of_campaign = Idea.id.in_([row.id for row in among(fields=())])
        given = field_facets(session, chosen.campaign, where=of_campaign, filters=chosen.fields)
        fields = [one for one in given if one.field.kind is FieldKind.CHOICE and one.options]
    return SearchFacets(
        campaigns=_campaigns(session, among(campaign=None, fields=()), chosen.campaign),
        langs=dict(sorted(langs.items(), key=lambda one: (-one[1], one[0]))) if chosen.lang or len(langs) > 1 else {},
        answers=answers,
        fields=fields,
        is_partial=any(len(rows) == MAX_COUNTED for rows in known.values()),
    )


def _campaigns(session: Session, rows: Sequence[Any], chosen: Campaign | None) -> list[tuple[Campaign, int]]:
    counts = Counter(row.campaign_id for row in rows)
    ids = [number for number, _count in counts.most_common(MAX_CAMPAIGNS)]
    found = {one.id: one for one in session.scalars(select(Campaign).where(Campaign.id.in_(ids)))}
    if chosen is not None and chosen.id not in found:
        found[chosen.id] = chosen
        ids.append(chosen.id)
    return [(found[number], counts[number]) for number in ids] if chosen is not None or len(ids) > 1 else []


def _answers(session: Session, ids: Sequence[int], reader: Person | None) -> dict[DecisionStatus, int]:
    """How many of these ideas have each answer to their main theme, as far as the reader may see it."""
    pairs = select(Decision.status, func.count()).join(Placement, Placement.theme_id == Decision.theme_id)
    pairs = pairs.where(Placement.idea_id.in_(ids), _is_shown(reader)).group_by(Decision.status)
    counts = {row[0]: row[1] for row in session.execute(pairs)}
    return {status: counts[status] for status in DecisionStatus if status in counts}


def _is_shown(reader: Person | None) -> ColumnElement[bool]:
    """SQL condition on Decision: it is published, in a debrief that is, and the reader may read the themes."""
    debriefed = select(Campaign.id).where(Campaign.debriefed_at.is_not(None))
    themes = select(Theme.id).where(theme_visible_to(reader), Theme.campaign_id.in_(debriefed))
    return Decision.published_at.is_not(None) & Decision.theme_id.in_(themes)
