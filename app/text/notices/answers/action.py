"""The sentences of notices about an action that changed, and for those who owe a debrief: that it is due, or was not
published at its hour.
"""

from datetime import date, datetime
from typing import Any

from app.web.pages.dates import day, zoned
from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner, translated
from ideas.activity.activity import Verb
from ideas.answers.scheduled import REFUSALS
from ideas.outreach.detail import NoticeDetail


def action_changed_sentence(detail: NoticeDetail) -> str:
    """That an action is open again; its new due date, or that it says something else."""
    if not detail.action:
        return str(_("An action has changed."))
    words = {"action": inner(detail.action)}
    if detail.verb is Verb.RESTARTED:
        return str(_("The action “%(action)s” was published as done. It is open again.", **words))
    due = _due(detail.after.get("due_on"))
    if due is not None:
        return str(_("The action “%(action)s” is now due on %(day)s.", **words, day=day(due)))
    return str(_("The action “%(action)s” has changed.", **words))


def _due(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def refused_publication_sentence(detail: NoticeDetail) -> str:
    """That the debrief is still a draft, and why."""
    kind = REFUSALS.get(str(detail.after.get("refusal")))
    why = translated(kind(**detail.after.get("values", {}))) if kind is not None else ""
    happened = str(_("The debrief was not published at its hour."))
    return f"{happened} {why}".strip()


def debrief_due_sentence(detail: NoticeDetail) -> str:
    """Until when the debrief was promised, and that everyone sees it once it is late."""
    due = zoned(datetime.fromisoformat(detail.after["debrief_due_at"]))
    if detail.after.get("is_late"):
        return str(_("The debrief was promised for %(date)s. Everyone sees that it is late.", date=due))
    said = _("The debrief is promised for %(date)s. After that, everyone sees that it is late.", date=due)
    advice = _("If you need more time, put it off now and say why.")
    return f"{said} {advice}"


def debrief_due_subject(detail: NoticeDetail, campaign: str) -> str:
    """`campaign`: its title."""
    if detail.after.get("is_late"):
        return str(_("%(campaign)s: the debrief is late", campaign=campaign))
    return str(_("%(campaign)s: the debrief is due soon", campaign=campaign))
