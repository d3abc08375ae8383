"""The signed link in a mail that switches one kind of mail off, or those of one space, for whoever has the mail."""

from dataclasses import dataclass

from itsdangerous import BadData

from app.mail.address import address_of
from app.signing.keys import signer
from ideas.outreach.notice import NoticeKind
from ideas.outreach.preference import OF_SPACES

# A signature for this purpose is worth nothing for another.
_PURPOSE = "unsubscribe"
_DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class WayOut:
    """What a link switches off. `kind`: None for the digest. `space_id`: of a mail of a space, whose mails it stops.
    `newsletter_id`: of the newsletter whose mail has the link.
    """

    person_id: int
    kind: NoticeKind | None
    space_id: int | None = None
    newsletter_id: int | None = None


def unsubscribe_token(
    person_id: int, kind: NoticeKind | None, *, space_id: int | None = None, newsletter_id: int | None = None
) -> str:
    """The token of the link, of the digest where `kind` is None. It does not expire: an old mail must still work."""
    signed: list[int | str] = [person_id, kind.value if kind is not None else _DIGEST]
    if space_id is not None:
        signed += [space_id, newsletter_id or 0]
    return str(signer(_PURPOSE).dumps(signed))


def read_unsubscribe_token(token: str) -> WayOut | None:
    """What the link switches off. None where nobody here signed this, or the kind is no more."""
    try:
        person_id, kind, *space = signer(_PURPOSE).loads(token)
        known = None if kind == _DIGEST else NoticeKind(kind)
        space_id, newsletter_id = space or (0, 0)
        return WayOut(int(person_id), known, int(space_id) or None, int(newsletter_id) or None)
    except (BadData, TypeError, ValueError):
        return None


def unsubscribe_address(person_id: int, kind: NoticeKind, *, space_id: int | None, object_id: int) -> str:
    """The page where this kind of mail, or the mails of that space, are switched off without signing in.

    `object_id`: what the notice is about.
    """
    about: dict[str, int | None] = {}
    if kind in OF_SPACES and space_id is not None:
        about = {"space_id": space_id, "newsletter_id": object_id if kind is NoticeKind.NEWSLETTER else None}
    return address_of("notice.unsubscribe", token=unsubscribe_token(person_id, kind, **about))
