"""The work on a theme: who of the team takes care of it, by when, and the team's tags. Only the team sees it.

A theme keeps its work from run to run, and no run drops a theme that has some (`worked_themes`). What becomes of it:

- merged: the theme that stays has the tags of all. Its assignee and day hold; where it has neither, those of the merged
  theme that is due first do. The row of the merged theme stays as it is, so that undoing gives each its own back;
- split: the theme keeps its work, the new one begins without any.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.activity.version import ChangedMeanwhile
from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.people.team import ACTS, Act, roles_in
from ideas.desk.note import ThemeNote
from ideas.errors import Conflict, DomainError, message_id
from ideas.people.person import Person, is_here
from ideas.text import clean_line, optional
from ideas.themes.edits.merged import Merge, merges_in
from ideas.themes.theme import Theme

MAX_TAG_LENGTH = 30
MAX_TAGS = 5  # of one theme
MAX_CAMPAIGN_TAGS = 30


class NotAnAssignee(DomainError):
    message = message_id("Choose someone from the campaign team who may answer themes.")


class DueInThePast(DomainError):
    message = message_id("Choose today or a later day.")


class TooManyTags(DomainError):
    message = message_id("A theme has at most %(most)s tags. Take some away.")


class TooManyCampaignTags(DomainError):
    message = message_id(
        "A campaign has at most %(most)s tags. Use those that there are, or take one away from all its themes."
    )


class ThemeWork(Base):
    """The work that was given to a theme. `merges_seen`: the last merge of its campaign when it was saved; by a later
    one it takes over what merged themes had, see `_join`. `reminded_for`: the day of which its assignee was reminded;
    `escalated_for`: the one of which the owner was told that it is over.
    """

    __tablename__ = "theme_work"

    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    due_on: Mapped[date | None] = mapped_column(Date)
    tags: Mapped[list[Any]] = mapped_column(default=list)
    merges_seen: Mapped[int] = mapped_column(default=0, server_default="0")
    reminded_for: Mapped[date | None] = mapped_column(Date)
    escalated_for: Mapped[date | None] = mapped_column(Date)
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The work on a theme as it holds now. `from_id`: the theme whose row has the assignee and the day."""

    theme_id: int
    from_id: int
    campaign_id: int
    assignee_id: int | None = None
    assignee: str = ""
    due_on: date | None = None
    tags: tuple[str, ...] = ()
    reminded_for: date | None = None

    @property
    def stamp(self) -> int:
        """A number that changes with the assignee, the day and the tags; 0 where there are none. Forms send it, so that
        nobody's save is lost.
        """
        if self.assignee_id is None and self.due_on is None and not self.tags:
            return 0
        return crc32(repr((self.assignee_id, self.due_on, self.tags)).encode()) % 10**9 + 1

    def is_late(self, today: date) -> bool:
        """True once the day is over. The caller asks whether the theme has its answer."""
        return self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is done to several themes at once: what is not asked for stays as it is.

    `assigns`: `assignee` replaces what there is, also with nobody; `sets_day`: `due_on` does, also with no day.
    """

    assigns: bool = False
    assignee: Person | None = None
    sets_day: bool = False
    due_on: date | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A theme of several with which nothing was done, and why."""

    theme: Theme
    error: DomainError


def work_in(session: Session, campaign_ids: Sequence[int]) -> dict[int, Work]:
    """The work on the themes of these campaigns, by theme id; of a merged theme, as it was. Two queries.

    An account that was erased takes care of nothing.
    """
    rows = session.execute(
        select(
            ThemeWork.theme_id, ThemeWork.campaign_id, Person.id.label("assignee_id"), Person.name, ThemeWork.due_on,
            ThemeWork.tags, ThemeWork.reminded_for, ThemeWork.merges_seen,
        )
        .outerjoin(Person, (Person.id == ThemeWork.assignee_id) & is_here())
        .where(ThemeWork.campaign_id.in_(campaign_ids))
    ).all()  # fmt: skip
    seen = {row.theme_id: row.merges_seen for row in rows}
    found = {
        row.theme_id: Work(
            theme_id=row.theme_id,
            from_id=row.theme_id,
            campaign_id=row.campaign_id,
            assignee_id=row.assignee_id,
            assignee=row.name or "",
            due_on=row.due_on,
            tags=tuple(row.tags),
            reminded_for=row.reminded_for,
        )
        for row in rows
    }
    for merge in merges_in(session, campaign_ids):
        if merge.id > seen.get(merge.into, 0):
            _join(found, merge)
    return found


def tags_in(works: Iterable[Work]) -> list[str]:
    """The tags that these themes have, in alphabetical order."""
    return sorted({tag for work in works for tag in work.tags}, key=str.casefold)


def worked_themes(session: Session, campaign: Campaign) -> set[int]:
    """The themes that no run may drop, since someone takes care of them, by a day or not, or wrote a note."""
    given = ThemeWork.assignee_id.is_not(None) | ThemeWork.due_on.is_not(None)
    works = select(ThemeWork.theme_id).where(ThemeWork.campaign_id == campaign.id, given)
    return set(session.scalars(works.union(select(ThemeNote.theme_id).where(ThemeNote.campaign_id == campaign.id))))


def assignable(session: Session, campaign: Campaign) -> Sequence[Person]:
    """Who may be given a theme: those of the team who may answer it, as it is now, by name."""
    able = [person_id for person_id, role in roles_in(session, campaign).items() if Act.DECIDE in ACTS[role]]
    return session.scalars(select(Person).where(Person.id.in_(able), is_here()).order_by(Person.name, Person.id)).all()


def set_work(
    session: Session,
    theme: Theme,
    *,
    assignee: Person | None,
    due_on: date | None,
    tags: Iterable[str],
    by: Person,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Say who takes care of a theme, by when, and its tags. Those who group the themes may. `seen`: the stamp that `by`
    saw.

    Raises NotAnAssignee, DueInThePast, TooManyTags, TooManyCampaignTags, TooLong, Conflict (the theme is no more),
    ChangedMeanwhile.
    """
    change = Change(assigns=True, assignee=assignee, sets_day=True, due_on=due_on)
    refused = _change(
        session, theme.campaign, [theme], change, list(tags), by, now, {} if seen is None else {theme.id: seen}
    )
    for one in refused:
        raise one.error


def change_themes(
    session: Session,
    campaign: Campaign,
    themes: Sequence[Theme],
    change: Change,
    *,
    by: Person,
    now: datetime,
    seen: Mapping[int, int],
) -> list[Refused]:
    """Do this to each of these themes; whoever they are assigned to is told once. Those who group the themes may.

    `seen`: the stamp that `by` saw of each. Returns those with which nothing was done: merged away or changed
    meanwhile, or with too many tags. Raises NotAnAssignee, DueInThePast, TooManyCampaignTags, TooLong for all.
    """
    return _change(session, campaign, themes, change, None, by, now, seen)


def _change(
    session: Session,
    campaign: Campaign,
    themes: Sequence[Theme],
    change: Change,
    tags: list[str] | None,
    by: Person,
    now: datetime,
    seen: Mapping[int, int],
) -> list[Refused]:
    """`tags`: those that replace the present ones; None: they change as `change` says."""
    lock_campaign(session, campaign)
    works = work_in(session, [campaign.id])
    able = {person.id for person in assignable(session, campaign)}
    spellings = {tag.casefold(): tag for tag in tags_in(works.values())}
    add, remove = spelled(change.add if tags is None else tags, spellings), {tag.casefold() for tag in change.remove}
    refused, wanted = [], {}
    for theme in themes:
        session.refresh(theme)
        here = works.get(theme.id) or Work(theme_id=theme.id, from_id=theme.id, campaign_id=campaign.id)
        kept = [tag for tag in here.tags if tag.casefold() not in remove] if tags is None else []
        after = replace(
            here,
            assignee_id=_id(change.assignee) if change.assigns else here.assignee_id,
            due_on=change.due_on if change.sets_day else here.due_on,
            tags=tuple(dict.fromkeys([*kept, *add])),
        )
        if after.assignee_id not in {None, here.assignee_id, *able}:
            raise NotAnAssignee
        if after.due_on is not None and after.due_on != here.due_on and after.due_on < today_of(by, now):
            raise DueInThePast
        error = _why_not(theme, here, after, seen.get(theme.id))
        if error is not None:
            refused.append(Refused(theme, error))
        elif after != here:
            wanted[theme.id] = (here, after)
    present = works | {theme_id: after for theme_id, (_, after) in wanted.items()}
    if len(tags_in(present.values())) > max(MAX_CAMPAIGN_TAGS, len(spellings)):
        raise TooManyCampaignTags(most=MAX_CAMPAIGN_TAGS)
    _write(session, campaign, wanted, by=by, now=now)
    return refused


def _why_not(theme: Theme, here: Work, after: Work, seen: int | None) -> DomainError | None:
    """Why nothing is done with the theme, if so."""
    if theme.retired_at is not None:
        return Conflict()
    if seen is not None and here.stamp not in {seen, after.stamp}:
        return ChangedMeanwhile()
    if len(after.tags) > MAX_TAGS and not set(after.tags) <= set(here.tags):  # a merge may have brought more
        return TooManyTags(most=MAX_TAGS)
    return None


def _write(
    session: Session, campaign: Campaign, wanted: Mapping[int, tuple[Work, Work]], *, by: Person, now: datetime
) -> None:
    """Keep the work of these themes, and record it: of several that a person gets at once, the first act names all, and
    tells them.
    """
    given: dict[int, list[int]] = {}
    for theme_id, (before, after) in wanted.items():
        if after.assignee_id is not None and after.assignee_id != before.assignee_id:
            given.setdefault(after.assignee_id, []).append(theme_id)
    latest = max((merge.id for merge in merges_in(session, [campaign.id])), default=0) if wanted else 0
    for theme_id, (before, after) in wanted.items():
        row = session.get(ThemeWork, theme_id, populate_existing=True)
        if row is None:
            row = ThemeWork(theme_id=theme_id, campaign_id=campaign.id)
            session.add(row)
        row.assignee_id, row.due_on, row.tags = after.assignee_id, after.due_on, list(after.tags)
        row.merges_seen, row.changed_at = latest, now
        session.flush()
        facts = facts_of(after)
        if theme_id in (theirs := given.get(after.assignee_id or 0, [])):
            facts |= {"themes": theirs} if theme_id == theirs[0] else {}
        verb = Verb.ASSIGNED if after.assignee_id != before.assignee_id else Verb.CHANGED
        record(session, verb, row, by=by, now=now, campaign_id=campaign.id, before=facts_of(before), after=facts)


def facts_of(work: Work) -> dict[str, Any]:
    """What the log keeps of the work on a theme."""
    return {"assignee_id": work.assignee_id, "due_on": work.due_on, "tags": list(work.tags)}


def today_of(person: Person, now: datetime) -> date:
    """Today in the person's time zone."""
    return now.astimezone(ZoneInfo(person.timezone)).date()


def _join(found: dict[int, Work], merge: Merge) -> None:
    """Give the work of merged themes to the one that stays, as the head of this module says."""
    others = [found[theme_id] for theme_id in merge.others if theme_id in found]
    if not others:
        return
    own = found.get(merge.into) or Work(theme_id=merge.into, from_id=merge.into, campaign_id=others[0].campaign_id)
    holds = own
    if own.assignee_id is None and own.due_on is None:
        given = [work for work in others if work.assignee_id is not None or work.due_on is not None]
        holds = min(given, key=lambda work: (work.due_on or date.max, work.theme_id), default=own)
    tags = dict.fromkeys(tag for work in (own, *others) for tag in work.tags)
    found[merge.into] = replace(holds, theme_id=merge.into, tags=tuple(tags))


def spelled(tags: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """The tags as they are stored: each once, in the spelling that the campaign has already. Raises TooLong."""
    cleaned = [optional(clean_line(tag), max_length=MAX_TAG_LENGTH) for tag in tags]
    spelled: dict[str, str] = {}
    for tag in cleaned:
        if tag:
            spelled.setdefault(tag.casefold(), known.get(tag.casefold(), tag))
    return list(spelled.values())


def _id(person: Person | None) -> int | None:
    return person.id if person is not None else None
