"""The signed link in a mail that switches one kind of mail off, for whoever has the mail."""

from itsdangerous import BadData

from app.signing.keys import signer
from ideas.outreach.notice import NoticeKind

# A signature for this purpose is worth nothing for another.
_PURPOSE = "unsubscribe"
_DIGEST = "digest"


def unsubscribe_token(person_id: int, kind: NoticeKind | None) -> str:
    """The token of the link, of the digest where `kind` is None. It does not expire: an old mail must still work."""
    return str(signer(_PURPOSE).dumps([person_id, kind.value if kind is not None else _DIGEST]))


def read_unsubscribe_token(token: str) -> tuple[int, NoticeKind | None] | None:
    """The person's id and the kind, None for the digest. None where nobody here signed this, or the kind is no more."""
    try:
        person_id, kind = signer(_PURPOSE).loads(token)
        return int(person_id), None if kind == _DIGEST else NoticeKind(kind)
    except (BadData, TypeError, ValueError):
        return None
