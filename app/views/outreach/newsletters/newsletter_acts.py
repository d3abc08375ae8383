"""What the buttons of a newsletter do: try it on oneself, propose it, approve it, pause it, go on, stop it."""

from collections.abc import Callable
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from app.mail.letters.letter import read_draft, write_letter
from app.web.pages.language import gettext as _
from ideas.activity.activity import Activity, Verb
from ideas.outreach.messages.queue import write_message
from ideas.outreach.newsletters.newsletter import (
    Newsletter,
    approve_newsletter,
    pause_newsletter,
    propose_newsletter,
    resume_newsletter,
    stop_newsletter,
)
from ideas.outreach.newsletters.readers import check_number, forecast, reader_ids
from ideas.outreach.notice import NoticeKind
from ideas.people.person import Person


def _propose(session: Session, newsletter: Newsletter, person: Person, instant: datetime) -> str:
    check_number(newsletter, len(reader_ids(session, newsletter, now=instant)))
    propose_newsletter(session, newsletter, by=person, now=instant)
    return str(_("Proposed. The referent of the space approves it, or says what is to be changed."))


def _approve(session: Session, newsletter: Newsletter, person: Person, instant: datetime) -> str:
    expected = forecast(session, newsletter, now=instant)
    approve_newsletter(session, newsletter, readers=expected.total, by=person, now=instant)
    return str(_("Approved. It goes out within the hours and the weekly emails of each person."))


def _pause(session: Session, newsletter: Newsletter, person: Person, instant: datetime) -> str:
    pause_newsletter(session, newsletter, by=person, now=instant)
    return str(_("Paused. No more of its emails go out until you go on."))


def _resume(session: Session, newsletter: Newsletter, person: Person, instant: datetime) -> str:
    resume_newsletter(session, newsletter, by=person, now=instant)
    return str(_("It goes on. Emails that waited are looked at again within an hour."))


def _stop(session: Session, newsletter: Newsletter, person: Person, instant: datetime) -> str:
    stop_newsletter(session, newsletter, by=person, now=instant)
    return str(_("Stopped. What was not sent yet never is."))


def _try(session: Session, newsletter: Newsletter, person: Person, instant: datetime) -> str:
    """Send it to oneself, at once and beside the budget: once a minute at most."""
    letter = write_letter(read_draft(session, as_published(newsletter, instant), NoticeKind.NEWSLETTER, person))
    reason = f"newsletter-test:{newsletter.id}:{instant:%y%m%d%H%M}"
    domain = current_app.extensions["settings"].mail_domain
    texts = {"subject": letter.subject, "body": letter.text}
    message = write_message(session, to=person, **texts, reason=reason, domain=domain, now=instant)
    message.html = letter.html
    return str(_("A test is on its way to %(email)s, to nobody else.", email=person.email))


ACTS: dict[str, Callable[[Session, Newsletter, Person, datetime], str]] = {
    "try": _try,
    "propose": _propose,
    "approve": _approve,
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
}


def as_published(newsletter: Newsletter, instant: datetime) -> Activity:
    """The act that will tell people of it, which is not recorded yet."""
    return Activity(
        at=instant,
        verb=Verb.PUBLISHED,
        object_kind="newsletter",
        object_id=newsletter.id,
        reason="",
        after={"space_id": newsletter.space_id, "title": newsletter.title},
    )
