"""Words of notices about pioneers: for who is invited, and for who invited them."""

from typing import Any

from app.web.pages.language import gettext as _
from ideas.activity.activity import Verb
from ideas.outreach.detail import NoticeDetail

# What the person does, and who invited them is told.
BY_PIONEER = frozenset({Verb.ACCEPTED, Verb.DECLINED, Verb.LEFT})


def pioneer_sentence(detail: NoticeDetail) -> str:
    who = detail.who or _("Someone")
    return str(
        {
            Verb.INVITED: _("You are invited to be a pioneer. Read why, and accept or decline."),
            Verb.ACCEPTED: _("%(name)s accepts your invitation to be a pioneer.", name=who),
            Verb.DECLINED: _("%(name)s declines your invitation to be a pioneer.", name=who),
            Verb.LEFT: _("%(name)s is no longer a pioneer.", name=who),
            Verb.REMINDED: _("Your year as a pioneer ends within a month. Say whether you stay."),
            Verb.REMOVED: _("Your time as a pioneer ends. Thank you for what you did."),
            Verb.ENDED: _("Your year as a pioneer is over. Thank you for what you did."),
        }.get(detail.verb, "")
    )


def pioneer_subject(detail: NoticeDetail, site: str) -> str:
    if detail.verb is Verb.INVITED:
        return str(_("%(site)s: you are invited to be a pioneer", site=site))
    return str(_("%(site)s: the pioneers", site=site))


def pioneer_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    """Who invited them may be a campaign lead, who sees no list of all pioneers."""
    return ("person.me" if detail.verb in BY_PIONEER else "pioneer.mine"), {}
