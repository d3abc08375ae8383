"""One decision as a moderator's page sends it, for one object, for its look-alikes, or for several of the queue."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import is_by
from ideas.contributions.withheld import ObjectKind, Review, Withheld
from ideas.moderation.queue import look_alikes
from ideas.moderation.report import text_of
from ideas.moderation.review import ask_to_change, dismiss, hide, is_own, object_of, reopen, restore, review_for
from ideas.moderation.sanctions import sanction_person
from ideas.people.person import Person
from ideas.people.sanction import MAX_QUOTE_LENGTH, Reason, SanctionKind


class ReviewAct(StrEnum):
    """What a moderator decides about one object."""

    HIDE = "hide"
    BLOCK = "block"  # hide it, and ban its author from the campaign
    ASK = "ask"
    RESTORE = "restore"
    DISMISS = "dismiss"
    REOPEN = "reopen"


def decide(
    session: Session,
    review: Review,
    act: ReviewAct,
    *,
    by: Person,
    now: datetime,
    reason: Reason | None = None,
    note: str = "",
    span: str = "",
    also: Sequence[int] = (),
    seen: int | None = None,
) -> None:
    """Do this act. Whoever moderates the campaign may; see `ideas.moderation.review` for what is raised.

    `also`: the ids of look-alikes that are hidden with it, for the same reason; what no longer is one is left as it is,
    and so is what `by` wrote.
    """
    given = reason or review.reason or Reason.OTHER
    if act is ReviewAct.ASK:
        ask_to_change(session, review, reason=given, span=span, note=note, by=by, now=now, seen=seen)
    elif act is ReviewAct.RESTORE:
        restore(session, review, note=note, by=by, now=now, seen=seen)
    elif act is ReviewAct.DISMISS:
        dismiss(session, review, note=note, by=by, now=now, seen=seen)
    elif act is ReviewAct.REOPEN:
        reopen(session, review, by=by, now=now, seen=seen)
    elif act is ReviewAct.BLOCK:
        _block(session, review, reason=given, words=note, by=by, now=now, seen=seen)
    else:
        chosen = set(also)
        others = [idea for idea in look_alikes(session, review) if idea.id in chosen] if chosen else []
        hide(session, review, reason=given, note=note, by=by, now=now, seen=seen)
        for idea in others:
            if not is_by(idea, by):
                found = review_for(session, review.campaign, idea, by=by, now=now)
                hide(session, found, reason=given, note=note, by=by, now=now)


def _block(
    session: Session, review: Review, *, reason: Reason, words: str, by: Person, now: datetime, seen: int | None
) -> None:
    """Hide the text, and what else of its author waits to be read here; ban the author, who may appeal.

    Raises as `hide` and `sanction_person` do.
    """
    row, author = object_of(session, review), review.author
    hide(session, review, reason=reason, note=words, by=by, now=now, seen=seen)
    waiting = select(Review).where(
        Review.campaign_id == review.campaign_id, Review.author_id == review.author_id, Review.is_open
    )
    # Without an account there is nobody to ban: other texts without one are by others.
    for other in session.scalars(waiting.order_by(Review.id)).all() if author is not None else ():
        if getattr(object_of(session, other), "withheld", None) is Withheld.WAITING:
            hide(session, other, reason=reason, by=by, now=now)
    if row is not None and author is not None:
        sanction_person(
            session, author, SanctionKind.BAN,
            campaign=review.campaign, reason=reason, quote=text_of(row)[:MAX_QUOTE_LENGTH], words=words,
            by=by, now=now,
        )  # fmt: skip


def decide_together(
    session: Session,
    campaign: Campaign | None,
    ids: Sequence[int],
    *,
    hides: bool,
    reason: Reason,
    by: Person,
    now: datetime,
) -> int:
    """Hide these objects of the queue for one reason, or dismiss the reports on them. Returns how many.

    Whoever moderates the campaign may; in all campaigns (None) administrators. Left as they are: what another moderator
    dealt with meanwhile, what `by` wrote, what was withdrawn, and people where something is hidden.
    """
    here: ColumnElement[bool] = Review.campaign_id == campaign.id if campaign is not None else true()
    reviews = session.scalars(
        select(Review)
        .where(Review.id.in_(ids), here, Review.is_open)
        .order_by(Review.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    count = 0
    for review in reviews:
        if is_own(session, review, by) or (hides and not _may_be_hidden(session, review)):
            continue
        if hides:
            hide(session, review, reason=reason, by=by, now=now)
        else:
            dismiss(session, review, by=by, now=now)
        count += 1
    return count


def _may_be_hidden(session: Session, review: Review) -> bool:
    row = object_of(session, review)
    return (
        review.object_kind is not ObjectKind.PERSON and row is not None and getattr(row, "withdrawn_at", None) is None
    )
