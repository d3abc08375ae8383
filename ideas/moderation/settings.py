"""What the organisation holds until a moderator has read it."""

from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.errors import DomainError, NotAllowed, TooLong, message_id
from ideas.organisation.blocked_words import MAX_WORDS, listed
from ideas.organisation.organisation import ORGANISATION_ID, Organisation
from ideas.people.person import Person

MAX_WORD_LENGTH = 60


class TooManyWords(DomainError):
    message = message_id("The list has %(count)s words. Keep %(most)s at most.")


def set_what_is_held(
    session: Session, *, first_post_held: bool, blocked_words: str, by: Person, now: datetime
) -> Organisation:
    """Say whether a newcomer's first text waits, and which words make a text wait. Administrators may.

    Raises NotAllowed, TooManyWords, or TooLong for a word that is none.
    """
    if not by.is_admin:
        raise NotAllowed
    words = listed(blocked_words)
    if len(words) > MAX_WORDS:
        raise TooManyWords(count=len(words), most=MAX_WORDS)
    longest = max(map(len, words), default=0)
    if longest > MAX_WORD_LENGTH:
        raise TooLong(over=longest - MAX_WORD_LENGTH, most=MAX_WORD_LENGTH)
    organisation = session.get_one(Organisation, ORGANISATION_ID, with_for_update=True, populate_existing=True)
    before = {"first_post_held": organisation.first_post_held, "words": len(listed(organisation.blocked_words))}
    organisation.first_post_held, organisation.blocked_words = first_post_held, "\n".join(words)
    after = {"first_post_held": first_post_held, "words": len(words)}
    if before != after:
        record(session, Verb.CHANGED, organisation, by=by, now=now, before=before, after=after)
    session.flush()
    return organisation
