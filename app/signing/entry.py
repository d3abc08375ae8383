"""The link that a host's page shows: whom it signs in, from where, and until when, in a signature of this site."""

from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadData

from app.signing.keys import signer
from ideas.outreach.hosts.entry import LASTS, EntryRefused, new_nonce
from ideas.outreach.hosts.host import Host
from ideas.people.person import Person

_PURPOSE = "host entry"


@dataclass(frozen=True, slots=True)
class Entry:
    host_id: int
    person_id: int
    nonce: str
    expires_at: datetime


def entry_token(host: Host, person: Person, *, now: datetime) -> str:
    """A new token for the link. It is stored once it is used."""
    expires = int((now + LASTS).timestamp())
    return str(signer(_PURPOSE).dumps([host.id, person.id, new_nonce(), expires]))


def read_entry(token: str) -> Entry:
    """What a token of a link says. Raises EntryRefused where this site did not sign it."""
    try:
        host_id, person_id, nonce, expires = signer(_PURPOSE).loads(token)
    except BadData:
        raise EntryRefused from None
    return Entry(host_id, person_id, nonce, datetime.fromtimestamp(expires, UTC))
