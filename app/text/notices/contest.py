"""Words of notices about a contest: for its jury, and for those who took part."""

from typing import Any

from app.text.notices.contributions.merge import MAX_QUOTED_LENGTH
from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner
from ideas.activity.activity import Verb
from ideas.outreach.detail import NoticeDetail
from ideas.outreach.notice import NoticeKind
from ideas.text import shorten


def jury_sentence(detail: NoticeDetail) -> str:
    if detail.verb is Verb.REMINDED:
        return str(_("The scoring ends within two days. You have entries left to score."))
    if detail.verb is Verb.COMPLETED:
        return str(_("The scoring is over. The jury can read all scores and discuss them."))
    return str(_("The scoring begins. Score the entries, or declare a conflict of interest."))


def result_sentence(detail: NoticeDetail) -> str:
    won = detail.contest.won if detail.contest is not None else ""
    return winner_sentence(won, corrected=detail.verb is Verb.CHANGED)


def winner_sentence(won: str, *, corrected: bool) -> str:
    """What an entrant is told. `won`: their winning idea, empty where none of theirs is."""
    if won:
        return str(_("Your idea “%(idea)s” is a winner of the contest.", idea=inner(shorten(won, MAX_QUOTED_LENGTH))))
    if corrected:
        return str(_("The winners of the contest have been corrected. Your idea is not among them."))
    return str(_("The winners of the contest are announced. Your idea was not chosen."))


def contest_subject(detail: NoticeDetail, campaign: str) -> str:
    if detail.kind is NoticeKind.JURY_WORK:
        return str(_("%(campaign)s: the jury", campaign=campaign))
    return winner_subject(campaign, won=detail.contest is not None and bool(detail.contest.won))


def winner_subject(campaign: str, *, won: bool) -> str:
    return str(
        _("%(campaign)s: your idea has won", campaign=campaign)
        if won
        else _("%(campaign)s: the winners", campaign=campaign)
    )


def contest_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    if detail.kind is NoticeKind.JURY_WORK:
        # Who manages the campaign without being of the jury reads the ranking, too.
        page = "judging.ranking" if detail.verb is Verb.COMPLETED else "judging.index"
        return page, {"campaign_id": detail.campaign_id}
    return "winner.show", {"campaign_id": detail.campaign_id}
