"""A newsletter as one person reads it, in plain values: its texts, and what it says of campaigns that they see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.mail.address import address_of
from app.mail.letters.blocks import Block
from app.web.pages.dates import moment
from app.web.pages.rendering import inner, markdown
from ideas.answers.debriefs.figures import Figures, figures
from ideas.campaigns.people.team import visible_campaign
from ideas.outreach.newsletters.blocks import PartKind, parts_of
from ideas.people.person import Person


@dataclass(frozen=True, slots=True)
class ToldPart:
    """A part of a newsletter. `text`: Markdown, of a text. Else what it says of a campaign; `figures`: of one alone."""

    kind: PartKind
    text: str = ""
    campaign_id: int = 0
    title: str = ""
    challenge: str = ""
    closes_at: datetime | None = None
    figures: Figures | None = None


def told_parts(session: Session, body: str, person: Person, *, now: datetime) -> list[ToldPart]:
    """What the person reads of it. A campaign that they do not see is left out, and so is a debrief that is not out."""
    return list(_told(session, body, person, now))


def _told(session: Session, body: str, person: Person, now: datetime) -> Iterator[ToldPart]:
    for part in parts_of(body):
        if part.kind is PartKind.TEXT:
            yield ToldPart(part.kind, part.text)
            continue
        campaign = visible_campaign(session, part.campaign_id, person)
        if campaign is None or (part.kind is PartKind.DEBRIEF and campaign.debriefed_at is None):
            continue
        yield ToldPart(
            part.kind,
            campaign_id=campaign.id,
            title=campaign.title,
            challenge=campaign.challenge,
            closes_at=campaign.closes_at if campaign.is_open(now) else None,
            figures=figures(session, campaign) if part.kind is PartKind.FIGURES else None,
        )


def newsletter_blocks(parts: Sequence[ToldPart]) -> Iterator[Block]:
    """The same as pieces of a mail, in the language that is set."""
    for part in parts:
        if part.kind is PartKind.TEXT:
            yield Block("rich", part.text, html=str(markdown(part.text)))
            continue
        title = inner(part.title)
        address = address_of("campaign.show", campaign_id=part.campaign_id)
        if part.kind is PartKind.DEBRIEF:
            yield Block(
                "fact", _("The debrief of “%(campaign)s” is published: what was decided, and why.", campaign=title)
            )
            yield Block("link", _("Read the debrief"), address_of("debrief.show", campaign_id=part.campaign_id))
        elif part.figures is not None:
            yield Block("fact", _("“%(campaign)s” in figures", campaign=title))
            yield Block("list", items=figure_words(part.figures))
            yield Block("link", _("See the campaign"), address)
        else:
            yield Block("fact", part.title)
            if part.challenge:
                yield Block("text", part.challenge)
            if part.closes_at is not None:
                yield Block("text", _("Send your ideas before %(moment)s.", moment=moment(part.closes_at)))
            yield Block("link", _("See the campaign"), address)


def figure_words(found: Figures) -> list[str]:
    """The figures of a campaign, in words. The numbers of people are those that its own page shows."""
    return [
        ngettext("%(num)s idea", "%(num)s ideas", found.ideas),
        ngettext("%(num)s person took part", "%(num)s people took part", found.people),
        ngettext("%(num)s theme has an answer", "%(num)s themes have an answer", found.decided),
    ]
