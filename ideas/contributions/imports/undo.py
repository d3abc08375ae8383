"""Undo an import, or withdraw one of its ideas. Nothing is deleted: ideas and replaced texts can come back.

An idea that its author has claimed is theirs: undoing the import leaves it as it is. What others wrote below the ideas
stays stored and comes back with them. Once the debrief is public, nothing is undone.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, column, exists, func, or_, select, table, update
from sqlalchemy.orm import Session, aliased

from ideas.activity.activity import Activity, Verb, record
from ideas.activity.version import reason_for_change
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.contributions.comment import Comment, is_shown
from ideas.contributions.idea import Idea, ask_for_places, check_not_put_back
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.imports.known import SameId, ideas_replaced, swap_replaced_texts
from ideas.contributions.imports.report import ImportReport
from ideas.contributions.merged import take_out
from ideas.contributions.vote import Reaction, Vote
from ideas.contributions.withheld import ObjectKind, Review, Withheld
from ideas.errors import DomainError, message_id
from ideas.people.person import Person

# Themes and answers are above contributions: their tables are named without their models.
_placement = table("placement", column("idea_id"), column("theme_id"))
_decision = table("decision", column("theme_id"))
_own_answer = table("idea_answer", column("idea_id"), column("withdrawn_at"))


class UndoingClosed(DomainError):
    message = message_id("The debrief is published. You can no longer withdraw imported ideas.")


class AlreadyUndone(DomainError):
    message = message_id("This import is already undone.")


class NotUndone(DomainError):
    message = message_id("This import is not undone.")


class NotImported(DomainError):
    message = message_id("Only its author can withdraw this idea.")


@dataclass(frozen=True, slots=True)
class Extent:
    """What undoing an import concerns: its ideas that are not withdrawn, those that people responded to, those in a
    theme with an answer or with one of their own, and earlier ideas whose text it replaced.

    `claimed`: beside them, those that stay, as their authors claimed them.
    """

    ideas: int
    responded: int
    answered: int
    replaced: int
    claimed: int = 0


def extent(session: Session, campaign: Campaign, upload: IdeaImport) -> Extent:
    """What undoing this import concerns now. The owner and facilitators may read it."""
    of_import = _of_import(upload) & _is_there()
    claimed = (Idea.import_id == upload.id) & _is_claimed() & _is_there()
    responded = or_(
        Idea.id.in_(select(Comment.idea_id).where(is_shown())),
        Idea.id.in_(select(Vote.idea_id)),
        Idea.id.in_(select(Reaction.idea_id)),
    )
    answered = or_(
        Idea.id.in_(select(_placement.c.idea_id).join(_decision, _decision.c.theme_id == _placement.c.theme_id)),
        Idea.id.in_(select(_own_answer.c.idea_id).where(_own_answer.c.withdrawn_at.is_(None))),
    )

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return select(func.count(Idea.id)).where(condition).scalar_subquery()

    counts = (of_import, of_import & responded, of_import & answered, claimed)
    found = session.execute(select(*[count(which) for which in counts])).one()
    replaced = len(ideas_replaced(session, campaign, upload.id)) if _replaces(upload) else 0
    return Extent(*found[:3], replaced=replaced, claimed=found[3])


def undo_import(
    session: Session, campaign: Campaign, upload: IdeaImport, *, by: Person, reason: str, now: datetime
) -> int:
    """Withdraw the ideas that this import added and nobody claimed, and return how many. The owner and facilitators
    may.

    Ideas whose text it replaced get their earlier one back, unless they were changed since. The file can be imported
    again; a text that was given back is known then, and comes again only by `restore_import`.
    Raises UndoingClosed, AlreadyUndone (also for a file that is not imported yet), ReasonNeeded or TooLong.
    """
    reason = reason_for_change(reason)
    lock_campaign(session, campaign)
    session.refresh(upload)
    _check_open(campaign)
    if upload.finished_at is None or upload.undone_at is not None:
        raise AlreadyUndone
    of_import = _of_import(upload)
    count = session.scalar(select(func.count(Idea.id)).where(of_import, _is_there())) or 0
    _take_out_merged(session, campaign, upload, by=by, now=now)
    # Without its key, an idea of the file is new again.
    _change(session, of_import, import_key=None)
    _change(session, of_import & _is_there(), withdrawn_at=now)
    _in_queue(session, campaign, upload, now, is_open=False)
    after = {"ideas": count}
    if _replaces(upload):
        after["texts"] = _swap(session, campaign, upload, by=by, reason=reason, now=now)
        ask_for_places(session, campaign, now=now)
    upload.undone_at = now
    record(session, Verb.UNDONE, upload, by=by, campaign_id=campaign.id, reason=reason, after=after, now=now)
    session.flush()
    return count


def restore_import(session: Session, campaign: Campaign, upload: IdeaImport, *, by: Person, now: datetime) -> int:
    """Publish again the ideas that `undo_import` withdrew, and return how many. The owner and facilitators may.

    The texts that it gave back are replaced again; those with personal data wait for a moderator, as in an import. An
    idea that was withdrawn before stays so. Raises UndoingClosed or NotUndone.
    """
    lock_campaign(session, campaign)
    session.refresh(upload)
    _check_open(campaign)
    if upload.undone_at is None:
        raise NotUndone
    undone = _of_import(upload) & (Idea.withdrawn_at == upload.undone_at)
    count = session.scalar(select(func.count(Idea.id)).where(undone)) or 0
    _in_queue(session, campaign, upload, upload.undone_at, is_open=True)
    _change(session, undone, withdrawn_at=None)
    if _replaces(upload):
        _swap(session, campaign, upload, by=by, now=now)
    upload.undone_at = None
    ask_for_places(session, campaign, now=now)
    record(session, Verb.RESTORED, upload, by=by, campaign_id=campaign.id, after={"ideas": count}, now=now)
    session.flush()
    return count


def withdraw_imported(session: Session, idea: Idea, *, by: Person, reason: str, now: datetime) -> None:
    """Withdraw one imported idea, which has no author here who could. The owner and facilitators may.

    A second time changes nothing. Raises NotImported, UndoingClosed, ReasonNeeded or TooLong.
    """
    reason = reason_for_change(reason)
    _hold(session, idea)
    if idea.withdrawn_at is None:
        idea.withdrawn_at = now
        if take_out(session, idea, by=by, now=now):
            ask_for_places(session, idea.campaign, now=now)
        record(session, Verb.WITHDRAWN, idea, by=by, campaign_id=idea.campaign_id, reason=reason, now=now)
        session.flush()


def restore_imported(session: Session, idea: Idea, *, by: Person, now: datetime) -> None:
    """Publish an imported idea again. The owner and facilitators may.

    Raises NotImported, UndoingClosed, IdeaPutBack.
    """
    _hold(session, idea)
    check_not_put_back(session, idea)
    if idea.withdrawn_at is not None:
        idea.withdrawn_at = None
        ask_for_places(session, idea.campaign, now=now)
        record(session, Verb.RESTORED, idea, by=by, campaign_id=idea.campaign_id, now=now)
        session.flush()


def may_be_undone(idea: Idea) -> bool:
    """True for an idea that nobody claimed, until the debrief is public."""
    return idea.is_unclaimed and idea.campaign.debriefed_at is None


def reason_of_withdrawal(session: Session, withdrawn: Idea | IdeaImport) -> str:
    """Why the team withdrew this imported idea, or undid this import. The team may read it.

    Empty for an idea that was withdrawn with its whole import.
    """
    latest = (
        select(Activity.reason)
        .where(
            Activity.object_kind == withdrawn.__tablename__,
            Activity.object_id == withdrawn.id,
            Activity.verb.in_([Verb.WITHDRAWN, Verb.UNDONE, Verb.RESTORED]),
        )
        .order_by(Activity.id.desc())
        .limit(1)
    )
    return session.scalar(latest) or ""


def _hold(session: Session, idea: Idea) -> None:
    if not idea.is_unclaimed:
        raise NotImported
    lock_campaign(session, idea.campaign)
    session.refresh(idea)
    _check_open(idea.campaign)


def _take_out_merged(session: Session, campaign: Campaign, upload: IdeaImport, *, by: Person, now: datetime) -> None:
    """Take the ideas of this import out of their merges: they are withdrawn next."""
    part = aliased(Idea)
    merged = Idea.merged_into_id.is_not(None) | exists().where(part.merged_into_id == Idea.id)
    ideas = session.scalars(select(Idea).where(_of_import(upload), merged)).all()
    stand_alone = [take_out(session, idea, by=by, now=now) for idea in ideas]
    if any(stand_alone):
        ask_for_places(session, campaign, now=now)


def _is_claimed() -> ColumnElement[bool]:
    """SQL condition, the opposite of `Idea.is_unclaimed`: an idea has an author here, named or anonymous."""
    return Idea.author_id.is_not(None) | Idea.is_anonymous


def _of_import(upload: IdeaImport) -> ColumnElement[bool]:
    """SQL condition: an idea that this import added, and that nobody claimed."""
    return (Idea.import_id == upload.id) & ~_is_claimed()


def _is_there() -> ColumnElement[bool]:
    """SQL condition: an imported idea that is not withdrawn, also where moderators withhold it."""
    return Idea.submitted_at.is_not(None) & Idea.withdrawn_at.is_(None)


def _in_queue(session: Session, campaign: Campaign, upload: IdeaImport, at: datetime, *, is_open: bool) -> None:
    """Take the ideas that wait for a moderator and were withdrawn at this instant out of their queue, or put them
    back."""
    waiting = _of_import(upload) & (Idea.withdrawn_at == at) & (Idea.withheld == Withheld.WAITING)
    session.execute(
        update(Review)
        .where(
            Review.campaign_id == campaign.id,
            Review.object_kind == ObjectKind.IDEA,
            Review.object_id.in_(select(Idea.id).where(waiting)),
        )
        .values(is_open=is_open, version=Review.version + 1)
        .execution_options(synchronize_session="fetch")
    )


def _replaces(upload: IdeaImport) -> bool:
    report = upload.report or {}
    return bool(report.get("changed")) and report.get("same_id") == SameId.REPLACE


def _swap(
    session: Session, campaign: Campaign, upload: IdeaImport, *, by: Person, reason: str = "", now: datetime
) -> int:
    kept = ImportReport.from_json(upload.report or {}).personal.kept
    keeps = bool(kept) and not campaign.is_strict  # knowingly, by whoever imported it
    return swap_replaced_texts(session, campaign, upload.id, by=by, reason=reason, keeps_personal=keeps, now=now)


def _check_open(campaign: Campaign) -> None:
    if campaign.debriefed_at is not None:
        raise UndoingClosed


def _change(session: Session, which: ColumnElement[bool], **values: object) -> None:
    session.execute(update(Idea).where(which).values(**values).execution_options(synchronize_session="fetch"))
