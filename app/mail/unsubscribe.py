"""The signed link in a mail that switches one kind of mail off, for whoever has the mail."""

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from ideas.outreach.notice import NoticeKind

# A signature for this purpose is worth nothing for another.
_PURPOSE = "unsubscribe"
_DIGEST = "digest"


def unsubscribe_token(person_id: int, kind: NoticeKind | None) -> str:
    """The token of the link, of the digest where `kind` is None. It does not expire: an old mail must still work."""
    return str(_serializer().dumps([person_id, kind.value if kind is not None else _DIGEST]))


def read_unsubscribe_token(token: str) -> tuple[int, NoticeKind | None] | None:
    """The person's id and the kind, None for the digest. None where nobody here signed this, or the kind is no more."""
    try:
        person_id, kind = _serializer().loads(token)
        return int(person_id), None if kind == _DIGEST else NoticeKind(kind)
    except (BadData, TypeError, ValueError):
        return None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_PURPOSE)
