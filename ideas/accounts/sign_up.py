"""Who may create an account, as administrators settle it: everyone, people of some domains, invited people, nobody."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from ideas.activity.version import check_unchanged
from ideas.errors import DomainError, NotAllowed, message_id
from ideas.organisation.organisation import Organisation, SignUp, change_organisation, lock_organisation
from ideas.people.person import Person
from ideas.text import clean

MAX_DOMAINS = 100
MAX_DOMAINS_LENGTH = 10_000
_MAX_DOMAIN_LENGTH = 253
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})+")


class SignUpRefused(NotAllowed):
    """This address may not create an account by itself."""


class SignUpClosed(SignUpRefused):
    message = message_id("No new accounts are created on this site.")


class SignUpByInvitation(SignUpRefused):
    message = message_id("You need an invitation to create an account. Open the link in the email that invites you.")


class SignUpOfOtherDomain(SignUpRefused):
    message = message_id("Accounts are for people with an address of the organisation. Use your work address.")


class NoDomain(DomainError):
    message = message_id("Enter at least one domain, such as example.org.")


class NotADomain(DomainError):
    message = message_id("“%(domain)s” is not a domain. Enter what follows the @ in an address, such as example.org.")


class TooManyDomains(DomainError):
    message = message_id("Enter at most %(most)s domains.")


def check_may_sign_up(organisation: Organisation, email: str) -> None:
    """Whether somebody with this address may create an account without an invitation. Raises SignUpRefused."""
    if organisation.sign_up is SignUp.CLOSED:
        raise SignUpClosed
    if organisation.sign_up is SignUp.INVITATION:
        raise SignUpByInvitation
    if organisation.sign_up is SignUp.DOMAIN and _domain_of(email) not in organisation.sign_up_domains.split():
        raise SignUpOfOtherDomain


def check_may_be_invited(organisation: Organisation) -> None:
    """Whether somebody who is invited may create an account. Raises SignUpClosed."""
    if organisation.sign_up is SignUp.CLOSED:
        raise SignUpClosed


def settle_sign_up(
    session: Session,
    *,
    mode: SignUp,
    domains: str,
    by: Person,
    now: datetime,
    seen: int,
    admins_need_totp: bool = False,
) -> None:
    """Say who may create an account. Administrators may. Accounts that exist stay.

    `admins_need_totp`: administrators do nothing as such before they give a code at each sign-in.
    `domains`: as somebody types them, with spaces, commas or lines between; kept whatever the mode is.
    Raises NoDomain, NotADomain, TooManyDomains, or ChangedMeanwhile if the settings were saved since version `seen`.
    """
    organisation = lock_organisation(session)
    check_unchanged(organisation, seen)
    found = read_domains(domains)
    if mode is SignUp.DOMAIN and not found:
        raise NoDomain
    values = {"sign_up": mode, "sign_up_domains": " ".join(found), "admins_need_totp": admins_need_totp}
    change_organisation(session, organisation, values, by=by, now=now)


def read_domains(text: str) -> list[str]:
    """The domains that somebody typed, as they are compared: in lower case, other alphabets as DNS writes them.

    A whole address stands for its domain. Raises NotADomain, TooManyDomains.
    """
    found = dict.fromkeys(_as_compared(word) for word in re.split(r"[\s,;]+", clean(text)) if word)
    if len(found) > MAX_DOMAINS:
        raise TooManyDomains(most=MAX_DOMAINS)
    return list(found)


def _as_compared(word: str) -> str:
    domain = _to_ascii(word.rpartition("@")[2].lower().rstrip("."))
    if len(domain) > _MAX_DOMAIN_LENGTH or not _DOMAIN.fullmatch(domain):
        raise NotADomain(domain=word[:_MAX_DOMAIN_LENGTH])
    return domain


def _domain_of(email: str) -> str:
    return _to_ascii(email.strip().rpartition("@")[2].lower().rstrip("."))


def _to_ascii(domain: str) -> str:
    """The domain as DNS writes it; as it is where it has no such form."""
    try:
        return domain.encode("idna").decode().lower()
    except UnicodeError:
        return domain
