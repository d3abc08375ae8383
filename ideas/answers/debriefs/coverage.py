"""What a debrief rests on: the ideas that its answers, the themes that it names and its quotations stand for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, not_, select
from sqlalchemy.orm import Session

from clustering.types import RESIDUE, Leftover
from ideas.answers.debriefs.blocks import BlockKind, parts_of
from ideas.answers.debriefs.debrief import debrief_of
from ideas.answers.debriefs.quotes import (
    Gone,
    Quotation,
    gone_ideas,
    may_quote,
    quotations,
    quoted_ideas,
    withheld_texts,
    without_withheld,
)
from ideas.answers.decision import decisions_in
from ideas.answers.single.idea_answer import answered_alone
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.passage import counted, counted_pairs
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme, active_themes

# Between these marks a single word is the name of a theme; elsewhere it may be a word of the sentence.
_OPENS = r"(?:(?<=\*)|(?<=[«“\"])|(?<=«[ \u00a0\u202f]))"
_CLOSES = r"(?=\*|[ \u00a0\u202f]?»|[”\"])"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a text stands for. `answered`: the ids of the active themes with an answer; `named`: those of the themes
    whose name is in the text, by where it is; `shown`: those of the themes that have a block of their own; `quoted`:
    the ids of the ideas that it quotes; `gone`: those that it quotes and that not everyone may read any more.
    """

    answered: frozenset[int] = frozenset()
    named: Mapping[tuple[int, int], int] = field(default_factory=dict)
    shown: frozenset[int] = frozenset()
    quotations: Sequence[Quotation] = ()
    quoted: Mapping[Quotation, int] = field(default_factory=dict)
    gone: Mapping[Quotation, Gone] = field(default_factory=dict)

    @property
    def themes(self) -> frozenset[int]:
        return self.answered | self.shown | frozenset(self.named.values())

    @property
    def unknown(self) -> list[Quotation]:
        """The quotations that are of no idea that everyone may read, or of several, and name no theme."""
        return [one for one in self.quotations if one not in self.quoted and not self._names_theme(one)]

    def _names_theme(self, one: Quotation) -> bool:
        within = (one.start <= start and end <= one.end for start, end in self.named)
        return not one.is_block and any(within)


@dataclass(frozen=True, slots=True)
class Group:
    """Ideas that a debrief does not mention: of a theme, or left over for a reason, or with neither: not placed yet."""

    count: int
    theme: Theme | None = None
    leftover: Leftover | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the campaign's ideas a debrief rests on. `largest`: the largest group that it does not mention;
    `no_proposals`: the answers that propose nothing, which are not among the ideas.
    """

    basis: Basis
    rests_on: int
    ideas: int
    largest: Group | None
    no_proposals: int = 0

    @property
    def others(self) -> int:
        return self.ideas - self.rests_on


def coverage_of(session: Session, campaign: Campaign, body: str) -> Coverage:
    """How many ideas a debrief with this text rests on. At most ten queries, whatever the campaign has.

    It rests on an idea that counts in an active theme that has an answer, not a promised one; that counts in an active
    theme which the text names or shows in a block; that has an answer of its own; or that the text quotes. As
    everywhere, an idea counts in its main theme and, by its passages, in others; a merged idea is the one that it is
    merged into; one that is withdrawn, or hidden or held by moderators, is neither among those that the debrief rests
    on nor among all. Nor is an answer that proposes nothing: these are counted apart.
    The text names a theme where it has the whole name, and of a name of a single word in bold or between quotation
    marks. It quotes an idea as `quoted_ideas` says. A group that is not mentioned is a theme with neither answer nor
    name in the text, or the ideas that are left over for the same reason, or those that have no place yet; counted are
    those of its ideas that the debrief does not rest on.
    """
    basis = basis_of(session, campaign, body)
    here = (Idea.campaign_id == campaign.id) & is_submitted()
    proposing, resting = proposes(campaign), rests(campaign, basis)
    total, ideas, rests_on = session.execute(
        select(
            func.count(Idea.id), func.count(Idea.id).filter(proposing), func.count(Idea.id).filter(proposing & resting)
        ).where(here)
    ).one()
    largest = _largest(session, campaign, here & proposing & not_(resting))
    return Coverage(basis, rests_on, ideas, largest, no_proposals=total - ideas)


def basis_of(session: Session, campaign: Campaign, body: str) -> Basis:
    """What a debrief with this text stands for. At most five queries."""
    decisions = decisions_in(session, campaign)
    found = quotations(body)
    quoted = quoted_ideas(session, campaign, found)
    themes = active_themes(session, campaign)
    blocks = {block.number for block in parts_of(body) if block.kind is BlockKind.THEME}
    return Basis(
        answered=frozenset(theme_id for theme_id, decision in decisions.items() if decision.is_answer),
        named=named_themes(body, themes),
        shown=frozenset(theme.id for theme in themes if theme.id in blocks),
        quotations=found,
        quoted=quoted,
        gone=gone_ideas(session, campaign, [one for one in found if one not in quoted]),
    )


def rests_on_debrief(session: Session, campaign: Campaign) -> ColumnElement[bool] | None:
    """SQL condition: the debrief of the campaign, as everyone reads it, rests on the idea. None without a debrief.

    For whoever may read the debrief. At most seven queries.
    """
    debrief = debrief_of(session, campaign)
    if debrief is None:
        return None
    body = debrief.body
    if may_quote(body):  # else all ideas and comments would be read for those that are withheld
        body = without_withheld(body, withheld_texts(session, campaign), instead="…")
    return rests(campaign, basis_of(session, campaign, body))


def proposes(campaign: Campaign) -> ColumnElement[bool]:
    """SQL condition: the idea of this campaign is not known as one that proposes nothing."""
    residue = Placement.leftover.in_(sorted(RESIDUE))
    return Idea.id.not_in(select(Placement.idea_id).where(Placement.campaign_id == campaign.id, residue))


def rests(campaign: Campaign, basis: Basis) -> ColumnElement[bool]:
    """SQL condition: a text with this basis rests on the idea. The query also asks `is_submitted`."""
    # By theme and not by campaign: an index has all that is read.
    there = select(counted_pairs(theme_id=sorted(basis.themes)).subquery().c.idea_id)
    return Idea.id.in_(there) | answered_alone(campaign) | Idea.id.in_(sorted(set(basis.quoted.values())))


def named_themes(body: str, themes: Sequence[Theme]) -> dict[tuple[int, int], int]:
    """Where a Markdown text has the names of these themes, each with the theme's id; of two names the longer one."""
    inside = _folded(body)
    by_name = {_folded(name): theme.id for theme in reversed(themes) for name in theme.names}
    names = sorted((name for theme in themes for name in theme.names if _folded(name) in inside), key=len)
    if not names:
        return {}
    pattern = re.compile("|".join(map(_pattern, reversed(names))), re.IGNORECASE)
    found = {}
    for place in pattern.finditer(body):
        theme_id = by_name.get(_folded(place[0]))
        if theme_id is not None:
            found[place.span()] = theme_id
    return found


def _pattern(name: str) -> str:
    """A regular expression for a name in Markdown, where signs may have a backslash before them."""
    words = [
        "".join(re.escape(sign) if sign.isalnum() else rf"\\?{re.escape(sign)}" for sign in word)
        for word in name.split()
    ]
    written = r"\s+".join(words)
    return rf"{_OPENS}{written}{_CLOSES}" if len(words) == 1 else rf"(?<!\w){written}(?!\w)"


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _largest(session: Session, campaign: Campaign, where: ColumnElement[bool]) -> Group | None:
    """Of the ideas that meet this condition, the largest group. Themes come before other groups of the same size."""
    pairs = counted(campaign_id=campaign.id).subquery()
    number: Any = func.count(Idea.id.distinct())
    by_theme = session.execute(
        select(pairs.c.theme_id, number)
        .join(Idea, Idea.id == pairs.c.idea_id)
        .where(where)
        .group_by(pairs.c.theme_id)
        .order_by(number.desc(), pairs.c.theme_id)
        .limit(1)
    ).first()
    in_none = session.execute(
        select(Placement.leftover, number)
        .select_from(Idea)
        .outerjoin(Placement, Placement.idea_id == Idea.id)
        .where(where, Placement.theme_id.is_(None))
        .group_by(Placement.leftover)
        .order_by(number.desc(), Placement.leftover.is_(None), Placement.leftover)
        .limit(1)
    ).first()
    if by_theme is not None and (in_none is None or by_theme[1] >= in_none[1]):
        return Group(by_theme[1], theme=session.get_one(Theme, by_theme[0]))
    return Group(in_none[1], leftover=in_none[0]) if in_none is not None else None
