"""The author's answer to a moderator who asked for a change: the text without the marked words, or another text."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import Version, keep_version
from ideas.campaigns.phases.phase import PhaseAct
from ideas.contributions.comment import MAX_BODY_LENGTH as MAX_COMMENT_LENGTH
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import change_places, places_of
from ideas.contributions.files.idea_file import files_of
from ideas.contributions.idea import (
    MAX_BODY_LENGTH,
    MAX_TITLE_LENGTH,
    Idea,
    actor,
    ask_for_places,
    content_of,
    is_by,
    record_own,
)
from ideas.contributions.talk.closing import closed_talk
from ideas.contributions.talk.mention import note_mentions
from ideas.contributions.withheld import Cause, Outcome, Review, Withheld, open_review, review_of
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.moderation.report import kind_of, text_of
from ideas.organisation.blocked_words import blocked_word
from ideas.organisation.organisation import the_organisation
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import Person
from ideas.people.sanction import Reason
from ideas.personal_data.personal_data import find_personal_data
from ideas.text import clean, clean_line, optional, required

# In a version of a text that a moderator worded otherwise: the rule that the earlier one broke.
MODERATED = "moderated"
# Signs before which neither French nor English has a space. Words are one space apart by then.
_SPACE_BEFORE = re.compile(r" ([.,)])")


class NothingAsked(DomainError):
    message = message_id("No change is asked for any more. Reload the page to see how it stands.")


class StillThere(DomainError):
    message = message_id("The marked words are still in your text. Take them out, then send it again.")


def may_answer(row: Idea | Comment, person: Person) -> bool:
    """True for who wrote the text: of an idea its author and co-authors."""
    return is_by(row, person) if isinstance(row, Idea) else row.author_id == person.id


def without(text: str, span: str) -> str:
    """The text without these words, and without the spaces that they leave."""
    return closed_up(text.replace(span, " "))


def closed_up(text: str) -> str:
    """The text without the spaces that words leave where they are taken out."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return clean(_SPACE_BEFORE.sub(r"\1", "\n".join(lines)))


def send_without(session: Session, row: Idea | Comment, *, by: Person, now: datetime) -> None:
    """Publish the text without the words that a moderator marked. Only its author may, whatever the campaign's state.

    Raises NotAllowed, NothingAsked, or EmptyText where nothing is left.
    """
    review = _begin(session, row, by)
    title = without(row.title, review.span) if isinstance(row, Idea) else ""
    body = without(row.body, review.span)
    places = {key: without(place, review.span) for key, place in _places(session, row).items() if review.span in place}
    shown = _shown_without(session, row, review.span)
    _change(session, row, review, title=title, body=body, places=places, shown=shown, by=by, now=now, is_read=False)


def send_changed(
    session: Session,
    row: Idea | Comment,
    *,
    body: str,
    by: Person,
    now: datetime,
    title: str = "",
    places: Mapping[int, str] | None = None,
) -> None:
    """Send another text, without the marked words. Only its author may. `places`: of an idea, as in `set_text`. Where
    a picture is said to show the marked words, they are taken out there.

    While such texts are taken there, it is published at once: while the campaign is open, in its phase, or while the
    comments on its debrief are open. Else it waits for a moderator, and where it seems to hold personal data or has a
    blocked word.
    Raises NotAllowed, NothingAsked, StillThere, EmptyText, TooLong, LimitReached.
    """
    review = _begin(session, row, by)
    title = title if isinstance(row, Idea) else ""
    texts = [title, body, *(_places(session, row) | dict(places or {})).values()]
    if any(review.span in text for text in texts):
        raise StillThere
    spend(session, LimitedAct.REVISE, by=by, now=now)
    campaign = row.campaign
    shown = _shown_without(session, row, review.span)
    public = "\n".join([*texts, *shown.values()])
    doubtful = find_personal_data(public, health=campaign.is_health) or blocked_word(
        public, the_organisation(session).blocked_words
    )
    is_read = bool(doubtful) or not _is_taken(session, row, now=now)
    _change(session, row, review, title=title, body=body, places=places, shown=shown, by=by, now=now, is_read=is_read)


def _is_taken(session: Session, row: Idea | Comment, *, now: datetime) -> bool:
    campaign = row.campaign
    if isinstance(row, Comment) and row.idea is None:
        return closed_talk(session, campaign) is None
    act = PhaseAct.WRITE if isinstance(row, Idea) else PhaseAct.COMMENT
    return campaign.is_open(now) and campaign.takes(act, now)


def _begin(session: Session, row: Idea | Comment, by: Person) -> Review:
    if not may_answer(row, by):
        raise NotAllowed
    review = review_of(session, kind_of(row), row.id, row.campaign.id)
    session.refresh(row, with_for_update={"of": type(row)})
    asked = row.withheld is Withheld.CHANGE_ASKED and row.withdrawn_at is None
    if review is None or not asked or not review.span:
        raise NothingAsked
    return review


def _change(
    session: Session,
    row: Idea | Comment,
    review: Review,
    *,
    title: str,
    body: str,
    places: Mapping[int, str] | None,
    shown: Mapping[int, str],
    by: Person,
    now: datetime,
    is_read: bool,
) -> None:
    """`is_read`: a moderator reads the text before everyone does."""
    named = actor(row, by) if isinstance(row, Idea) else by
    set_text(session, row, title=title, body=body, places=places, shown=shown, by=named, now=now)
    if review.reason is Reason.PERSONAL_DATA:
        _restrict_versions(session, row, review.span)
    if isinstance(row, Idea):
        record_own(session, Verb.CHANGED, row, by=by, now=now)
    row.withheld, row.withheld_at = (Withheld.WAITING if is_read else None), now
    campaign_id = review.campaign_id
    review.outcome, review.version, review.acted_by_id, review.acted_at = (
        Outcome.CHANGED,
        review.version + 1,
        named.id if named is not None else None,
        now,
    )
    if is_read:
        open_review(
            session, review.object_kind, review.object_id, campaign_id=campaign_id, cause=Cause.CHANGED, now=now,
            text="\n".join([text_of(row), *_places(session, row).values()]),
        )  # fmt: skip
    elif isinstance(row, Idea):
        ask_for_places(session, row.campaign, now=now)
    record(session, Verb.CHANGED, review, by=named, campaign_id=campaign_id, now=now, after={"waits": is_read})
    session.flush()


def set_text(
    session: Session,
    row: Idea | Comment,
    *,
    title: str = "",
    body: str,
    places: Mapping[int, str] | None = None,
    shown: Mapping[int, str] | None = None,
    by: Person | None,
    now: datetime,
    reason: str = "",
    moderated: Reason | None = None,
) -> None:
    """Give the idea or the comment another text. The earlier one stays as a version. For the rules of moderation.

    `places`: of an idea, other words for places that are given with it, by the field's id; empty takes one out.
    `shown`: other words for what its pictures show, by the id of the file.
    `moderated`: why a moderator worded it otherwise. Raises EmptyText or TooLong.
    """
    if row.version == 1:  # the first text is kept only once there is a second
        at = (row.submitted_at if isinstance(row, Idea) else None) or row.created_at
        keep_version(session, row, object_id=row.id, content=_content(session, row), by=row.author, now=at)
    if isinstance(row, Idea):
        row.title = optional(clean_line(title), max_length=MAX_TITLE_LENGTH)
        row.body, row.updated_at = required(body, max_length=MAX_BODY_LENGTH), now
        change_places(session, row.id, places or {})
        for one in files_of(session, [row.id]).get(row.id, []) if shown else ():
            one.alternative = (shown or {}).get(one.file_id, one.alternative)
    else:
        row.body, row.changed_at = required(body, max_length=MAX_COMMENT_LENGTH), now
    row.version += 1
    content = _content(session, row) | ({MODERATED: moderated.value} if moderated is not None else {})
    keep_version(session, row, object_id=row.id, content=content, reason=reason, by=by, now=now)
    session.flush()
    if isinstance(row, Comment):
        note_mentions(session, row.id, row.place, body=row.body, by=row.author)


def _content(session: Session, row: Idea | Comment) -> dict[str, Any]:
    return content_of(session, row) if isinstance(row, Idea) else {"body": row.body}


def _shown_without(session: Session, row: Idea | Comment, span: str) -> dict[int, str]:
    """What the pictures of an idea show without these words, by the id of the file: of those that have them."""
    files = files_of(session, [row.id]).get(row.id, []) if isinstance(row, Idea) else []
    return {one.file_id: without(one.alternative, span) for one in files if span in one.alternative}


def _places(session: Session, row: Idea | Comment) -> dict[int, str]:
    return places_of(session, row.id) if isinstance(row, Idea) else {}


def _texts(content: Mapping[str, Any]) -> Iterator[str]:
    """The texts that a version keeps: title, body, and places."""
    yield from (content[name] for name in ("title", "body") if name in content)
    yield from (one["text"] for one in content.get("fields", ()))


def _restrict_versions(session: Session, row: Idea | Comment, span: str) -> None:
    """Earlier texts with these words are for the author and the team only."""
    kept = select(Version).where(Version.object_kind == row.__tablename__, Version.object_id == row.id)
    for version in session.scalars(kept):
        if any(span in text for text in _texts(version.content)):
            version.is_restricted = True
