"""Objections: once the debrief is out, who wrote an idea says “this is not what I meant” of a theme that it counts in.

That offers the idea for moving: the team moves it, or leaves it there and says why. Whether it was moved is not stored,
but asked of its placement: undoing the move opens the objection again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Select, String, Text, exists, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from ideas.activity.activity import Verb, record
from ideas.answers.earlier import holders_of
from ideas.base import Base, chunks
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.claim import ImportedAddress, ideas_of_same_author
from ideas.contributions.idea import Idea, actor, is_by
from ideas.errors import Conflict, DomainError, NotAllowed, message_id
from ideas.people.limit import LimitedAct, spend, spend_from
from ideas.people.person import MAX_EMAIL_LENGTH, Person
from ideas.people.sanction import check_may_write
from ideas.spaces.invitation import address_hash
from ideas.text import required
from ideas.themes.passage import Passage, counted
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme

MAX_REASON_LENGTH = 1_000


class NotAnsweredYet(DomainError):
    message = message_id("The debrief is not published yet, so your idea has no place that you can object to.")


class AlreadyObjected(DomainError):
    message = message_id("You have already told the team about this idea in this theme. You are told what they decide.")


class AlreadySettled(Conflict):
    message = message_id("This is settled already. The idea was moved, or someone left it there with an answer.")


class Objection(Base):
    """`theme_id`: where the idea counted then; None where it was in no theme. `kept_at`: when the team left it there,
    with an `answer`. It is open while it is not kept, and the idea was not moved from there: see `states_of`.

    `email`: of an imported idea, the address of its author, who has no account: then there is no `person_id`.
    """

    __tablename__ = "objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None] = mapped_column(String(MAX_EMAIL_LENGTH), index=True)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))

    idea: Mapped[Idea] = relationship()
    theme: Mapped[Theme | None] = relationship()


@dataclass(frozen=True, slots=True)
class ObjectionState:
    """An objection as it is today. `is_open`: the team has not dealt with it; `theme`: where the idea still is;
    `by_passage`: it is there by a passage alone, which may be of an earlier text, and has another main theme.
    """

    objection: Objection
    is_open: bool
    theme: Theme | None
    by_passage: bool = False

    @property
    def is_moved(self) -> bool:
        return not self.is_open and self.objection.kept_at is None


def object_to(
    session: Session, idea: Idea, *, theme_id: int | None, reason: str, by: Person, now: datetime
) -> Objection:
    """Say of an idea that it does not belong in a theme, or, with None, that it belongs in one. From the log, the team
    is told. Only who wrote the idea may, once for each theme.

    Of a merged idea, it is about the theme of the one that it is merged into.
    Raises NotAllowed, NotAnsweredYet, Suspended or Banned, AlreadyObjected, EmptyText, TooLong, LimitReached, and
    Conflict where the idea is not in this theme any more.
    """
    if not is_by(idea, by) or not idea.is_readable:
        raise NotAllowed
    if idea.campaign.debriefed_at is None:
        raise NotAnsweredYet
    check_may_write(session, by, idea.campaign_id, now=now)
    made = Objection(person_id=by.id)
    _object(session, made, idea, theme_id, reason, now, earlier=Objection.person_id == by.id)
    spend(session, LimitedAct.OBJECT, by=by, now=now)
    return _recorded(session, made, by=actor(idea, by), now=now)


def object_by_link(session: Session, idea: Idea, *, theme_id: int | None, reason: str, now: datetime) -> Objection:
    """As `object_to`, for whoever has the link that was sent to the author of this imported idea, until it is claimed.

    Raises as `object_to`, and NotAllowed where that author is told nothing any more.
    """
    if idea not in ideas_of_same_author(session, idea.id):
        raise NotAllowed
    if idea.campaign.debriefed_at is None:
        raise NotAnsweredYet
    email = session.get_one(ImportedAddress, idea.id).email
    made = Objection(email=email)
    _object(session, made, idea, theme_id, reason, now, earlier=Objection.email == email)
    spend_from(session, LimitedAct.OBJECT, subject=address_hash(email), now=now)
    return _recorded(session, made, by=None, now=now)


def _object(
    session: Session, made: Objection, idea: Idea, theme_id: int | None, reason: str, now: datetime,
    *, earlier: ColumnElement[bool],
) -> None:  # fmt: skip
    """Fill in what is said of the idea. Raises as `object_to`. `earlier`: SQL condition of what the same one said."""
    reason = required(reason, max_length=MAX_REASON_LENGTH)
    lock_campaign(session, idea.campaign)
    themes = _themes_of(session, [idea.kept.id])[idea.kept.id]
    if (theme_id is None and themes) or (theme_id is not None and theme_id not in themes):
        raise Conflict
    same_theme = Objection.theme_id == theme_id if theme_id is not None else Objection.theme_id.is_(None)
    if (
        session.scalar(select(Objection.id).where(Objection.idea_id == idea.id, earlier, same_theme).limit(1))
        is not None
    ):
        raise AlreadyObjected
    made.campaign_id, made.idea, made.theme_id = idea.campaign_id, idea, theme_id
    made.reason, made.created_at = reason, now


def _recorded(session: Session, made: Objection, *, by: Person | None, now: datetime) -> Objection:
    session.add(made)
    session.flush()
    after = {"idea_id": made.idea_id, "theme_id": made.theme_id}
    record(session, Verb.REPORTED, made, by=by, campaign_id=made.campaign_id, after=after, now=now)
    session.flush()
    return made


def claim_objections(session: Session, ideas: Sequence[Idea], person: Person) -> None:
    """What was said by link of these ideas, which the person has just claimed, is theirs from now on."""
    for some in chunks([idea.id for idea in ideas]):
        by_link = update(Objection).where(Objection.idea_id.in_(some), Objection.person_id.is_(None))
        session.execute(by_link.values(person_id=person.id, email=None))


def lock_open(session: Session, objection: Objection) -> ObjectionState:
    """Lock the campaign until the commit, and read the objection again: of two who settle it at once, one does.

    Raises AlreadySettled.
    """
    lock_campaign(session, objection.idea.campaign)
    session.refresh(objection)
    for read in (objection.idea, objection.theme):
        if read is not None:
            session.refresh(read)
    state = states_of(session, [objection])[0]
    if not state.is_open:
        raise AlreadySettled
    return state


def keep_placement(session: Session, objection: Objection, *, answer: str, by: Person, now: datetime) -> None:
    """Leave the idea where it is, and say why. From the activity log, who objected is told.

    The owner and facilitators may. Raises AlreadySettled, EmptyText, TooLong.
    """
    answer = required(answer, max_length=MAX_REASON_LENGTH)
    lock_open(session, objection)
    objection.kept_at, objection.kept_by_id, objection.answer = now, by.id, answer
    after = {"idea_id": objection.idea_id, "theme_id": objection.theme_id}
    record(
        session, Verb.DECLINED, objection,
        by=by, campaign_id=objection.campaign_id, reason=answer, after=after, now=now,
    )  # fmt: skip
    session.flush()


def open_objections(session: Session, campaign: Campaign) -> list[ObjectionState]:
    """The objections that the team has to deal with, oldest first. The owner and facilitators may read them.

    Those about ideas that not everyone may read any more are left out. As many queries as for `states_of`, and one.
    """
    found = session.scalars(
        select(Objection)
        .join(Objection.idea)
        .outerjoin(Objection.theme)
        .where(Objection.campaign_id == campaign.id, Objection.kept_at.is_(None), _may_be_open())
        .options(joinedload(Objection.idea).joinedload(Idea.merged_into), joinedload(Objection.theme))
        .order_by(Objection.id)
    ).all()
    return [state for state in states_of(session, found) if state.is_open]


def _may_be_open() -> ColumnElement[bool]:
    """SQL condition: the idea may still be where the objection says, so that those that were moved are not loaded. What
    a merge of themes did is looked up afterwards.
    """
    kept_id = func.coalesce(Idea.merged_into_id, Idea.id)
    placed = exists().where(Placement.idea_id == kept_id, Placement.theme_id == Objection.theme_id)
    asking = exists().where(Passage.idea_id == kept_id, Passage.theme_id == Objection.theme_id)
    return or_(Objection.theme_id.is_(None), Theme.retired_at.is_not(None), placed, asking)


def objections_by(session: Session, campaign: Campaign, person: Person) -> list[ObjectionState]:
    """What this person objected to in the campaign, oldest first. Only they may read it."""
    return _objections(session, (Objection.campaign_id == campaign.id) & (Objection.person_id == person.id))


def objections_by_link(session: Session, ideas: Sequence[Idea]) -> list[ObjectionState]:
    """What was objected by link to these ideas of one address, oldest first. For whoever has that link."""
    by_link = Objection.idea_id.in_([idea.id for idea in ideas]) & Objection.person_id.is_(None)
    return _objections(session, by_link)


def _objections(session: Session, which: ColumnElement[bool]) -> list[ObjectionState]:
    found = session.scalars(
        select(Objection)
        .where(which)
        .options(joinedload(Objection.idea).joinedload(Idea.merged_into), joinedload(Objection.theme))
        .order_by(Objection.id)
    ).all()
    return states_of(session, found)


def states_of(session: Session, objections: Sequence[Objection]) -> list[ObjectionState]:
    """Each of these objections as it is today. Of a theme that was merged away, the one that has its ideas counts.

    The idea was moved where its present text counts elsewhere. One that was reworded, and whose new text was not read
    yet, is still where a passage of the earlier one was: nobody has moved it. A number of queries that depends on how
    many hundreds of objections there are.
    """
    kept_ids = {objection.idea.kept.id for objection in objections}
    there = _themes_of(session, kept_ids)
    earlier = _passages_of_earlier_texts(session, kept_ids)
    themes = _themes_today(session, [objection.theme for objection in objections if objection.theme is not None])
    found = []
    for objection in objections:
        idea_id = objection.idea.kept.id
        ids = earlier[idea_id] | there[idea_id]
        theme = themes[objection.theme.id] if objection.theme is not None else None
        is_there = theme.id in ids if theme is not None else objection.theme_id is None and not there[idea_id]
        is_open = objection.kept_at is None and objection.idea.is_readable and is_there
        by_passage = is_there and theme is not None and not ids[theme.id]
        found.append(ObjectionState(objection, is_open, theme if is_there else None, by_passage))
    return found


def _themes_today(session: Session, themes: Collection[Theme]) -> dict[int, Theme]:
    """By the id of each of these themes, the one that has its ideas: itself, or the one that it was merged into."""
    found = {theme.id: theme for theme in themes}
    holders = holders_of(session, themes)
    for some in chunks(sorted(set(holders.values()) - set(found))):
        found.update((theme.id, theme) for theme in session.scalars(select(Theme).where(Theme.id.in_(some))))
    return {theme.id: found.get(holders[theme.id], theme) for theme in themes}


def _passages_of_earlier_texts(session: Session, idea_ids: Collection[int]) -> dict[int, dict[int, bool]]:
    """By idea, the themes of the passages that were found in an earlier text of it, each with False: none is its main
    one. A run that reads the present text replaces them, and so does whoever takes the idea out of the theme.
    """
    found: dict[int, dict[int, bool]] = {idea_id: {} for idea_id in idea_ids}
    for some in chunks(sorted(found)):
        stale = (
            select(Passage.idea_id, Passage.theme_id)
            .join(Idea, Idea.id == Passage.idea_id)
            .where(Passage.idea_id.in_(some), Passage.version != Idea.version)
        )
        for idea_id, theme_id in session.execute(stale):
            found[idea_id][theme_id] = False
    return found


def _themes_of(session: Session, idea_ids: Collection[int]) -> dict[int, dict[int, bool]]:
    """The themes in which each of these ideas counts, each with True for its main one."""
    found: dict[int, dict[int, bool]] = {idea_id: {} for idea_id in idea_ids}
    for some in chunks(sorted(found)):
        pairs = counted(campaign_id=_campaigns_of(some), ideas=select(Idea.id).where(Idea.id.in_(some)))
        for idea_id, theme_id, is_main, *_rest in session.execute(pairs):
            found[idea_id][theme_id] = bool(is_main)
    return found


def _campaigns_of(idea_ids: Sequence[int]) -> Select[int]:
    return select(Idea.campaign_id).where(Idea.id.in_(idea_ids))
