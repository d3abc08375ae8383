"""Ideas that the team of a campaign writes for people without an account, such as in a workshop.

The idea names them, and who wrote it. With an address they claim it later: see `ideas.contributions.claim`.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.campaigns.phases.phase import PhaseAct
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.fields.value import Values, add_values, checked_values, places_in
from ideas.contributions.files.change import FileChanges, change_files, changes_files, plan_files
from ideas.contributions.idea import (
    MAX_BODY_LENGTH,
    MAX_TITLE_LENGTH,
    Idea,
    ask_for_places,
    bound_key,
)
from ideas.errors import DomainError, message_id
from ideas.people.limit import LimitedAct, spend
from ideas.people.person import MAX_NAME_LENGTH, Person, normal_email
from ideas.personal_data.personal_data import check_personal_data
from ideas.spaces.invitation import unwanted
from ideas.text import clean_line, optional, required


class NotOpenForOthers(DomainError):
    message = message_id("You can write ideas for others only while the campaign is open.")


class NotInThisPhase(DomainError):
    message = message_id("This phase of the campaign takes no ideas, so you can’t write one for others now.")


class PublishedOtherwise(DomainError):
    message = message_id(
        "This idea is already published with another text or other files. Open it to change it. For another idea, open "
        "this page again."
    )


def submit_for(
    session: Session,
    campaign: Campaign,
    *,
    name: str,
    email: str,
    agreed: bool = False,
    title: str,
    body: str,
    by: Person,
    now: datetime,
    form_key: str | None = None,
    kept: str = "",
    lang: str | None = None,
    values: Values | None = None,
    files: FileChanges | None = None,
) -> Idea:
    """Publish an idea of a person who has no account. Whoever manages the campaign may, while it takes ideas.

    `email`: empty, or the address that invites them to claim it; nobody reads it but whoever sees the list of
    invitations. `agreed`: they said that they want to be written to about their idea; whoever wants no such mail gets
    none all the same. With
    a `form_key` that was used before, the idea published with it is returned, where it says the same. `kept`, `lang`,
    `values`, `files`: as of `submit_idea`.
    Raises EmptyText, TooLong, EmailInvalid, NotOpenForOthers, NotInThisPhase, PublishedOtherwise, FieldRefused,
    PersonalDataFound, LimitReached.
    """
    name = required(clean_line(name), max_length=MAX_NAME_LENGTH)
    address = normal_email(email) if email.strip() else ""
    title, body = optional(clean_line(title), max_length=MAX_TITLE_LENGTH), required(body, max_length=MAX_BODY_LENGTH)
    lock_campaign(session, campaign, shared=True)
    key = bound_key(form_key, use="on behalf", place=campaign.id)
    if (known := _by_key(session, campaign, key)) is not None:
        if (title, body) != (known.title, known.body) or changes_files(session, campaign, known.id, files, by=by):
            raise PublishedOtherwise
        return known
    if not campaign.is_open(now):
        raise NotOpenForOthers
    if not campaign.takes(PhaseAct.WRITE, now):
        raise NotInThisPhase
    stored: Values = {}
    if values is not None:
        stored = checked_values(session, campaign, values, present={}, complete=True)
    places = places_in(session, campaign, stored) if stored else []
    plan = plan_files(
        session, campaign, 0, files,
        by=by, complete=True, has_fields=values is not None, publishes=True, for_other=True,
    )  # fmt: skip
    check_personal_data([title, body, *places, *plan.texts], health=campaign.is_health, kept=kept)
    spend(session, LimitedAct.WRITE_FOR, by=by, now=now)
    idea = Idea(
        campaign=campaign, author_name=name, written_by=by, title=title, body=body, lang=lang,
        created_at=now, updated_at=now, submitted_at=now, import_key=key,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(idea)
    except IntegrityError:  # the same form was sent twice at once
        first = _by_key(session, campaign, key)
        if first is None:
            raise
        return first
    add_values(session, {idea.id: stored})
    change_files(session, campaign, idea.id, plan, now=now)
    if address:
        session.add(ImportedAddress(idea_id=idea.id, email=address, agreed=agreed and not unwanted(session, [address])))
    ask_for_places(session, campaign, now=now)
    record(session, Verb.SUBMITTED, idea, by=by, campaign_id=campaign.id, now=now, after={"for": "another person"})
    session.flush()
    return idea


def _by_key(session: Session, campaign: Campaign, key: str | None) -> Idea | None:
    if key is None:
        return None
    return session.scalar(select(Idea).where(Idea.campaign_id == campaign.id, Idea.import_key == key))
