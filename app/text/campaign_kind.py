"""The texts that a new campaign of a kind begins with, in the reader's language.

A gap says what only the owner knows. A campaign with a gap can't be announced: see `launch_gate`.
"""

from app.web.pages.language import gettext as _
from ideas.campaigns.campaign import GAP
from ideas.campaigns.kind import SETTINGS, CampaignKind


def first_texts(kind: CampaignKind) -> dict[str, object]:
    """The values of the form, by the names of its fields."""
    sections = [(heading, f"{line} {GAP}") for heading, line in _sections(kind)]
    brief = "\n\n".join(f"## {heading}\n\n{line}" for heading, line in sections)
    return {
        "brief": brief,
        "benefit": f"{_benefit(kind)} {GAP}",
        "motivation": f"{_motivation(kind)} {GAP}",
        "supports_each": SETTINGS[kind].supports_each,
    }


def _sections(kind: CampaignKind) -> list[tuple[str, str]]:
    """Headings of the brief, each with the beginning of its text."""
    facts = (_("What we know today"), _("The situation, with figures:"))
    limits = (_("What is possible, and what is not"), _("The budget, the deadlines and what can’t change:"))
    if kind in {CampaignKind.CONTEST_ONE, CampaignKind.CONTEST_SEVERAL}:
        winners = (
            _("One entry wins. Those who decide:")
            if kind is CampaignKind.CONTEST_ONE
            else _("Several entries win. How many, and those who decide:")
        )
        return [
            (_("What we look for"), _("An entry is:")),
            (_("Who can enter"), _("This contest is open to:")),
            (_("How the entries are judged"), _("The criteria, the most important one first:")),
            (_("Who wins"), winners),
            (
                _("What the winner gets") if kind is CampaignKind.CONTEST_ONE else _("What the winners get"),
                _("The prize:"),
            ),
        ]
    if kind is CampaignKind.BOARD:
        return [
            (_("What we ask the board"), _("The decision that we prepare:")),
            facts,
            (_("How we work together"), _("The dates of the meetings, and what stays between us:")),
            limits,
        ]
    if kind is CampaignKind.INTERNAL:
        return [
            facts,
            (_("Who is concerned"), _("The teams, sites or jobs that this call is about:")),
            limits,
            (_("When you can take part"), _("During working hours, and with whom to talk about it:")),
        ]
    return [facts, limits, (_("What we already tried"), _("What worked, what did not:"))]


def _benefit(kind: CampaignKind) -> str:
    if kind in {CampaignKind.CONTEST_ONE, CampaignKind.CONTEST_SEVERAL}:
        return str(_("What the winning ideas change for everyone:"))
    if kind is CampaignKind.BOARD:
        return str(_("Your advice changes this decision, by this date:"))
    if kind is CampaignKind.INTERNAL:
        return str(_("What will change in our daily work, by this date:"))
    return str(_("What will be in place, by this date:"))


def _motivation(kind: CampaignKind) -> str:
    if kind is CampaignKind.CONTEST_ONE:
        return str(_("The winner is announced with the reasons, and each person who enters gets an answer. The prize:"))
    if kind is CampaignKind.CONTEST_SEVERAL:
        return str(
            _("The winners are announced with the reasons, and each person who enters gets an answer. The prizes:")
        )
    if kind is CampaignKind.BOARD:
        return str(_("The members of the board are thanked by name, and meet those who decide:"))
    if kind is CampaignKind.INTERNAL:
        return str(_("The teams whose ideas are accepted present them to the management:"))
    return str(_("Everyone who takes part is thanked by name, and invited to:"))
