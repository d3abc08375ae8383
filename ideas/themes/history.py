"""What people did to themes: each edit is kept with all that it changed, before and after, enough to undo it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Text, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign
from ideas.people.person import Person
from ideas.text import optional
from ideas.themes.placement import BELONGING, Forbidden, Placement, PlacementRow
from ideas.themes.run import latest_run
from ideas.themes.stored import SNAPSHOT, SUMMARY, Snapshot
from ideas.themes.theme import Theme

MAX_REASON_LENGTH = 500
Pairs = dict[tuple[int, int], Forbidden]  # by idea id and theme id


class EditKind(StrEnum):
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    PIN = "pin"
    UNPIN = "unpin"
    FORBID = "forbid"
    ACCEPT = "accept"


# The edits after which no run drops the themes that they name.
TOUCHING = (EditKind.RENAME, EditKind.MERGE, EditKind.SPLIT)
# The edits that give themes other ideas, many at once.
RESHAPING = (EditKind.MERGE, EditKind.SPLIT, EditKind.ACCEPT)
# What a run finds of a theme: a later run replaces it.
FOUND = (
    "found_name", "phrases", "exemplars", "cohesion", "measured", "languages", "apart", "warnings", "x", "y", "family",
    "parts",
)  # fmt: skip
# What people decide of themes and of ideas, by the columns of a snapshot.
DECIDED_OF_THEME = ("given_name", "retired")
DECIDED_OF_IDEA = ("theme_id", "leftover", "placed_by_id", "placed_how")


class ThemeEdit(Base):
    """An edit by a person on themes, with what it changed before and after: enough to undo it.

    `before` and `after` are large, and read only to undo. `summary`: what the history shows, names and numbers as they
    were at the time, and the ids of the "themes" concerned.
    """

    __tablename__ = "theme_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EditKind] = mapped_column(choice(EditKind))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[dict[str, Any]] = mapped_column(SUMMARY, default=dict)
    before: Mapped[Snapshot] = mapped_column(SNAPSHOT, default=Snapshot, deferred=True, deferred_group="states")
    after: Mapped[Snapshot] = mapped_column(SNAPSHOT, default=Snapshot, deferred=True, deferred_group="states")
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=person_id)
    undone_by: Mapped[Person | None] = relationship(foreign_keys=undone_by_id)

    def concerns(self, theme: Theme) -> bool:
        """True for a theme that the edit named or shaped. Edits of the first version say so in their states alone."""
        if "themes" in self.summary:
            return theme.id in self.summary["themes"]
        return theme.id in self.after.themes


def edit_history(
    session: Session, campaign: Campaign, *, start: int = 0, limit: int | None = None
) -> Sequence[ThemeEdit]:
    """What people did to the campaign's themes, latest first: all, or `limit` from `start` on."""
    return session.scalars(
        select(ThemeEdit)
        .where(ThemeEdit.campaign_id == campaign.id)
        .options(joinedload(ThemeEdit.person), joinedload(ThemeEdit.undone_by))
        .order_by(ThemeEdit.id.desc())
        .offset(start)
        .limit(limit)
    ).all()


def count_edits(session: Session, campaign: Campaign) -> int:
    """How many edits the history of the campaign's themes holds."""
    return session.scalar(select(func.count()).where(ThemeEdit.campaign_id == campaign.id)) or 0


def edits_of(session: Session, theme: Theme) -> list[ThemeEdit]:
    """The edits on this theme that still hold, latest first."""
    edits = session.scalars(
        select(ThemeEdit)
        .where(ThemeEdit.campaign_id == theme.campaign_id, ThemeEdit.undone_at.is_(None))
        .options(joinedload(ThemeEdit.person))
        .order_by(ThemeEdit.id.desc())
    )
    return [edit for edit in edits if edit.concerns(theme)]


@dataclass(slots=True)
class NewEdit:
    """Takes a snapshot of what an edit is about to change, then records it with one of what it has become.

    `forbidden`: the pairs that it may lift; those that it adds are added to them.
    """

    session: Session
    campaign: Campaign
    kind: EditKind
    by: Person
    now: datetime
    reason: str
    themes: Sequence[Theme]
    placements: Sequence[Placement | PlacementRow] = ()
    forbidden: Pairs = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    before: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        self.before = self._snapshot()

    def _snapshot(self) -> Snapshot:
        return Snapshot(
            themes=theme_states(self.themes),
            placements=placement_states(self.placements),
            forbidden={pair: (row.person_id, row.created_at) for pair, row in self.forbidden.items()},
        )

    def record(self) -> ThemeEdit:
        """Keep the edit, once all is changed."""
        self.session.flush()
        self.forbidden = {pair: row for pair, row in self.forbidden.items() if row in self.session}
        run = latest_run(self.session, self.campaign)
        edit = ThemeEdit(
            campaign_id=self.campaign.id,
            kind=self.kind,
            person=self.by,
            created_at=self.now,
            reason=optional(self.reason, max_length=MAX_REASON_LENGTH),
            summary={"themes": [theme.id for theme in self.themes]} | self.summary,
            before=self.before,
            after=replace(self._snapshot(), run=run.id if run else None),
        )
        self.session.add(edit)
        self.session.flush()
        return edit


def theme_states(themes: Iterable[Theme]) -> dict[int, dict[str, Any]]:
    """What people and runs wrote on each theme."""
    return {
        theme.id: {"given_name": theme.given_name, "retired": theme.retired_at is not None}
        | {name: getattr(theme, name) for name in FOUND}
        for theme in themes
    }


def placement_states(placements: Iterable[Placement | PlacementRow]) -> dict[int, dict[str, Any]]:
    """The placement of each idea; of a whole Placement, also how the idea belongs there."""
    return {
        placement.idea_id: {name: getattr(placement, name) for name in DECIDED_OF_IDEA}
        | ({name: getattr(placement, name) for name in BELONGING} if isinstance(placement, Placement) else {})
        for placement in placements
    }
