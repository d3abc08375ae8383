"""The sentences of notices about a campaign or a space that the reader follows, and the page that each leads to."""

from datetime import datetime
from typing import Any

from app.web.pages.dates import zoned
from app.web.pages.language import gettext as _
from ideas.activity.activity import Verb
from ideas.outreach.detail import NoticeDetail
from ideas.outreach.follow import FollowKind
from ideas.outreach.notice import NoticeKind

ABOUT_FOLLOWED = frozenset({NoticeKind.FOLLOWED_CAMPAIGN, NoticeKind.FOLLOWED_SPACE})


def follow_sentence(detail: NoticeDetail) -> str:
    """What happened to the campaign, which is named beside it."""
    if detail.kind is NoticeKind.FOLLOWED_SPACE:
        return str(_("A campaign is announced in a space that you follow."))
    if detail.after.get("of_vote"):
        opened = _("The public vote of this campaign, which you follow, is open.")
        return str(
            opened if detail.verb is Verb.OPENED else _("The public vote of this campaign is over: read the result.")
        )
    if detail.verb is Verb.REMINDED and detail.after.get("of_phase"):
        return str(_("This campaign, which you follow, takes ideas until %(date)s.", date=closing_of(detail)))
    if detail.verb is Verb.REMINDED:
        return str(_("This campaign, which you follow, closes on %(date)s.", date=closing_of(detail)))
    sentences = {
        Verb.OPENED: _("This campaign, which you follow, is open: you can submit your ideas."),
        Verb.ENDED: _("This campaign, which you follow, is closed to new ideas."),
        Verb.CLOSED: _("This campaign, which you follow, is closed to new ideas."),
        Verb.PUBLISHED: _("The debrief of this campaign, which you follow, is published."),
    }
    return str(sentences.get(detail.verb) or _("A date of this campaign, which you follow, has changed."))


def draft_sentence(detail: NoticeDetail) -> str:
    """For who has an idea that is not submitted, before the campaign closes or takes no ideas any more."""
    if detail.after.get("of_phase"):
        date = closing_of(detail)
        return str(_("Your idea is still a draft. Ideas are taken until %(date)s: submit it before then.", date=date))
    return str(
        _(
            "Your idea is still a draft. The campaign closes on %(date)s: submit it before then.",
            date=closing_of(detail),
        )
    )


def closing_of(detail: NoticeDetail) -> str:
    """The closing date that a reminder is about, in the reader's language and zone."""
    return zoned(datetime.fromisoformat(detail.after["closes_at"]))


def follow_subject(detail: NoticeDetail, campaign: str) -> str:
    """The subject of the mail. `campaign`: its title."""
    if detail.kind is NoticeKind.FOLLOWED_SPACE:
        return str(_("%(campaign)s: a new campaign", campaign=campaign))
    if detail.after.get("of_vote"):
        return str(_("%(campaign)s: the public vote", campaign=campaign))
    subjects = {
        Verb.OPENED: _("%(campaign)s: open to ideas", campaign=campaign),
        Verb.ENDED: _("%(campaign)s: closed to new ideas", campaign=campaign),
        Verb.CLOSED: _("%(campaign)s: closed to new ideas", campaign=campaign),
        Verb.PUBLISHED: _("%(campaign)s: the debrief is published", campaign=campaign),
        Verb.REMINDED: _("%(campaign)s: closes soon", campaign=campaign),
    }
    return str(subjects.get(detail.verb) or _("%(campaign)s: a date has changed", campaign=campaign))


def follow_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    """The debrief, the public vote or the campaign."""
    if detail.after.get("of_vote"):
        return "public_vote.show", {"campaign_id": detail.campaign_id}
    page = "debrief.show" if detail.verb is Verb.PUBLISHED else "campaign.show"
    return page, {"campaign_id": detail.campaign_id}


def followed(detail: NoticeDetail) -> tuple[FollowKind, int] | None:
    """What the reader gets this notice for, and may follow no more; None for another kind of notice."""
    commented = detail.comment.idea_id if detail.comment is not None else None
    if detail.kind is NoticeKind.FOLLOWED_IDEA and commented is not None:
        return FollowKind.IDEA, commented
    if detail.kind is NoticeKind.FOLLOWED_CAMPAIGN and detail.campaign_id is not None:
        return FollowKind.CAMPAIGN, detail.campaign_id
    return None
