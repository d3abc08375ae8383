"""Words of the notice that tells a newcomer and a member that one welcomes the other."""

from app.web.pages.language import gettext as _
from ideas.outreach.detail import NoticeDetail


def is_buddy(detail: NoticeDetail) -> bool:
    """True for who welcomes, false for the newcomer."""
    return detail.after.get("buddy_id") == detail.reader_id


def buddy_sentence(detail: NoticeDetail) -> str:
    who = detail.who or _("Someone")
    if is_buddy(detail):
        return str(_("%(name)s has sent their first idea, and you welcome them. Write them a comment.", name=who))
    return str(_("%(name)s welcomes you here. If you have a question, write it as a comment on your idea.", name=who))


def buddy_subject(detail: NoticeDetail, campaign: str) -> str:
    if is_buddy(detail):
        return str(_("%(campaign)s: a new member to welcome", campaign=campaign))
    return str(_("%(campaign)s: someone welcomes you", campaign=campaign))
