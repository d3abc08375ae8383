"""An answer to a theme, or to one idea, that is given or changed: the sentence of the notice, and where it leads."""

from typing import Any

from app.text.notices.contributions.merge import MAX_QUOTED_LENGTH
from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner
from ideas.activity.activity import Verb
from ideas.outreach.detail import NoticeDetail
from ideas.text import shorten


def answer_sentence(detail: NoticeDetail) -> str:
    """Without the words of an idea that not everyone reads any more."""
    if _idea_of(detail) is not None:
        return _of_idea(detail)
    if not detail.theme:
        return str(_("An answer has changed."))
    if detail.verb is Verb.CREATED:
        return str(_("The theme “%(theme)s” now has an answer.", theme=inner(detail.theme)))
    return str(_("The answer to the theme “%(theme)s” has changed.", theme=inner(detail.theme)))


def answer_subject(detail: NoticeDetail, campaign: str) -> str:
    """The subject of the mail. `campaign`: its title."""
    if detail.verb is Verb.CREATED:
        return str(_("%(campaign)s: a theme has an answer", campaign=campaign))
    if detail.verb is Verb.PUBLISHED and not detail.after.get("changed"):
        return str(_("%(campaign)s: an idea has an answer", campaign=campaign))
    return str(_("%(campaign)s: an answer has changed", campaign=campaign))


def answer_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    """The answer on the page of the idea, the theme, or the debrief."""
    if detail.campaign_id is None:
        return "person.me", {}
    here: dict[str, Any] = {"campaign_id": detail.campaign_id}
    if (idea_id := _idea_of(detail)) is not None:
        return "idea.show", here | {"idea_id": idea_id, "_anchor": "answer"}
    if detail.theme_id is not None:
        return "theme.show", here | {"theme_id": detail.theme_id}
    return "debrief.show", here


def _idea_of(detail: NoticeDetail) -> int | None:
    """The idea whose own answer it is; None for an answer to a theme."""
    idea_id = detail.after.get("idea_id")
    return idea_id if isinstance(idea_id, int) else None


def _of_idea(detail: NoticeDetail) -> str:
    words = inner(shorten(detail.idea, MAX_QUOTED_LENGTH))
    if not detail.idea:
        return str(_("An answer has changed."))
    if detail.after.get("changed"):
        return str(_("The answer to the idea “%(idea)s” has changed.", idea=words))
    return str(_("The idea “%(idea)s” now has an answer of its own.", idea=words))
