"""The organisation that runs this site: one row, which a migration inserts. It is never deleted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, false, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ideas.activity.activity import Verb, record
from ideas.activity.version import check_unchanged
from ideas.base import Base, choice
from ideas.errors import DomainError, message_id
from ideas.people.person import MAX_EMAIL_LENGTH, Person, normal_email
from ideas.text import clean_line, optional, required

MAX_NAME_LENGTH = 80
MAX_FOOTER_LENGTH = 300
MAX_WELCOME_LENGTH = 2_000
# What the site is called until somebody names it.
DEFAULT_NAME = "Convergence"
# The one row.
ORGANISATION_ID = 1


class NoLanguage(DomainError):
    message = message_id("Choose at least one language.")


class LanguageNotOffered(DomainError):
    message = message_id("The default language must be one of the languages that the site offers.")


class SignUp(StrEnum):
    """Who may create an account: everyone, people with an address of some domains, invited people, nobody."""

    OPEN = "open"
    DOMAIN = "domain"
    INVITATION = "invitation"
    CLOSED = "closed"


class Organisation(Base):
    """What is None or empty is as the settings of the server have it.

    `contact_email`: where questions are sent. `footer`: a text at the end of each page. `welcome`: Markdown for people
    without an account. `locales`: the codes of the languages that people may choose; `locale`: that of people who ask
    for no other; `timezone`: the zone in which visitors see times.
    `sign_up_domains`: for sign-up by domain, with spaces between.
    """

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), default=DEFAULT_NAME)
    contact_email: Mapped[str | None] = mapped_column(String(MAX_EMAIL_LENGTH))
    sign_up: Mapped[SignUp] = mapped_column(choice(SignUp), default=SignUp.OPEN, server_default=SignUp.OPEN.value)
    sign_up_domains: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    admins_need_totp: Mapped[bool] = mapped_column(default=False, server_default=false())
    footer: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    welcome: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    locales: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    locale: Mapped[str | None] = mapped_column(String(5))
    timezone: Mapped[str | None] = mapped_column(String(64))
    # See ideas.organisation.appearance.
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
    accent: Mapped[str | None] = mapped_column(String(7))
    accent_dark: Mapped[str | None] = mapped_column(String(7))
    # What follows from publications: see ideas.organisation.legal_document. The kinds that are published, and the
    # version of the rules from which a consent counts: 0 until they change in substance.
    documents: Mapped[list[Any]] = mapped_column(default=lambda: ["rules"], server_default='["rules"]')
    rules_from: Mapped[int] = mapped_column(default=0, server_default="0")
    # For how many days what is kept for a time only is kept: see ideas.organisation.retention.
    keep_sign_ins: Mapped[int] = mapped_column(default=30, server_default="30")
    keep_jobs: Mapped[int] = mapped_column(default=90, server_default="90")
    keep_messages: Mapped[int] = mapped_column(default=365, server_default="365")
    keep_drafts: Mapped[int] = mapped_column(default=365, server_default="365")
    # How many days an erasure can be taken back: see ideas.privacy.erasure.
    erasure_days: Mapped[int] = mapped_column(default=7, server_default="7")
    # How many mails and invitations one person gets in a week: see ideas.outreach.limits.budget.
    weekly_mails: Mapped[int] = mapped_column(default=3, server_default="3")
    weekly_invitations: Mapped[int] = mapped_column(default=1, server_default="1")
    # Since when newcomers are sent the messages of ideas.outreach.journey; None while they are not.
    journey_since: Mapped[datetime | None]
    # Counts the saves: see ideas.activity.version.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    # What levels take and give, where that is not the default: see ideas.recognition.level.
    levels: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    # The private space of the pioneers: see ideas.recognition.pioneer. By the name of its table: spaces are above.
    pioneer_space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    # A newcomer's first idea or comment waits for a moderator.
    first_post_held: Mapped[bool] = mapped_column(default=False, server_default=false())
    # One a line: a text with one of them waits for a moderator. See ideas.contributions.withheld.
    blocked_words: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationText:
    """What the page of settings says."""

    name: str
    contact_email: str
    footer: str
    welcome: str
    locales: Sequence[str]
    locale: str
    timezone: str


def the_organisation(session: Session) -> Organisation:
    """The organisation that runs this site. Everyone may read it."""
    return session.get_one(Organisation, ORGANISATION_ID)


def lock_organisation(session: Session) -> Organisation:
    """The organisation as it is stored now, locked until the commit."""
    return session.get_one(Organisation, ORGANISATION_ID, with_for_update=True, populate_existing=True)


def record_download(session: Session, what: str, count: int, *, by: Person, now: datetime) -> None:
    """Record that an administrator took a list of the site along: which, and how many rows."""
    record(session, Verb.EXPORTED, the_organisation(session), by=by, after={what: count}, now=now)


def revise_organisation(session: Session, given: OrganisationText, *, by: Person, now: datetime, seen: int) -> None:
    """Change the settings of the site, with what was before and after in the activity log. Administrators may.

    Raises EmptyText (the name), TooLong, EmailInvalid, NoLanguage, LanguageNotOffered, or ChangedMeanwhile if the
    settings were saved since version `seen`.
    """
    organisation = lock_organisation(session)
    check_unchanged(organisation, seen)
    change_organisation(session, organisation, _checked(given), by=by, now=now)


def change_organisation(
    session: Session, organisation: Organisation, values: dict[str, Any], *, by: Person, now: datetime
) -> None:
    """Set these columns of the locked organisation and record those that changed, if any did."""
    changed = {name: value for name, value in values.items() if getattr(organisation, name) != value}
    if not changed:
        return
    before = {name: getattr(organisation, name) for name in changed}
    for name, value in changed.items():
        setattr(organisation, name, value)
    organisation.version += 1
    session.flush()
    record(session, Verb.CHANGED, organisation, by=by, now=now, before=before, after=changed)


def _checked(given: OrganisationText) -> dict[str, Any]:
    if not given.locales:
        raise NoLanguage
    if given.locale not in given.locales:
        raise LanguageNotOffered
    return asdict(given) | {
        "name": required(clean_line(given.name), max_length=MAX_NAME_LENGTH),
        "contact_email": normal_email(given.contact_email) if given.contact_email.strip() else None,
        "footer": optional(given.footer, max_length=MAX_FOOTER_LENGTH),
        "welcome": optional(given.welcome, max_length=MAX_WELCOME_LENGTH),
        "locales": list(given.locales),
    }
