"""Words of the messages to newcomers: the product's own texts, which the organisation may replace, and the notices."""

from typing import Any

from app.web.pages.language import gettext as _
from ideas.outreach.detail import NoticeDetail
from ideas.outreach.journey.step import Step

_INACTIVE = frozenset({Step.DAY_0, Step.INACTIVE_30, Step.INACTIVE_90})


def step_of(detail: NoticeDetail) -> Step:
    """The step that an act names; that of the first day where it names none."""
    name = detail.after.get("step")
    return Step(name) if name in set(Step) else Step.DAY_0


def default_text(step: Step) -> tuple[str, str]:
    """Subject and text of a step in the language that is set, with its variables, where the organisation wrote none."""
    texts = {
        Step.DAY_0: (
            _("Welcome to {{ site }}: one thing to do"),
            _(
                "Here your ideas lead to decisions. Ideas that say the same are read together, and each theme gets an"
                " answer.\n\nOne thing to do now: choose a campaign, and write one sentence about what you would"
                " change."
            ),
        ),
        Step.ACTIVE_30: (
            _("{{ site }}: what became of your ideas"),
            _(
                "You have been here for a month, and you took part. Thank you.\n\nYour page shows what became of your"
                " ideas. See also what others wrote, and support what you agree with."
            ),
        ),
        Step.INACTIVE_30: (
            _("{{ site }}: your first idea"),
            _(
                "You joined a month ago, and we have not read you yet. One sentence is enough.\n\nIf you have no idea,"
                " support one that you agree with: it counts too."
            ),
        ),
        Step.ACTIVE_90: (
            _("{{ site }}: three months with you"),
            _(
                "For three months you have been one of those who move things forward here.\n\nSee what was decided, and"
                " tell a colleague about the campaign that matters most to you."
            ),
        ),
        Step.INACTIVE_90: (
            _("{{ site }}: what others changed"),
            _(
                "It has been quiet around you for a while. Meanwhile decisions were taken on ideas of others.\n\nHave a"
                " look: a campaign may be about your daily work. This is our last message of welcome."
            ),
        ),
    }
    return texts[step]


def step_label(step: Step) -> str:
    """What a step is called on the pages of administrators."""
    labels = {
        Step.DAY_0: _("Welcome, on the first day"),
        Step.ACTIVE_30: _("After 30 days, has taken part"),
        Step.INACTIVE_30: _("After 30 days, has not taken part"),
        Step.ACTIVE_90: _("After 90 days, has taken part lately"),
        Step.INACTIVE_90: _("After 90 days, has not taken part lately"),
    }
    return str(labels[step])


def newcomer_sentence(detail: NoticeDetail) -> str:
    """What the product shows, where the organisation's text is only emailed."""
    sentences = {
        Step.DAY_0: _("Welcome! Choose a campaign, and write your first idea."),
        Step.ACTIVE_30: _("Thank you for your first month. See what became of your ideas."),
        Step.INACTIVE_30: _("One sentence is enough for a first idea. See the campaigns that are open."),
        Step.ACTIVE_90: _("Three months with you. See what was decided."),
        Step.INACTIVE_90: _("See what was decided meanwhile, and the campaigns that are open."),
    }
    return str(sentences[step_of(detail)])


def newcomer_link(step: Step) -> str:
    """The words of the one link of the mail."""
    return str(_("See the campaigns") if step in _INACTIVE else _("See my ideas"))


def newcomer_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    return ("campaign.index" if step_of(detail) in _INACTIVE else "person.me"), {}
