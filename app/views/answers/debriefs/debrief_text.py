"""The text of a debrief as its pages show it: with its figures, in its own language, and with links to its ideas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.text.checkable import Links, figure_address, with_links
from app.text.detected_language import written_as
from app.web.pages.language import gettext as _
from app.web.pages.language import ngettext, number
from app.web.pages.markdown import markdown
from ideas.answers.debriefs.blocks import Block, BlockKind, parts_of
from ideas.answers.debriefs.coverage import Basis
from ideas.answers.debriefs.debrief import fill
from ideas.answers.debriefs.figures import Figures
from ideas.answers.debriefs.quotes import Unquotable, without_withheld
from ideas.campaigns.campaign import Campaign


def quoting_nothing_hidden(body: str, withheld: Sequence[Unquotable]) -> str:
    """The text with a note, in its language, in place of what moderators have hidden since."""
    if not withheld:
        return body
    with written_as(body):
        return without_withheld(body, withheld, instead=_("withdrawn by moderation"))


def labels_of(counted: Figures) -> dict[str, str]:
    """The figures with their nouns in the reader's language, by the names that a text calls them by."""
    ideas = ngettext("%(num)s idea", "%(num)s ideas", counted.ideas)
    return {
        "people_label": ngettext("%(num)s person", "%(num)s people", counted.people),
        "ideas_label": ideas,
        "without_author_label": ngettext("%(num)s imported idea", "%(num)s imported ideas", counted.without_author),
        "votes_label": ngettext("%(num)s vote of support", "%(num)s votes of support", counted.votes),
        "comments_label": ngettext("%(num)s comment", "%(num)s comments", counted.comments),
        "themes_label": ngettext("%(num)s theme", "%(num)s themes", counted.themes),
        "decided_label": ngettext("%(num)s theme with an answer", "%(num)s themes with an answer", counted.decided),
        "read_label": _("%(read)s of %(ideas)s", read=number(counted.read), ideas=ideas),
    }


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the text as it is read: HTML, or a block that the page draws."""

    block: Block
    html: Markup | None = None

    @property
    def kind(self) -> str:
        return self.block.kind.value


def written_text(
    body: str, counted: Figures, *, campaign: Campaign | None = None, basis: Basis | None = None
) -> dict[str, Any]:
    """The parts of the text in their order, its language, and `placed`: what of that always shown has a place.

    Its figures are in the language of the text, whoever reads it. With a campaign and the basis of the text, they lead
    to the ideas that they count, as themes and quotations do. What may not be quoted is taken out before.
    """
    links = Links()
    with written_as(body) as language:
        link = None
        if campaign is not None and basis is not None:
            body, address = with_links(body, basis, campaign, links), figure_address(campaign)

            def link(name: str, words: str) -> str:
                return links.mark(address(name), words)

        blocks = parts_of(fill(body, counted, number=number, labels=labels_of(counted), link=link))
    parts = [
        Part(block, links.made(markdown(block.source)) if block.kind is BlockKind.TEXT else None) for block in blocks
    ]
    return {
        "text_language": language,
        "parts": parts,
        "placed": {f"{block.kind.value} {block.argument}".strip() for block in blocks},
    }
