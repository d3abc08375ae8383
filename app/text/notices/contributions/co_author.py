"""The sentence of a notice about the co-authors of an idea."""

from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner
from ideas.activity.activity import Verb
from ideas.outreach.detail import NoticeDetail
from ideas.text import shorten

MAX_QUOTED_LENGTH = 80  # characters of an idea that a sentence names


def co_author_subject(detail: NoticeDetail, campaign: str) -> str:
    """The subject of the mail. `campaign`: its title."""
    if detail.verb is Verb.INVITED:
        return str(_("%(campaign)s: an invitation to be a co-author", campaign=campaign))
    if detail.verb is Verb.REMOVED:
        return str(_("%(campaign)s: you are no longer a co-author of an idea", campaign=campaign))
    return str(_("%(campaign)s: about the co-authors of your idea", campaign=campaign))


def co_author_sentence(detail: NoticeDetail) -> str:
    """Who did what; without the text where the idea is public no more."""
    said = {"name": detail.who, "idea": inner(shorten(detail.idea, MAX_QUOTED_LENGTH))}
    if detail.idea and detail.verb is Verb.DECLINED and not detail.who:
        return str(_("Your invitation to be a co-author of the idea “%(idea)s” is declined.", **said))
    if not (detail.idea and detail.who):
        return str(_("Something has changed about the co-authors of an idea."))
    sentences = {
        Verb.INVITED: _("%(name)s invites you to be a co-author of the idea “%(idea)s”. Accept or decline.", **said),
        Verb.REMOVED: _("You are no longer a co-author of the idea “%(idea)s”.", **said),
        Verb.ACCEPTED: _("%(name)s is now a co-author of your idea “%(idea)s”.", **said),
        Verb.DECLINED: _("%(name)s declines to be a co-author of your idea “%(idea)s”.", **said),
        Verb.LEFT: _("%(name)s is no longer a co-author of your idea “%(idea)s”.", **said),
    }
    return str(sentences[detail.verb])
