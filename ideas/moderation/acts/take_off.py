"""A moderator takes a photo or a document off an idea, also once the campaign is closed; its author is told why.

It is gone for good, as where its author takes it off. Earlier texts name it, so they are for its author and the team.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged, keep_version
from ideas.contributions.files.change import removed_places, take_off
from ideas.contributions.files.idea_file import files_of
from ideas.contributions.idea import Idea, content_of
from ideas.contributions.withheld import Outcome, Review
from ideas.errors import Conflict, message_id
from ideas.moderation.acts.reword import restrict_earlier
from ideas.moderation.review import MAX_NOTE_LENGTH, begin_act, close_with
from ideas.people.person import Person
from ideas.people.sanction import Reason
from ideas.text import optional


class FileIsGone(Conflict):
    message = message_id("This file is no longer part of the idea. Reload the page.")


def take_file_off(
    session: Session,
    review: Review,
    file_id: int,
    *,
    reason: Reason,
    by: Person,
    now: datetime,
    note: str = "",
    seen: int | None = None,
    seen_text: int | None = None,
) -> Sequence[str]:
    """Take this file off the idea, which stays as public or withheld as it is. Whoever moderates the campaign may.

    Of a public idea the case is closed with it; what is withheld still waits for what was decided or asked of it.
    `note`, `seen`, `seen_text`: as of `reword`. Returns where the bytes are, to discard after the commit.
    Raises as `hide` does; ChangedMeanwhile where the author changed the idea; FileIsGone.
    """
    idea = begin_act(session, review, by=by, seen=seen)
    one = None
    if isinstance(idea, Idea):
        check_unchanged(idea, seen_text)
        one = next((each for each in files_of(session, [idea.id]).get(idea.id, []) if each.file_id == file_id), None)
    if one is None or not isinstance(idea, Idea):
        raise FileIsGone
    note = optional(note, max_length=MAX_NOTE_LENGTH)
    if idea.version == 1:  # the first text is kept only once there is a second
        first, at = content_of(session, idea), idea.submitted_at or idea.created_at
        keep_version(session, idea, object_id=idea.id, content=first, by=idea.author, now=at)
    take_off(one, now=now)
    session.flush()
    idea.version += 1
    keep_version(session, idea, object_id=idea.id, content=content_of(session, idea), by=by, now=now)
    session.flush()
    restrict_earlier(session, idea)
    if idea.withheld is None:
        close_with(
            session, review, Outcome.FILE_TAKEN_OFF,
            reason=reason, note=note, span="", by=by, now=now, file_id=file_id, version=idea.version,
        )  # fmt: skip
    else:
        review.version, review.acted_by_id, review.acted_at = review.version + 1, by.id, now
        facts: dict[str, Any] = {"reason": reason, "kind": review.object_kind, "idea_id": idea.id}
        record(
            session, Verb.REMOVED, review,
            by=by, campaign_id=review.campaign_id, now=now, reason=note,
            after=facts | {"file_id": file_id, "version": idea.version},
        )  # fmt: skip
    session.flush()
    return removed_places(session, [file_id])
