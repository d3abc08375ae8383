"""The sentences of notices about an action that changed, and about a debrief that was not published at its hour."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.web.pages.dates import day
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
