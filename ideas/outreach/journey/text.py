"""The texts of the journey, which the organisation writes in each language. Until it does, the product has its own."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged
from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.organisation.organisation import change_organisation, lock_organisation
from ideas.outreach.journey.step import Step
from ideas.outreach.messages.message import MAX_SUBJECT_LENGTH
from ideas.people.person import Person
from ideas.text import clean_line, required

MAX_BODY_LENGTH = 4_000
# What a text may name, in double braces.
VARIABLES = ("name", "site")
_VARIABLE = re.compile(r"\{\{([^{}]*+)\}\}")
_BROKEN = re.compile(r"\{\{[^{}\n]{0,40}|[^{}\n]{0,40}\}\}")


class UnknownVariable(DomainError):
    message = message_id("There is no variable called “%(name)s”. Use {{ name }} or {{ site }}.")


class BrokenVariable(DomainError):
    message = message_id("“%(words)s” lacks a brace. Write {{ name }} or {{ site }}.")


class JourneyText(Base):
    """What the organisation wrote for a step in one language."""

    __tablename__ = "journey_text"
    __table_args__ = (UniqueConstraint("step", "locale"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[Step] = mapped_column(choice(Step))
    locale: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(MAX_SUBJECT_LENGTH))
    body: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1, server_default="1")


def journey_text(session: Session, step: Step, locale: str) -> JourneyText | None:
    """What the organisation wrote; None where the product's own text stands."""
    return session.scalar(select(JourneyText).where(JourneyText.step == step, JourneyText.locale == locale))


def written_texts(session: Session) -> Mapping[tuple[Step, str], JourneyText]:
    """All that the organisation wrote, by step and language. Administrators may read it."""
    return {(one.step, one.locale): one for one in session.scalars(select(JourneyText))}


def write_journey_text(
    session: Session, step: Step, locale: str, *, subject: str, body: str, by: Person, now: datetime, seen: int
) -> None:
    """Write the text of a step in a language. Administrators may. Mails that wait are written with it.

    `seen`: the version that the form was opened with, 0 without one. Raises EmptyText, TooLong, UnknownVariable,
    BrokenVariable, or ChangedMeanwhile.
    """
    subject = required(clean_line(subject), max_length=MAX_SUBJECT_LENGTH)
    body = required(body, max_length=MAX_BODY_LENGTH)
    for text in (subject, body):
        check_variables(text)
    lock_organisation(session)
    text_now = journey_text(session, step, locale)
    if text_now is None:
        text_now = JourneyText(step=step, locale=locale, subject="", body="", version=0)
        session.add(text_now)
    check_unchanged(text_now, seen)
    if (subject, body) == (text_now.subject, text_now.body):
        return
    before = {"subject": text_now.subject, "text": text_now.body} if text_now.version else None
    text_now.subject, text_now.body, text_now.version = subject, body, text_now.version + 1
    session.flush()
    after = {"step": step.value, "locale": locale, "subject": subject, "text": body}
    record(session, Verb.CHANGED, text_now, by=by, now=now, before=before, after=after)


def restore_journey_text(session: Session, text: JourneyText, *, by: Person, now: datetime) -> None:
    """Take the product's own text again. Administrators may."""
    before = {"step": text.step.value, "locale": text.locale, "subject": text.subject, "text": text.body}
    record(session, Verb.REMOVED, text, by=by, now=now, before=before)
    session.delete(text)
    session.flush()


def check_variables(text: str) -> None:
    """Raises UnknownVariable for the first variable that a text names and that nobody fills in, or BrokenVariable for
    one without all of its braces, which would be sent as it stands.
    """
    for name in _VARIABLE.findall(text):
        if name.strip() not in VARIABLES:
            raise UnknownVariable(name=name.strip())
    if (broken := _BROKEN.search(_VARIABLE.sub("", text))) is not None:
        raise BrokenVariable(words=broken[0].strip())


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled in."""
    return _VARIABLE.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def switch_journey(session: Session, *, on: bool, by: Person, now: datetime) -> None:
    """Begin to send the messages to newcomers, or stop. Administrators may. Steps that were due earlier stay unsent."""
    organisation = lock_organisation(session)
    if on != (organisation.journey_since is not None):
        change_organisation(session, organisation, {"journey_since": now if on else None}, by=by, now=now)
