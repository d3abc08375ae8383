"""What moderators do with a reviewed object: hide, ask to change, restore, dismiss. Each act can be undone by another.

Whoever moderates the campaign may, and nobody about what they wrote themselves. Two at once: the first act counts, the
second is refused with the name of who was first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Activity, Verb, record
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import ACTS, TEAM_ROLES, Act, TeamMember, in_force
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import places_of
from ideas.contributions.files.idea_file import files_of
from ideas.contributions.idea import Idea, ask_for_places, is_by
from ideas.contributions.merged import take_out
from ideas.contributions.withheld import (
    MAX_SPAN_LENGTH,
    Cause,
    ObjectKind,
    Outcome,
    Review,
    Withheld,
    open_review,
)
from ideas.errors import Conflict, DomainError, message_id
from ideas.moderation.report import OwnText, Reported, author_of, close_reports, kind_of, text_of
from ideas.people.person import Person
from ideas.people.sanction import Reason
from ideas.text import optional

MAX_NOTE_LENGTH = 500

_VERBS = {
    Outcome.HIDDEN: Verb.HIDDEN,
    Outcome.CHANGE_ASKED: Verb.CHANGE_ASKED,
    Outcome.CHANGED: Verb.CHANGED,
    Outcome.RESTORED: Verb.RESTORED,
    Outcome.REWORDED: Verb.REWORDED,
    Outcome.FILE_TAKEN_OFF: Verb.REMOVED,
    Outcome.APPROVED: Verb.APPROVED,
    Outcome.DISMISSED: Verb.DISMISSED,
    Outcome.SANCTIONED: Verb.SANCTIONED,
}


class DecidedMeanwhile(Conflict):
    """`review` was dealt with while its page was open. Nothing of this act is kept."""

    message = message_id("%(name)s was faster. Read what was decided, then decide again if needed.")


class SpanNotFound(DomainError):
    message = message_id("These words are not in the text. Copy them exactly as they are written.")


class NothingToHide(DomainError):
    message = message_id("Only an idea or a comment can be hidden.")


class NotAModerator(DomainError):
    message = message_id("Choose someone who moderates this campaign.")


class Gone(Conflict):
    message = message_id("The author has withdrawn this text. There is nothing left to decide.")


def review_for(session: Session, campaign: Campaign, row: Reported, *, by: Person, now: datetime) -> Review:
    """The open review of an object that a moderator has found, with or without a report. Raises OwnText."""
    if author_of(row) == by.id:
        raise OwnText
    return open_review(
        session, kind_of(row), row.id, campaign_id=campaign.id, cause=Cause.FOUND, now=now,
        reason=None, author_id=author_of(row), text=text_of(row),
    )  # fmt: skip


def object_of(session: Session, review: Review) -> Reported | None:
    """The idea, the comment or the person; None where it is gone."""
    if review.object_kind is ObjectKind.IDEA:
        return session.get(Idea, review.object_id)
    if review.object_kind is ObjectKind.COMMENT:
        return session.get(Comment, review.object_id)
    return session.get(Person, review.object_id)


def hide(
    session: Session,
    review: Review,
    *,
    reason: Reason,
    by: Person,
    now: datetime,
    note: str = "",
    seen: int | None = None,
) -> None:
    """Hide an idea or a comment from all but its author and the team. `note`: words for the author.

    Raises DecidedMeanwhile, OwnText, NothingToHide, Gone, TooLong.
    """
    row = begin_act(session, review, by=by, seen=seen)
    withhold(session, row, Withheld.HIDDEN, by=by, now=now)
    close_with(session, review, Outcome.HIDDEN, reason=reason, note=note, span="", by=by, now=now)


def ask_to_change(
    session: Session,
    review: Review,
    *,
    reason: Reason,
    span: str,
    by: Person,
    now: datetime,
    note: str = "",
    seen: int | None = None,
) -> None:
    """Hide an idea or a comment until its author has changed it. `span`: the words that break the rule, marked for
    them.

    Raises DecidedMeanwhile, OwnText, NothingToHide, Gone, SpanNotFound, TooLong.
    """
    row = begin_act(session, review, by=by, seen=seen)
    span = optional(span, max_length=MAX_SPAN_LENGTH)
    if not span or not _holds(session, row, span):
        raise SpanNotFound
    withhold(session, row, Withheld.CHANGE_ASKED, by=by, now=now)
    close_with(session, review, Outcome.CHANGE_ASKED, reason=reason, note=note, span=span, by=by, now=now)


def restore(
    session: Session, review: Review, *, by: Person, now: datetime, note: str = "", seen: int | None = None
) -> None:
    """Publish again what is hidden or held: counts, themes and searches have it at once. Raises as `hide` does."""
    row = begin_act(session, review, by=by, seen=seen)
    outcome = Outcome.APPROVED if row.withheld is Withheld.WAITING else Outcome.RESTORED
    withhold(session, row, None, by=by, now=now)
    close_with(session, review, outcome, reason=review.reason, note=note, span="", by=by, now=now)


def dismiss(
    session: Session, review: Review, *, by: Person, now: datetime, note: str = "", seen: int | None = None
) -> None:
    """Close the reports: no rule is broken, and nothing changes for the author.

    Raises DecidedMeanwhile, OwnText, TooLong.
    """
    _lock(session, review, by=by, seen=seen)
    close_with(session, review, Outcome.DISMISSED, reason=review.reason, note=note, span="", by=by, now=now)


def reopen(session: Session, review: Review, *, by: Person, now: datetime, seen: int | None = None) -> None:
    """Put an object that was dealt with into the queue again. What is hidden stays so. Raises DecidedMeanwhile."""
    _lock(session, review, by=by, seen=seen)
    if not review.is_open:
        review.is_open, review.opened_at, review.assignee_id = True, now, by.id
        review.version += 1
        record(session, Verb.REOPENED, review, by=by, campaign_id=review.campaign_id, now=now)


def close_for_sanction(session: Session, review: Review, *, reason: Reason, by: Person, now: datetime) -> None:
    """Record that the person was warned, suspended or banned: the reports on them are dealt with."""
    _lock(session, review, by=by, seen=None)
    close_with(session, review, Outcome.SANCTIONED, reason=reason, note="", span="", by=by, now=now)


def assign(session: Session, review: Review, *, to: Person | None, by: Person, now: datetime) -> None:
    """Give a review to somebody who moderates, or to nobody. Whoever moderates may. Raises NotAModerator."""
    session.refresh(review, with_for_update={"of": Review})
    if (
        to is not None
        and to.id not in {person.id for person in moderators(session, review.campaign)}
        and not to.is_admin
    ):
        raise NotAModerator
    if review.assignee_id != (to.id if to else None):
        review.assignee_id = to.id if to else None
        after = {"person_id": to.id if to else None}
        record(session, Verb.ASSIGNED, review, by=by, campaign_id=review.campaign_id, now=now, after=after)
        session.flush()


def moderators(session: Session, campaign: Campaign) -> Sequence[Person]:
    """Who moderates the campaign by their role in it, by name."""
    roles = [role for role in TEAM_ROLES if Act.MODERATE in ACTS[role]]
    members = select(TeamMember.person_id).where(
        TeamMember.campaign_id == campaign.id, TeamMember.role.in_(roles), in_force()
    )
    named = select(Person).where(Person.id.in_(members) | (Person.id == campaign.owner_id))
    return session.scalars(named.order_by(Person.name, Person.id)).all()


def history_of(session: Session, review: Review) -> Sequence[Activity]:
    """What was done about an object, latest first. Moderators may read it."""
    return session.scalars(
        select(Activity)
        .where(Activity.object_kind == Review.__tablename__, Activity.object_id == review.id)
        .order_by(Activity.id.desc())
    ).all()


def is_own(session: Session, review: Review, person: Person) -> bool:
    """True where the person wrote what the review is about, alone or as a co-author: somebody else decides."""
    row = object_of(session, review) if review.object_kind is ObjectKind.IDEA else None
    return review.author_id == person.id or (isinstance(row, Idea) and is_by(row, person))


def _lock(session: Session, review: Review, *, by: Person, seen: int | None) -> None:
    session.refresh(review, with_for_update={"of": Review})
    if seen is not None and review.version != seen:
        first = session.get(Person, review.acted_by_id) if review.acted_by_id else None
        raise DecidedMeanwhile(name=first.name if first else "–")
    if is_own(session, review, by):
        raise OwnText


def begin_act(session: Session, review: Review, *, by: Person, seen: int | None) -> Idea | Comment:
    """Lock the review and its text, for an act that changes who reads the text."""
    _lock(session, review, by=by, seen=seen)
    row = object_of(session, review)
    if isinstance(row, Person):
        raise NothingToHide
    if row is None:
        raise Gone
    session.refresh(row, with_for_update={"of": type(row)})
    if row.withdrawn_at is not None:
        raise Gone
    return row


def withhold(session: Session, row: Idea | Comment, state: Withheld | None, *, by: Person, now: datetime) -> None:
    row.withheld, row.withheld_at = state, now
    if isinstance(row, Idea) and (state is None or take_out(session, row, by=by, now=now)):
        ask_for_places(session, row.campaign, now=now)


def _holds(session: Session, row: Idea | Comment, span: str) -> bool:
    """True where the words are in the text; of an idea also in a place, or in what a picture shows."""
    texts = [row.body]
    if isinstance(row, Idea):
        described = [one.alternative for one in files_of(session, [row.id]).get(row.id, [])]
        texts += [row.title, *places_of(session, row.id).values(), *described]
    return any(span in text for text in texts)


def close_with(
    session: Session,
    review: Review,
    outcome: Outcome,
    *,
    reason: Reason | None,
    note: str,
    span: str,
    by: Person,
    now: datetime,
    **facts: Any,
) -> None:
    """Record the act, with these facts: its review is closed, its author and whoever reported it are told."""
    before = {"outcome": review.outcome}
    note = optional(note, max_length=MAX_NOTE_LENGTH)
    review.outcome, review.reason, review.note, review.span = outcome, reason, note, span
    review.acted_by_id, review.acted_at, review.is_open = by.id, now, False
    review.version += 1
    close_reports(session, review, outcome=outcome, by=by, now=now)
    after: dict[str, Any] = {"outcome": outcome, "reason": reason, "kind": review.object_kind} | facts
    if (row := object_of(session, review)) is not None and not isinstance(row, Person):
        if isinstance(row, Comment):
            after["comment_id"] = row.id
        if (idea_id := row.id if isinstance(row, Idea) else row.idea_id) is not None:
            after["idea_id"] = idea_id
    record(
        session, _VERBS[outcome], review,
        by=by, campaign_id=review.campaign_id, now=now, reason=note, before=before, after=after,
    )  # fmt: skip
    session.flush()
