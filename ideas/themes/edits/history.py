"""What people did to themes: each edit is kept with all that it changed, before and after, enough to undo it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Text, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.activity.version import ReasonNeeded
from ideas.base import Base, choice, chunks
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.errors import message_id
from ideas.people.person import Person
from ideas.text import optional
from ideas.themes.passage import (
    carried,
    drop_stray_passages,
    load_passages,
    replace_passages_of,
)
from ideas.themes.placement import BELONGING, MemberRow, Pairs, Placement, PlacementRow
from ideas.themes.refresh import ask_for_refresh
from ideas.themes.runs.run import latest_run
from ideas.themes.stored import SNAPSHOT, SUMMARY, Passages, Snapshot
from ideas.themes.theme import Theme, mark_reshaped

MAX_REASON_LENGTH = 500
MAX_RECORDED_IDEAS = 10_000  # in one row of the activity log
MAX_RECORDED_NAMES = 20


class EditKind(StrEnum):
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    GATHER = "gather"
    MOVE = "move"
    PIN = "pin"
    UNPIN = "unpin"
    FORBID = "forbid"
    ACCEPT = "accept"


# The edits after which no run drops the themes that they name.
TOUCHING = (EditKind.RENAME, EditKind.MERGE, EditKind.SPLIT, EditKind.GATHER)
VERBS = {
    EditKind.RENAME: Verb.RENAMED,
    EditKind.MERGE: Verb.MERGED,
    EditKind.SPLIT: Verb.SPLIT,
    EditKind.GATHER: Verb.CREATED,
    EditKind.MOVE: Verb.MOVED,
    EditKind.PIN: Verb.PINNED,
    EditKind.UNPIN: Verb.UNPINNED,
    EditKind.FORBID: Verb.FORBIDDEN,
    EditKind.ACCEPT: Verb.ACCEPTED,
}
# What a run finds of a theme: a later run replaces it.
FOUND = (
    "found_name", "other_names", "phrases", "exemplars", "cohesion", "measured", "languages", "apart", "warnings", "x",
    "y", "family", "parts", "definition",
)  # fmt: skip
# The version of a theme's ideas, which an edit that changes them raises and undoing brings back.
SHAPE = "shape"
# What people decide of themes and of ideas, by the columns of a snapshot.
DECIDED_OF_THEME = ("given_name", "retired")
DECIDED_OF_IDEA = ("theme_id", "leftover", "placed_by_id", "placed_how")


Moves = dict[int, tuple[int | None, int | None]]  # by idea, the theme that it leaves and the one where it goes


class PublicAnswersChange(ReasonNeeded):
    message = message_id(
        "The debrief is published, and the answer to these ideas changes. Give a reason: their authors are told."
    )


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


class EditedTheme(Base):
    """A theme that an edit named or shaped."""

    __tablename__ = "edited_theme"

    edit_id: Mapped[int] = mapped_column(ForeignKey("theme_edit.id", ondelete="CASCADE"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True, index=True)


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


def edits_of(session: Session, theme: Theme, *, limit: int) -> Sequence[ThemeEdit]:
    """The latest edits of this theme that still hold, latest first."""
    return session.scalars(
        select(ThemeEdit)
        .join(EditedTheme, EditedTheme.edit_id == ThemeEdit.id)
        .where(EditedTheme.theme_id == theme.id, ThemeEdit.undone_at.is_(None))
        .options(joinedload(ThemeEdit.person))
        .order_by(ThemeEdit.id.desc())
        .limit(limit)
    ).all()


def ideas_named(session: Session, edits: Iterable[ThemeEdit]) -> dict[int, Idea]:
    """The ideas that these edits concern alone, by id: the history names each. One that is gone is not among them."""
    wanted = {edit.summary["idea"] for edit in edits if edit.summary.get("ideas") == 1 and "idea" in edit.summary}
    if not wanted:
        return {}
    return {idea.id: idea for idea in session.scalars(select(Idea).where(Idea.id.in_(wanted)))}


@dataclass(slots=True)
class NewEdit:
    """Takes a snapshot of what an edit is about to change, then records it with one of what it has become.

    `themes`: those that it names or shapes; those that ideas come from and go to are found by themselves. `forbidden`:
    the pairs that it may lift; those that it adds are added to them. `placements`: objects that
    the edit changes, or rows, which it replaces with those of afterwards. `of`: the row that the activity log names,
    the edit itself unless said otherwise.
    """

    session: Session
    campaign: Campaign
    kind: EditKind
    by: Person
    now: datetime
    reason: str
    themes: Sequence[Theme]
    placements: Sequence[Placement | PlacementRow | MemberRow] = ()
    forbidden: Pairs = field(default_factory=dict)
    to: Theme | None = None
    of: Base | None = None
    before: Snapshot = field(init=False)
    _concerned: Sequence[Theme] = field(init=False)
    _passages: Passages = field(init=False)

    def __post_init__(self) -> None:
        self._concerned = self._with_sources()
        self._passages = load_passages(self.session, self.campaign)
        self.before = self._snapshot(placement_states(self.placements))

    def _with_sources(self) -> Sequence[Theme]:
        """The themes of the edit, and those that its ideas are in or go to."""
        named = {theme.id for theme in self.themes}
        others = {placement.theme_id for placement in self.placements} | {self.to.id if self.to else None}
        found = select(Theme).where(Theme.id.in_(others - named - {None})).order_by(Theme.id)
        return [*self.themes, *self.session.scalars(found)]

    def _snapshot(self, placements: dict[int, dict[str, Any]]) -> Snapshot:
        return Snapshot(
            themes=theme_states(self._concerned),
            placements=placements,
            forbidden={pair: (row.person_id, row.created_at) for pair, row in self.forbidden.items()},
        )

    def record(self, summary: dict[str, Any]) -> ThemeEdit:
        """Keep the edit, once all is changed, and record it in the activity log. `summary`: see ThemeEdit.

        Raises PublicAnswersChange where ideas move after the debrief without a reason.
        """
        self.session.flush()
        placements = placement_states(self.placements)
        moves = moves_between(self.before.placements, placements)
        passages = self._follow(moves)
        if self.kind is not EditKind.ACCEPT:  # it marks the themes that the run did not measure as they are
            moved = {number for move in moves.values() for number in move}
            for theme in self._concerned:
                if theme.id in moved:
                    mark_reshaped(theme)
                    theme.reshaped_by_people = True
                elif theme in self.themes:
                    theme.version += 1
        self.forbidden = {pair: row for pair, row in self.forbidden.items() if row in self.session}
        run = latest_run(self.session, self.campaign)
        edit = ThemeEdit(
            campaign_id=self.campaign.id,
            kind=self.kind,
            person=self.by,
            created_at=self.now,
            reason=optional(self.reason, max_length=MAX_REASON_LENGTH),
            summary={"themes": [theme.id for theme in self.themes]} | summary,
            before=replace(self.before, passages={idea_id: self._passages.get(idea_id, []) for idea_id in passages}),
            after=replace(self._snapshot(placements), run=run.id if run else None, passages=passages),
        )
        self.session.add(edit)
        self.session.flush()
        self.session.add_all(EditedTheme(edit_id=edit.id, theme_id=number) for number in set(edit.summary["themes"]))
        self.session.flush()
        facts_before, facts_after = _facts(edit)
        record(
            self.session, VERBS[self.kind], self.of or edit, by=self.by, now=self.now, campaign_id=self.campaign.id,
            reason=edit.reason, before=facts_before, after=facts_after,
        )  # fmt: skip
        mains = {idea_id: state["theme_id"] for idea_id, state in placements.items()}
        answers = answers_by_passage(self._passages, passages, mains) | moves
        record_moves(self.session, self.campaign, edit, answers, by=self.by, reason=edit.reason, now=self.now)
        ask_for_refresh(self.session, self.campaign, self._concerned, now=self.now)
        return edit

    def _follow(self, moves: Moves) -> Passages:
        """Have passages follow the ideas that moved. Returns those of the ideas whose passages are others than before.

        What an idea asked of its earlier theme, it asks of the one where a person puts it. Not where it is forbidden.
        """
        if not self._passages and self.kind is not EditKind.ACCEPT:
            return {}
        if self.kind not in {EditKind.FORBID, EditKind.ACCEPT}:
            here = load_passages(self.session, self.campaign)
            follow = carried(here, moves)
            replace_passages_of(self.session, follow.keys(), follow)
        drop_stray_passages(self.session, self.campaign)
        now = load_passages(self.session, self.campaign)
        concerned = self._passages.keys() | now.keys()
        return {
            idea_id: now.get(idea_id, [])
            for idea_id in sorted(concerned)
            if now.get(idea_id, []) != self._passages.get(idea_id, [])
        }


def moves_between(before: Mapping[int, Mapping[str, Any]], after: Mapping[int, Mapping[str, Any]]) -> Moves:
    """The ideas that are in another theme, or no longer in one, by the placements of two snapshots."""
    return {
        idea_id: (state["theme_id"], after[idea_id]["theme_id"])
        for idea_id, state in before.items()
        if idea_id in after and state["theme_id"] != after[idea_id]["theme_id"]
    }


def answers_by_passage(before: Passages, after: Passages, mains: Mapping[int, int | None]) -> Moves:
    """The ideas that count in another theme by a passage than before, or in one less, as moves.

    `after`: of the ideas whose passages changed. `mains`: the main themes after it, where they are known.
    """
    moves: Moves = {}
    for idea_id, rows in after.items():
        main = mains.get(idea_id)
        asked, asks = {row.theme_id for row in before.get(idea_id, [])}, {row.theme_id for row in rows}
        gained, lost = sorted(asks - asked - {main}), sorted(asked - asks - {main})
        if gained:
            moves[idea_id] = (main, gained[0])
        elif lost and main is not None:
            moves[idea_id] = (lost[0], main)
    return moves


def record_moves(
    session: Session, campaign: Campaign, edit: ThemeEdit, moves: Moves, *, by: Person, reason: str, now: datetime
) -> None:
    """Once the debrief is public, record which ideas have another answer, by theme: their authors are told.

    Raises PublicAnswersChange where there is no reason.
    """
    if campaign.debriefed_at is None or not moves:
        return
    if not reason.strip():
        raise PublicAnswersChange
    submitted = {
        idea_id
        for some in chunks(sorted(moves))
        for idea_id in session.scalars(select(Idea.id).where(Idea.id.in_(some), is_submitted()))
    }
    targets: dict[int | None, list[int]] = {}
    for idea_id in sorted(submitted):
        targets.setdefault(moves[idea_id][1], []).append(idea_id)
    for theme_id, idea_ids in targets.items():
        for start in range(0, len(idea_ids), MAX_RECORDED_IDEAS):
            after = {"ideas": idea_ids[start : start + MAX_RECORDED_IDEAS], "theme_id": theme_id}
            record(session, Verb.MOVED, edit, by=by, now=now, campaign_id=campaign.id, reason=reason, after=after)


def _facts(edit: ThemeEdit) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What the activity log shows of an edit: names as they were, and how many ideas. Never whole snapshots."""
    summary, before = edit.summary, {}
    after = {"count": summary["ideas"]} if "ideas" in summary else {}
    if edit.kind is EditKind.RENAME:
        before, after = {"name": summary["from"]}, {"name": summary["to"]}
    elif edit.kind is EditKind.MERGE:
        others = summary["others"]
        before = {"themes": others[:MAX_RECORDED_NAMES], "theme_count": len(others)}
        after["theme"] = summary["into"]
    elif edit.kind is EditKind.SPLIT:
        before, after["theme"] = {"theme": summary["from"]}, summary["new"]
    elif edit.kind is EditKind.GATHER:
        after["theme"] = summary["new"]
    elif edit.kind is EditKind.ACCEPT:
        after |= {"changes": summary["changes"], "offered": summary["offered"]}
    elif edit.kind in {EditKind.MOVE, EditKind.FORBID}:
        after["theme"] = summary["to" if edit.kind is EditKind.MOVE else "theme"]
    return before or None, after


def theme_states(themes: Iterable[Theme]) -> dict[int, dict[str, Any]]:
    """What people and runs wrote on each theme."""
    return {
        theme.id: {"given_name": theme.given_name, "retired": theme.retired_at is not None}
        | {name: getattr(theme, name) for name in (*FOUND, SHAPE)}
        for theme in themes
    }


def placement_states(placements: Iterable[Placement | PlacementRow | MemberRow]) -> dict[int, dict[str, Any]]:
    """The placement of each idea; of a Placement or a MemberRow, also how the idea belongs there."""
    return {
        placement.idea_id: {name: getattr(placement, name) for name in DECIDED_OF_IDEA}
        | ({name: getattr(placement, name) for name in BELONGING} if not isinstance(placement, PlacementRow) else {})
        for placement in placements
    }
