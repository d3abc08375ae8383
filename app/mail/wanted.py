"""Which mails nobody wants any more: their kind, or their space, was switched off since they were queued."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.orm import Session

from ideas.outreach.messages.message import Message
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import OF_SPACES, silent_in, without_mail
from ideas.outreach.recipients.members import space_of


def unwanted_mails(session: Session, messages: Sequence[Message]) -> list[int]:
    """The ids of those of these mails of notices that their person stopped. A query for each kind and each space."""
    by_kind: dict[NoticeKind, list[int]] = defaultdict(list)
    by_space: dict[int | None, list[int]] = defaultdict(list)
    for message in messages:
        if message.notice is not None and message.person_id is not None:
            by_kind[message.notice.kind].append(message.person_id)
            if message.notice.kind in OF_SPACES:
                by_space[space_of(message.notice.activity)].append(message.person_id)
    without = {(kind, person) for kind, some in by_kind.items() for person in without_mail(session, kind, some)}
    silent = {(space, person) for space, some in by_space.items() for person in silent_in(session, space, some)}
    return [
        each.id
        for each in messages
        if each.notice is not None
        and (
            (each.notice.kind, each.person_id) in without
            or (each.notice.kind in OF_SPACES and (space_of(each.notice.activity), each.person_id) in silent)
        )
    ]
