"""The table of the themes: one row for each theme with its figures and its work, narrowed, sorted, its views saved."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint, case, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.base import Base
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.idea import Idea, is_submitted
from ideas.desk.groups import Group, ThemeGroup, groups_by_theme, groups_in
from ideas.desk.work import Work, work_in
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.people.person import Person
from ideas.text import clean_line, required
from ideas.themes.card import ThemeCard, theme_cards
from ideas.themes.checks.agreement import Agreement, agreement_by_theme
from ideas.themes.checks.sample import cards_of
from ideas.themes.passage import counted
from ideas.themes.runs.run import latest_run

COLUMNS = (
    "size", "support", "people", "segments", "trend", "emotions", "agreement", "cohesion", "languages", "tags",
    "status", "assignee", "due",
)  # fmt: skip
FIRST_COLUMNS = ("size", "support", "people", "trend", "emotions", "tags", "status", "assignee", "due")
SORTS = ("name", *COLUMNS)
# What one wants to see first of these is the most; of the others, the first by name or day.
MOST_FIRST = frozenset(
    {"size", "support", "people", "segments", "trend", "emotions", "agreement", "cohesion", "languages"}
)
# Instead of a person in the filter.
ME, NOBODY = "me", "none"
NO_ANSWER = "none"
WEEK = timedelta(days=7)
MAX_VIEW_NAME_LENGTH = 60
MAX_VIEWS = 20
MAX_QUERY_LENGTH = 1_000


class TooManyViews(DomainError):
    message = message_id("You have %(most)s views in this campaign. Delete one first.")


class NotYourView(NotAllowed):
    message = message_id("This view belongs to someone else.")


class QueryTooLong(DomainError):
    message = message_id("This view has too many words to be saved. Shorten the search.")


class TableView(Base):
    """What a person chose of a campaign's table, under a name: theirs alone. `query`: of the address."""

    __tablename__ = "table_view"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(MAX_VIEW_NAME_LENGTH))
    query: Mapped[str] = mapped_column(String(MAX_QUERY_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks of the table. `assignee`: the id of a person, ME or NOBODY; what is empty is not asked.

    `group`: the key of a group of people, see ideas.desk.groups. `map`: the map is beside the table.
    """

    words: str = ""
    status: str = ""
    assignee: str = ""
    tag: str = ""
    group: str = ""
    late: bool = False
    waiting: bool = False
    map: bool = False
    sort: str = "size"
    descending: bool = True
    columns: tuple[str, ...] = FIRST_COLUMNS

    @property
    def narrows(self) -> bool:
        return bool(self.words or self.status or self.assignee or self.tag or self.group or self.late or self.waiting)

    @property
    def shows_groups(self) -> bool:
        return bool(self.group) or "segments" in {self.sort, *self.columns}

    @property
    def shows_agreement(self) -> bool:
        return "agreement" in {self.sort, *self.columns}


@dataclass(slots=True)
class Row:
    """A theme in the table. `recent`, `before`: its ideas of the last 7 days of the collection, and of the 7 before.

    `status`: of its answer, or NO_ANSWER; `late`: its day is over and it has no answer. `groups`: the largest first.
    `waits`: an answer to it waits for a second person.
    """

    card: ThemeCard
    recent: int
    before: int
    status: str
    work: Work | None
    late: bool = False
    groups: Sequence[ThemeGroup] = ()
    agreement: Agreement | None = None
    waits: bool = False

    @property
    def trend(self) -> int:
        return self.recent - self.before

    @property
    def feelings(self) -> int:
        return sum(self.card.emotions.values())

    @property
    def tags(self) -> tuple[str, ...]:
        return self.work.tags if self.work is not None else ()


@dataclass(slots=True)
class Table:
    """The rows that were asked for, in their order. `total`: how many themes there are; `works`: of all of them.

    `groups`: those that can be asked for. `cards`: of all themes, the largest first.
    """

    rows: list[Row]
    total: int
    works: Mapping[int, Work] = field(default_factory=dict)
    until: datetime | None = None
    groups: Sequence[Group] = ()
    cards: Sequence[ThemeCard] = ()


def theme_table(
    session: Session,
    campaign: Campaign,
    asked: Asked,
    *,
    answers: Mapping[int, tuple[str, bool]],
    waiting: Container[int] = (),
    reader: Person,
    today: date,
    now: datetime,
) -> Table:
    """The campaign's active themes as rows, in a constant number of queries. Those who manage the campaign may read it.

    `answers`: by theme id the status of its answer, and whether that is an answer and no promise.
    `waiting`: the ids of the themes of which an answer waits for a second person.
    """
    cards = theme_cards(session, campaign, quotes=False)
    until = collected_until(campaign, now)
    recently, works = trends(session, campaign, until=until), work_in(session, [campaign.id])
    groups = groups_by_theme(session, campaign, before=midnight(reader, now)) if asked.shows_groups else {}
    agreements = _agreements(session, campaign) if asked.shows_agreement else {}
    rows = []
    for card in cards:
        recent, before = recently.get(card.theme.id, (0, 0))
        status, answered = answers.get(card.theme.id, (NO_ANSWER, False))
        work = works.get(card.theme.id)
        late = work is not None and not answered and work.is_late(today)
        present = _asked_first(groups.get(card.theme.id, ()), asked)
        waits = card.theme.id in waiting
        rows.append(Row(card, recent, before, status, work, late, present, agreements.get(card.theme.id), waits))
    active = {card.theme.id for card in cards}
    shown = [row for row in rows if _is_asked(row, asked, reader)]
    here = {theme_id: work for theme_id, work in works.items() if theme_id in active}
    return Table(_sorted(shown, asked), len(rows), here, until, groups_in(groups), cards)


def midnight(reader: Person, now: datetime) -> datetime:
    """When today began for the reader."""
    return now.astimezone(ZoneInfo(reader.timezone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _asked_first(groups: Sequence[ThemeGroup], asked: Asked) -> Sequence[ThemeGroup]:
    """The groups of a theme, first the one that is asked for."""
    return sorted(groups, key=lambda one: one.group.key != asked.group) if asked.group else groups


def _agreements(session: Session, campaign: Campaign) -> dict[int, Agreement]:
    run = latest_run(session, campaign)
    return agreement_by_theme(cards_of(session, run)) if run is not None else {}


def collected_until(campaign: Campaign, now: datetime) -> datetime:
    """Now, or the end of the collection where it is over: the last 7 days are counted back from here."""
    return min(now, campaign.closes_at or now)


def trends(session: Session, campaign: Campaign, *, until: datetime) -> dict[int, tuple[int, int]]:
    """How many ideas of each theme were sent within seven days until this instant, and in the seven days before.

    Themes without any are left out. One query. Those who read the campaign's themes may read it.
    """
    pairs = counted(campaign_id=campaign.id).subquery()
    is_recent = Idea.submitted_at > until - WEEK
    found = session.execute(
        select(pairs.c.theme_id, func.count(case((is_recent, 1))), func.count(case((~is_recent, 1))))
        .join(Idea, Idea.id == pairs.c.idea_id)
        .where(is_submitted(), Idea.submitted_at > until - 2 * WEEK, Idea.submitted_at <= until)
        .group_by(pairs.c.theme_id)
    )
    return {theme_id: (recent, before) for theme_id, recent, before in found}


def _is_asked(row: Row, asked: Asked, reader: Person) -> bool:
    assignee = row.work.assignee_id if row.work is not None else None
    wanted = {"": assignee, NOBODY: None, ME: reader.id}.get(asked.assignee, asked.assignee)
    name = row.card.theme.name_in(reader.locale[:2]).casefold()
    return (
        all(word in name for word in asked.words.casefold().split())
        and asked.status in {"", row.status}
        and (wanted == assignee or wanted == str(assignee))
        and (not asked.tag or asked.tag.casefold() in {tag.casefold() for tag in row.tags})
        and (not asked.group or asked.group in {one.group.key for one in row.groups})
        and (row.late or not asked.late)
        and (row.waits or not asked.waiting)
    )


def _sorted(rows: Sequence[Row], asked: Asked) -> list[Row]:
    """The rows in the order that is asked; those that have nothing in this column come last, either way."""
    keys: list[tuple[Any, Row]] = [(_key(row, asked.sort), row) for row in rows]
    filled = [(key, row) for key, row in keys if key is not None]
    filled.sort(key=lambda pair: pair[0], reverse=asked.descending)
    return [row for _, row in filled] + [row for key, row in keys if key is None]


def _key(row: Row, sort: str) -> Any:
    """What a row is sorted by; None where it has nothing there."""
    card, work = row.card, row.work
    values = {
        "name": card.theme.name.casefold() or None,
        "size": card.size,
        "support": card.support,
        "people": card.people,
        "segments": row.groups[0].people if row.groups else None,
        "trend": row.trend,
        "emotions": row.feelings or None,
        "agreement": (row.agreement.share, row.agreement.checked) if row.agreement is not None else None,
        "cohesion": card.theme.cohesion if card.theme.measured else None,
        "languages": len(card.theme.languages) or None,
        "tags": tuple(tag.casefold() for tag in row.tags) or None,
        "status": row.status,
        "assignee": work.assignee.casefold() if work is not None and work.assignee_id is not None else None,
        "due": work.due_on if work is not None else None,
    }
    return values[sort]


# Saved views ----------------------------------------------------------------------------------------------------------


def views_of(session: Session, campaign: Campaign, person: Person) -> Sequence[TableView]:
    """The person's own views of the campaign's table, by name."""
    own = (TableView.campaign_id == campaign.id) & (TableView.person_id == person.id)
    return session.scalars(select(TableView).where(own).order_by(func.lower(TableView.name), TableView.id)).all()


def save_view(session: Session, campaign: Campaign, *, name: str, query: str, by: Person) -> TableView:
    """Keep what the person chose, under a name; a view of theirs that has the name already is replaced.

    Those who manage the campaign may. Not an act of the log: nobody else learns of it. Raises EmptyText, TooLong,
    TooManyViews, QueryTooLong.
    """
    name = required(clean_line(name), max_length=MAX_VIEW_NAME_LENGTH)
    if len(query) > MAX_QUERY_LENGTH:
        raise QueryTooLong
    lock_campaign(session, campaign)  # the same name may be saved twice at once
    present = views_of(session, campaign, by)
    view = next((one for one in present if one.name.casefold() == name.casefold()), None)
    if view is None:
        if len(present) >= MAX_VIEWS:
            raise TooManyViews(most=MAX_VIEWS)
        view = TableView(campaign_id=campaign.id, person_id=by.id)
        session.add(view)
    view.name, view.query = name, query
    session.flush()
    return view


def delete_view(session: Session, view: TableView, *, by: Person) -> None:
    """Delete one's own view. Raises NotYourView."""
    if view.person_id != by.id:
        raise NotYourView
    session.delete(view)
    session.flush()
