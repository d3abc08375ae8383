"""The sentence of a notice about a merge of two ideas."""

from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner
from ideas.activity.activity import Verb
from ideas.outreach.detail import NoticeDetail
from ideas.text import shorten

MAX_QUOTED_LENGTH = 80  # characters of an idea that a sentence names


def merge_subject(detail: NoticeDetail, campaign: str) -> str:
    """The subject of the mail. `campaign`: its title."""
    if detail.verb is Verb.REQUESTED:
        return str(_("%(campaign)s: an author proposes to merge two ideas", campaign=campaign))
    if detail.verb is Verb.DECLINED:
        return str(_("%(campaign)s: your ideas are not merged", campaign=campaign))
    if detail.verb is Verb.UNDONE:
        return str(_("%(campaign)s: two ideas are separated", campaign=campaign))
    return str(_("%(campaign)s: two ideas are merged", campaign=campaign))


def merge_sentence(detail: NoticeDetail) -> str:
    """What became of two ideas, one of them the reader's; without their texts where one is public no more."""
    if not (detail.idea and detail.other):
        return str(_("A merge of two ideas, one of them yours, has changed."))
    texts = {
        "idea": inner(shorten(detail.idea, MAX_QUOTED_LENGTH)),
        "other": inner(shorten(detail.other, MAX_QUOTED_LENGTH)),
    }
    if detail.verb is Verb.REQUESTED:
        return str(_("An author proposes to merge the idea “%(idea)s” into your idea “%(other)s”.", **texts))
    if detail.verb is Verb.DECLINED:
        return str(_("The idea “%(idea)s” is not merged into “%(other)s”: the proposal is declined.", **texts))
    if detail.verb is Verb.UNDONE:
        return str(_("The idea “%(idea)s” is separated from “%(other)s”. Each counts by itself again.", **texts))
    return str(
        _("The idea “%(idea)s” is merged into “%(other)s”. They count as one, and both authors are named.", **texts)
    )
