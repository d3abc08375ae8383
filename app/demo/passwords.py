"""The passwords of the demo accounts: one that everyone knows, on this machine only; elsewhere one for each account."""

import json
import secrets
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.server.proxies import is_loopback
from app.settings import Settings, SettingsError
from ideas.accounts.identity import Identity, IdentityKind, change_password, hash_password, is_password_of
from ideas.people.person import Person

PASSWORD = "convergence"  # noqa: S105 -- a demo on one's own machine, printed at every start
# Ten letters and figures: more than anyone can try.
_PASSWORD_BYTES = 8


def addresses() -> frozenset[str]:
    """The addresses of all people of the demo."""
    people = json.loads((Path(__file__).parent / "people.json").read_text(encoding="utf-8"))
    return frozenset(person["email"] for person in people)


def is_local(settings: Settings, *, host: str) -> bool:
    """True where nobody but this machine reaches the site: it listens here, and its address is http and leads here."""
    return not settings.https and is_loopback(urlsplit(settings.base_url).netloc) and is_loopback(_bracketed(host))


def check_demo(settings: Settings, *, host: str) -> None:
    """Raises SettingsError where others would reach the demo and nobody said that they may."""
    if not is_local(settings, host=host) and not settings.demo:
        raise SettingsError(
            "The demo accounts have a password that everyone knows, so the demo is for this machine only. Set DEMO=1 to"
            " let others reach it: the accounts get new passwords, which are printed once."
        )


def is_refused(settings: Settings, email: str, password: str, *, asked_at: str, asked_from: str) -> bool:
    """True for the known password of a demo account where the request does not stay on this machine.

    `asked_at`: the host that the request names; `asked_from`: the address that it comes from.
    """
    if password != PASSWORD or email.strip().lower() not in addresses():
        return False
    return not (is_local(settings, host=asked_from) and is_loopback(asked_at))


def is_known(session: Session) -> bool:
    """True where an account of the demo still has the known password."""
    return bool(_with_known_password(session))


def new_passwords(session: Session, emails: list[str], *, now: datetime, all_of_them: bool = False) -> dict[str, str]:
    """Replace the known password, of the named accounts by one each, which is returned by address.

    The other accounts of the demo get one that nobody knows. `all_of_them`: replace what was replaced before, too.
    The caller commits.
    """
    known = _with_known_password(session)
    made, unknown = {}, hash_password(secrets.token_urlsafe(32))
    for person in session.scalars(select(Person).where(Person.email.in_(addresses())).order_by(Person.id)):
        if person.id not in known and not (all_of_them and person.email in emails):
            continue
        secret = unknown
        if person.email in emails:
            made[person.email] = secrets.token_urlsafe(_PASSWORD_BYTES)
            secret = hash_password(made[person.email])
        change_password(session, person, secret=secret, now=now)
    return made


def _with_known_password(session: Session) -> frozenset[int]:
    """The ids of the demo's people who have it. They share one hash, so that one comparison is enough for all."""
    query = select(Identity).where(Identity.kind == IdentityKind.PASSWORD, Identity.subject.in_(addresses()))
    identities = session.scalars(query).all()
    known = {secret for secret in {one.secret for one in identities} if is_password_of(secret, PASSWORD)}
    return frozenset(one.person_id for one in identities if one.secret in known)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
