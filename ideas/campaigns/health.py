"""What a campaign says of its texts and of support: about health, names of patients are looked for; strict, moderators
read first; whether ideas may be anonymous; how many ideas each person may support; in which language it is.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.activity import Verb, record
from ideas.campaigns.campaign import Campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person

MAX_SUPPORTS_EACH = 1_000


class NotANumberOfSupports(DomainError):
    message = message_id("Enter a number from 1 to %(most)s, or nothing for no limit.")


def set_health(session: Session, campaign: Campaign, *, is_health: bool, by: Person, now: datetime) -> None:
    """Say whether the campaign is about health. Whoever manages it may, at any time. The same again changes nothing."""
    _set(session, campaign, "is_health", is_health, by=by, now=now)


def set_strict(session: Session, campaign: Campaign, *, is_strict: bool, by: Person, now: datetime) -> None:
    """Say whether texts with personal data wait for a moderator. Whoever manages the campaign may, at any time.

    What is published already stays public. The same again changes nothing.
    """
    _set(session, campaign, "is_strict", is_strict, by=by, now=now)


def set_allows_anonymous(
    session: Session, campaign: Campaign, *, allows_anonymous: bool, by: Person, now: datetime
) -> None:
    """Say whether ideas may be sent anonymously. Whoever manages the campaign may, at any time.

    What is anonymous already stays so. The same again changes nothing.
    """
    _set(session, campaign, "allows_anonymous", allows_anonymous, by=by, now=now)


def set_supports_each(
    session: Session, campaign: Campaign, *, supports_each: int | None, by: Person, now: datetime
) -> None:
    """Say how many ideas each person may support; None for as many as they like. Whoever manages it may, at any time.

    Whoever supports more already keeps that. The same again changes nothing. Raises NotANumberOfSupports.
    """
    if supports_each is not None and not 1 <= supports_each <= MAX_SUPPORTS_EACH:
        raise NotANumberOfSupports(most=MAX_SUPPORTS_EACH)
    _set(session, campaign, "supports_each", supports_each, by=by, now=now)


def set_language(session: Session, campaign: Campaign, *, lang: str | None, by: Person, now: datetime) -> None:
    """Say in which language the campaign is: ISO 639-1, None to guess it from its question. Later groupings name
    themes in it. Whoever manages the campaign may, at any time. The same again changes nothing.
    """
    _set(session, campaign, "lang", lang, by=by, now=now)


def _set(
    session: Session, campaign: Campaign, name: str, value: bool | int | str | None, *, by: Person, now: datetime
) -> None:
    before = getattr(campaign, name)
    if before == value:
        return
    setattr(campaign, name, value)
    record(
        session, Verb.CHANGED, campaign, by=by, campaign_id=campaign.id, now=now,
        before={name: before}, after={name: value},
    )  # fmt: skip
    session.flush()
