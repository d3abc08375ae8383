"""Notify everyone who took part of what became of their ideas: one mail each, in their language."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import database
from app.jobs.mail import address_of
from app.settings import Settings
from app.sqlite import reading
from ideas.answers.action import Action, actions_in
from ideas.answers.debrief import Journey, contributors, journeys
from ideas.answers.decision import DecisionStatus
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import submitted_ideas
from ideas.outreach.message import write_message
from ideas.people.person import Person
from ideas.work.job import Job


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """Write to the contributors of the job's campaign. See app.jobs.worker for the contract."""
    campaign_id = job.of_campaign
    database().rollback()  # an open transaction would block the report
    report("notify", 0.0)
    settings: Settings = current_app.extensions["settings"]
    return {"messages": notify_contributors(database(), campaign_id, now=now(), settings=settings)}


def notify_contributors(session: Session, campaign_id: int, *, now: datetime, settings: Settings) -> int:
    """Put a mail to each contributor into the outbox, without committing, and return how many there are.

    A person who was notified already is not written to again. The session must have nothing to write yet: the letters
    are composed before anything is written, so that others may write meanwhile.
    """
    with reading(session):
        letters = _letters(session, session.get_one(Campaign, campaign_id))
    texts = [letter.text() for letter in letters]
    people = {person.id: person for person in contributors(session, session.get_one(Campaign, campaign_id))}
    written = 0
    for letter, (subject, body) in zip(letters, texts, strict=True):
        person = people.get(letter.person_id)
        if person is None:
            continue
        write_message(
            session,
            to=person,
            subject=subject,
            body=body,
            reason=f"debrief:{campaign_id}",
            domain=settings.mail_domain,
            now=now,
        )
        written += 1
    return written


@dataclass(frozen=True, slots=True)
class _Fate:
    """What became of one idea."""

    text: str
    address: str
    theme_id: int | None = None
    theme: str = ""
    status: DecisionStatus | None = None
    reason: str = ""
    respondent: str = ""
    decided_on: date | None = None
    actions: list[tuple[str, date]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Letter:
    """The content of a mail in plain values, so that composing it needs no query."""

    person_id: int
    name: str
    locale: str
    campaign: str
    owner: str
    debrief: str
    page: str
    fates: list[_Fate]

    def text(self) -> tuple[str, str]:
        """Subject and body, in the person's language."""
        with force_locale(self.locale):
            return self._subject(), render_template("outreach/message/debrief.txt", letter=self)

    def _subject(self) -> str:
        """Nobody is promised an answer that the mail does not hold."""
        if not any(fate.status for fate in self.fates):
            return str(_("%(campaign)s: the debrief is published", campaign=self.campaign))
        return str(
            ngettext(
                "%(campaign)s: what was decided about your idea",
                "%(campaign)s: what was decided about your ideas",
                len(self.fates),
                campaign=self.campaign,
            )
        )


def _letters(session: Session, campaign: Campaign) -> list[_Letter]:
    fates = _fates(session, campaign)
    return [_letter(person, campaign, fates.get(person.id, [])) for person in contributors(session, campaign)]


def _letter(person: Person, campaign: Campaign, fates: list[_Fate]) -> _Letter:
    return _Letter(
        person_id=person.id,
        name=person.name,
        locale=person.locale,
        campaign=campaign.title,
        owner=campaign.owner.name,
        debrief=address_of("debrief.show", campaign_id=campaign.id),
        page=address_of("person.me"),
        fates=fates,
    )


def _fates(session: Session, campaign: Campaign) -> dict[int, list[_Fate]]:
    """What became of each idea, by the author's id: a constant number of queries."""
    actions = actions_in(session, campaign)
    by_author: dict[int, list[_Fate]] = {}
    for journey in journeys(session, session.scalars(submitted_ideas(campaign)).all()):
        if journey.idea.author_id is not None:
            following = actions.get(journey.theme.id, []) if journey.theme else []
            by_author.setdefault(journey.idea.author_id, []).append(_fate(journey, following))
    return by_author


def _fate(journey: Journey, actions: list[Action]) -> _Fate:
    idea, decision = journey.idea, journey.decision
    address = address_of("idea.show", campaign_id=idea.campaign_id, idea_id=idea.id)
    if journey.theme is None:
        return _Fate(idea.text, address)
    if decision is None:
        return _Fate(idea.text, address, theme_id=journey.theme.id, theme=journey.theme.name)
    return _Fate(
        idea.text,
        address,
        theme_id=journey.theme.id,
        theme=journey.theme.name,
        status=decision.status,
        reason=decision.reason,
        respondent=decision.respondent.name,
        decided_on=decision.decided_on,
        actions=[(action.title, action.due_on) for action in actions],
    )
