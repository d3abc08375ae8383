"""Words of points and badges, in the reader's language."""

from collections.abc import Callable

from flask import Flask
from flask_babel import ngettext

from app.web.pages.language import gettext as _
from app.web.pages.rendering import quoted
from ideas.outreach.detail import NoticeDetail
from ideas.recognition.badge import LEVELS, Badge
from ideas.recognition.facts import PointAct

# How each badge is drawn: its sign and its tone.
SIGNS = {
    Badge.IDEAS: ("idea", 1),
    Badge.COMMENTS: ("comment", 4),
    Badge.SUPPORTER: ("support", 6),
    Badge.SUPPORTED: ("spark", 8),
    Badge.ADOPTED: ("check", 3),
    Badge.BRIDGE: ("link", 5),
    Badge.BILINGUAL: ("globe", 7),
    Badge.EARLY: ("sun", 2),
    Badge.HELPFUL: ("people", 9),
    Badge.WELCOMED: ("joy", 10),
}


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        act_name=act_name, badge_meaning=badge_meaning, badge_name=badge_name, badge_sign=SIGNS.__getitem__
    )


def act_name(act: PointAct) -> str:
    """What was done, in a list of points."""
    return str(
        {
            PointAct.IDEA: _("Idea submitted"),
            PointAct.COMMENT: _("Comment written"),
            PointAct.SUPPORT_GIVEN: _("Support given"),
            PointAct.SUPPORT_RECEIVED: _("Support received"),
            PointAct.ADOPTED: _("Idea in an accepted theme"),
            PointAct.QUESTION_ANSWERED: _("Question answered by the team"),
        }[act]
    )


def badge_name(badge: Badge, level: int) -> str:
    """The badge in a few words."""
    count = LEVELS[level - 1]
    names: dict[Badge, Callable[[], str]] = {
        Badge.IDEAS: lambda: ngettext("First idea", "%(num)s ideas", count),
        Badge.COMMENTS: lambda: ngettext("First comment", "%(num)s comments", count),
        Badge.SUPPORTER: lambda: ngettext("First support given", "%(num)s ideas supported", count),
        Badge.SUPPORTED: lambda: ngettext("First support received", "%(num)s votes of support received", count),
        Badge.ADOPTED: lambda: ngettext("First idea accepted", "%(num)s ideas accepted", count),
        Badge.BRIDGE: lambda: _("Bridge between themes"),
        Badge.BILINGUAL: lambda: _("In two languages"),
        Badge.EARLY: lambda: _("There from the first day"),
        Badge.HELPFUL: lambda: _("Helpful reader"),
        Badge.WELCOMED: lambda: _("Welcomed"),
    }
    return str(names[badge]())


def badge_meaning(badge: Badge) -> str:
    """What it is given for."""
    return str(
        {
            Badge.IDEAS: _("You submitted ideas."),
            Badge.COMMENTS: _("You commented on ideas."),
            Badge.SUPPORTER: _("You supported ideas."),
            Badge.SUPPORTED: _("Others supported your ideas."),
            Badge.ADOPTED: _("Your ideas are in a theme that was accepted."),
            Badge.BRIDGE: _("One of your ideas counts in several themes."),
            Badge.BILINGUAL: _("You submitted ideas in two languages."),
            Badge.EARLY: _("You submitted an idea on the first day of a campaign."),
            Badge.HELPFUL: _("You commented on ten ideas of other people."),
            Badge.WELCOMED: _("Someone commented on your first idea within a day."),
        }[badge]
    )


def badge_sentence(detail: NoticeDetail) -> str:
    """What the reader has reached, badge by badge."""
    names = [badge_name(Badge(badge), level) for badge, level in _badges(detail)]
    if not names:
        return str(_("You have a new badge."))
    return str(
        ngettext("You have a new badge: %(badges)s.", "You have new badges: %(badges)s.", len(names),
                 badges=quoted(names))
    )  # fmt: skip


def _badges(detail: NoticeDetail) -> list[tuple[str, int]]:
    """Those that the log names and that there are still."""
    named = detail.after.get("badges", ())
    return [(badge, level) for badge, level in named if badge in set(Badge) and 1 <= level <= len(LEVELS)]
