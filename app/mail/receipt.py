"""The signed link in a mail to a person's receipt in a campaign, for whoever has the mail."""

from itsdangerous import BadData

from app.signing.keys import signer

# A signature for this purpose is worth nothing for another.
_PURPOSE = "receipt"
_IMPORTED = "imported receipt"


def receipt_token(person_id: int, campaign_id: int) -> str:
    """The token of the link. It does not expire: actions are done years later. It ends with the account."""
    return str(signer(_PURPOSE).dumps([person_id, campaign_id]))


def imported_token(idea_id: int) -> str:
    """The token of the link for the author of imported ideas, by one of them. It ends once that idea is claimed."""
    return str(signer(_IMPORTED).dumps(idea_id))


def read_imported_token(token: str) -> int | None:
    """The id of the idea, or None where nobody here signed this."""
    try:
        return int(signer(_IMPORTED).loads(token))
    except (BadData, TypeError, ValueError):
        return None


def read_receipt_token(token: str) -> tuple[int, int] | None:
    """The ids of the person and of the campaign, or None where nobody here signed this."""
    try:
        person_id, campaign_id = signer(_PURPOSE).loads(token)
        return int(person_id), int(campaign_id)
    except (BadData, TypeError, ValueError):
        return None
