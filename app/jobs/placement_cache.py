"""The desk where new ideas are placed: what is known of those that have their place, kept from one job to the next."""

from collections import OrderedDict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clustering.tracking.placing import Place, Placer
from clustering.vectors.encoders import Encoder, embed_ideas
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.themes.theme import Placement

# How many came since a desk was set up before it learns from them too: a share, and at least so many.
STALE_SHARE, STALE_FROM = 0.05, 20
MAX_CACHES = 3

Stamp = tuple[int, datetime | None, int, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An idea to be placed: it came, or was revised since it was placed, which makes it wait `again`.

    `kept`: a person placed it, in the theme `theme_id` or in none, so it stays; what is measured of it is not.
    """

    id: int
    text: str
    again: bool = field(compare=False)
    kept: bool = field(compare=False)
    theme_id: int | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class Row:
    """An idea that has its place."""

    id: int
    text: str
    theme_id: int | None
    node: int | None
    x: float
    y: float


class Desk:
    """Knows the ideas of a campaign that have their place, and what they mean."""

    def __init__(self, stamp: Stamp, rows: Sequence[Row]) -> None:
        self.stamp, self.rows = stamp, rows
        self._place_of = {row.id: place for place, row in enumerate(rows)}
        self._gone: set[int] = set()
        self._placer: Placer | None = None

    def is_stale(self, placed: int, again: AbstractSet[int]) -> bool:
        """True where too many of the ideas that have a place now came, or were revised, since the desk was set up."""
        return placed - len(self.rows) + len(self._gone | self._known(again)) > _stale_from(self.rows)

    def _known(self, ideas: AbstractSet[int]) -> AbstractSet[int]:
        return ideas & self._place_of.keys()

    def follow(self, stamp: Stamp, rows: Sequence[Row]) -> bool:
        """Take note of where people put the ideas since, as `rows` tell. False where others are to be read first."""
        today = {row.id: row for row in rows}
        gone = {row.id for row in self.rows if row.id not in today or today[row.id].text != row.text}
        if len(today.keys() - self._place_of.keys()) + len(gone) > _stale_from(self.rows):
            return False
        self.stamp, self._gone = stamp, gone
        self.rows = [row if row.id in gone else today[row.id] for row in self.rows]
        if self._placer is not None:
            self._placer.label([row.theme_id for row in self.rows])
        return True

    def leave_out(self, ideas: AbstractSet[int]) -> None:
        """Go no longer by these ideas, which were revised."""
        self._gone |= self._known(ideas)

    def find(self, ideas: Sequence[Waiting], encoder: Encoder) -> dict[Waiting, Place]:
        """Where each idea goes. Raises ModelUnavailable."""
        if not ideas:
            return {}
        if self._placer is None:
            texts = [row.text for row in self.rows]
            self._placer = Placer(embed_ideas(encoder, texts), texts, [row.theme_id for row in self.rows])
        gone = frozenset(self._place_of[idea_id] for idea_id in self._gone)
        vectors = embed_ideas(encoder, [idea.text for idea in ideas])
        return {
            idea: self._placer.place(vector, idea.text, without=gone)
            for idea, vector in zip(ideas, vectors, strict=True)
        }

    def neighbours(self, found: Place) -> list[Row]:
        return [self.rows[row] for row in found.neighbours]

    def beside(self, found: Place, theme_id: int | None) -> list[Row]:
        """Those of the neighbours that stand in this theme, or in none as well."""
        return [row for row in self.neighbours(found) if row.theme_id == theme_id]


_desks: OrderedDict[int, Desk] = OrderedDict()


def desk_of(session: Session, campaign: Campaign, stamp: Stamp, again: AbstractSet[int]) -> Desk:
    """The campaign's desk: kept while nothing but a few ideas, new or revised, has changed where ideas stand.

    `again`: the ideas that are to be placed anew, by which nobody is to go.
    """
    count = session.scalar(select(func.count()).where(Placement.campaign_id == campaign.id)) or 0
    desk = _desks.pop(campaign.id, None)
    if desk is None or desk.stamp != stamp or desk.is_stale(count, again):
        rows = _rows(session, campaign)
        if desk is None or not desk.follow(stamp, rows):
            desk = Desk(stamp, [row for row in rows if row.id not in again])
    desk.leave_out(again)
    _desks[campaign.id] = desk
    while len(_desks) > MAX_CACHES:
        _desks.popitem(last=False)
    return desk


def _stale_from(rows: Sequence[Row]) -> float:
    return max(STALE_FROM, STALE_SHARE * len(rows))


def _rows(session: Session, campaign: Campaign) -> list[Row]:
    found = session.execute(
        select(Idea.id, Idea.title, Idea.body, Placement.theme_id, Placement.node, Placement.x, Placement.y)
        .join(Placement, Placement.idea_id == Idea.id)
        .where(Placement.campaign_id == campaign.id, is_submitted())
        .order_by(Idea.id)
    )
    return [
        Row(idea_id, Idea(title=title, body=body).text, theme_id, leaf, x, y)
        for idea_id, title, body, theme_id, leaf, x, y in found
    ]
