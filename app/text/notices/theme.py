"""The sentences of notices about themes that are assigned to the reader, and the page that each leads to."""

from datetime import date
from typing import Any

from flask_babel import ngettext

from app.web.pages.dates import day
from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner
from ideas.activity.activity import Verb
from ideas.outreach.detail import NoticeDetail


def assigned_sentence(detail: NoticeDetail) -> str:
    """Which theme, or how many, and by which day; of a reminder, that the day is near or over."""
    count, theme, due = _count(detail), detail.theme, _due(detail)
    if _is_of_another(detail):
        return _late_sentence(detail, count, theme, due)
    if detail.verb is Verb.REMINDED:
        return _reminder_sentence(detail, count, theme, due)
    if count == 1 and theme and due:
        return str(_("The theme “%(theme)s” is assigned to you, due on %(day)s.", theme=inner(theme), day=due))
    if count == 1 and theme:
        return str(_("The theme “%(theme)s” is assigned to you.", theme=inner(theme)))
    return str(ngettext("%(num)s theme is assigned to you.", "%(num)s themes are assigned to you.", count))


def _reminder_sentence(detail: NoticeDetail, count: int, theme: str, due: str) -> str:
    """For the assignee: which theme, or how many, are due soon or late."""
    if _is_soon(detail) and count == 1 and theme:
        return str(_("The theme “%(theme)s” is due on %(day)s. It has no answer yet.", theme=inner(theme), day=due))
    if _is_soon(detail):
        return str(
            ngettext(
                "%(num)s theme assigned to you is due soon. It has no answer yet.",
                "%(num)s themes assigned to you are due soon. They have no answer yet.",
                count,
            )
        )
    if count == 1 and theme:
        return str(_("The theme “%(theme)s” was due on %(day)s. It has no answer yet.", theme=inner(theme), day=due))
    return str(
        ngettext(
            "%(num)s theme assigned to you is late. It has no answer yet.",
            "%(num)s themes assigned to you are late. They have no answer yet.",
            count,
        )
    )


def _late_sentence(detail: NoticeDetail, count: int, theme: str, due: str) -> str:
    """For the owner of the campaign: which theme of whom is late, or of nobody."""
    if not detail.who and count == 1 and theme:
        return str(
            _(
                "The theme “%(theme)s”, assigned to nobody, was due on %(day)s. It has no answer yet.",
                theme=inner(theme),
                day=due,
            )
        )
    if not detail.who:
        return str(
            ngettext(
                "%(num)s theme assigned to nobody is late. It has no answer yet.",
                "%(num)s themes assigned to nobody are late. They have no answer yet.",
                count,
            )
        )
    if count == 1 and theme:
        return str(
            _(
                "The theme “%(theme)s”, assigned to %(person)s, was due on %(day)s. It has no answer yet.",
                theme=inner(theme),
                person=detail.who,
                day=due,
            )
        )
    return str(
        ngettext(
            "%(num)s theme assigned to %(person)s is late. It has no answer yet.",
            "%(num)s themes assigned to %(person)s are late. They have no answer yet.",
            count,
            person=detail.who,
        )
    )


def _is_of_another(detail: NoticeDetail) -> bool:
    """Whether somebody else is late with the theme: the reader owns the campaign."""
    return detail.verb is Verb.REMINDED and detail.after.get("assignee_id") != detail.reader_id


def _is_soon(detail: NoticeDetail) -> bool:
    """Whether a reminder comes before the day is over."""
    return detail.verb is Verb.REMINDED and detail.after.get("is_late") is False


def assigned_subject(detail: NoticeDetail, campaign: str) -> str:
    """The subject of the mail. `campaign`: its title."""
    count = _count(detail)
    if _is_soon(detail):
        return str(
            ngettext(
                "%(campaign)s: a theme is due soon",
                "%(campaign)s: %(num)s themes are due soon",
                count,
                campaign=campaign,
            )
        )
    if detail.verb is Verb.REMINDED:
        return str(
            ngettext("%(campaign)s: a theme is late", "%(campaign)s: %(num)s themes are late", count, campaign=campaign)
        )
    return str(
        ngettext(
            "%(campaign)s: a theme is assigned to you",
            "%(campaign)s: %(num)s themes are assigned to you",
            count,
            campaign=campaign,
        )
    )


def assigned_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    """The theme; the table where there are several, or where it is gone."""
    here = {"campaign_id": detail.campaign_id}
    if _count(detail) == 1 and detail.theme_id is not None:
        return "theme.show", here | {"theme_id": detail.theme_id, "_anchor": "work"}
    return "theme_table.show", here | ({"late": "1"} if _is_of_another(detail) else {"assignee": "me"})


def _count(detail: NoticeDetail) -> int:
    """How many themes the act is about; 0 for another act, whose `themes` means something else."""
    themes = detail.after.get("themes")
    return len(themes) if isinstance(themes, list) else 0


def _due(detail: NoticeDetail) -> str:
    given = detail.after.get("due_on")
    return day(date.fromisoformat(given)) if isinstance(given, str) else ""
