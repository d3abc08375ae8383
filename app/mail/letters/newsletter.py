"""A newsletter as one person reads it, in plain values: its texts and pictures, and what it says of campaigns that they
see. Where its author had clicks counted, each link leads through a signed address of ours: see `links_of`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape

from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.mail.address import address_of
from app.mail.letters.blocks import Block
from app.signing.keys import signer
from app.text.plain import plain_text
from app.web.pages.dates import moment
from app.web.pages.language import gettext as _
from app.web.pages.markdown import markdown
from app.web.pages.rendering import inner
from ideas.answers.debriefs.figures import Figures, figures
from ideas.campaigns.people.team import visible_campaign
from ideas.outreach.newsletters.blocks import OF_CAMPAIGN, Part, PartKind, parts_of
from ideas.outreach.newsletters.newsletter import Newsletter
from ideas.outreach.newsletters.pictures import pictures_in
from ideas.people.person import Person

# A signature for one of these is worth nothing for another purpose.
LINK_PURPOSE, PICTURE_PURPOSE = "newsletter-link", "newsletter-picture"
_LINK = re.compile(r'(?<=<a href=")https?://[^"]+')
# More links than this are not counted, and lead where they lead.
MAX_COUNTED = 200


@dataclass(frozen=True, slots=True)
class ToldPart:
    """A part of a newsletter. `text`: Markdown, of a text; what a picture shows, whose address has the token `picture`.
    Else what it says of a campaign; `figures`: of one alone.
    """

    kind: PartKind
    text: str = ""
    picture: str = ""
    campaign_id: int = 0
    title: str = ""
    challenge: str = ""
    closes_at: datetime | None = None
    figures: Figures | None = None


def told_parts(session: Session, body: str, person: Person, *, space_id: int, now: datetime) -> list[ToldPart]:
    """What the person reads of it. A campaign that they do not see is left out, and so is a debrief that is not out."""
    return list(_told(session, body, person, space_id, now))


def _told(session: Session, body: str, person: Person, space_id: int, now: datetime) -> Iterator[ToldPart]:
    parts = parts_of(body)
    pictures = pictures_in(session, space_id, {part.file_id for part in parts if part.kind is PartKind.PICTURE})
    for part in parts:
        if part.kind is PartKind.TEXT:
            yield ToldPart(part.kind, part.text)
        elif part.kind is PartKind.PICTURE:
            if part.file_id in pictures:
                yield ToldPart(part.kind, part.text, picture=picture_token(part.file_id))
        elif (told := _of_campaign(session, part, person, now)) is not None:
            yield told


def _of_campaign(session: Session, part: Part, person: Person, now: datetime) -> ToldPart | None:
    campaign = visible_campaign(session, part.campaign_id, person)
    if campaign is None or (part.kind is PartKind.DEBRIEF and campaign.debriefed_at is None):
        return None
    return ToldPart(
        part.kind,
        campaign_id=campaign.id,
        title=campaign.title,
        challenge=campaign.challenge,
        closes_at=campaign.closes_at if campaign.is_open(now) else None,
        figures=figures(session, campaign) if part.kind is PartKind.FIGURES else None,
    )


def picture_token(file_id: int) -> str:
    """Of the address of a picture: the same for every reader, so that it does not say who looks at it."""
    return str(signer(PICTURE_PURPOSE).dumps(file_id))


def addresses_of(body: str) -> list[str]:
    """The addresses to which a newsletter leads, each once, in their order. Nothing else is ever redirected to."""
    found: dict[str, None] = {}
    for part in parts_of(body):
        if part.kind is PartKind.TEXT:
            found |= dict.fromkeys(unescape(address) for address in _LINK.findall(str(markdown(part.text))))
        elif part.kind in OF_CAMPAIGN:
            found[_address(part)] = None
    return list(found)[:MAX_COUNTED]


def links_of(newsletter: Newsletter) -> dict[str, str]:
    """By each address in the newsletter, the one that counts the click and leads there. Empty where none is counted."""
    if not newsletter.counts_clicks:
        return {}
    signs = signer(LINK_PURPOSE)
    return {
        address: address_of("newsletter_link.follow", link=signs.dumps([newsletter.id, place]))
        for place, address in enumerate(addresses_of(newsletter.body))
    }


def newsletter_blocks(parts: Sequence[ToldPart], links: Mapping[str, str]) -> Iterator[Block]:
    """The same as pieces of a mail, in the language that is set."""
    for part in parts:
        if part.kind is PartKind.TEXT:
            html = _LINK.sub(lambda place: _through(place[0], links), str(markdown(part.text)))
            yield Block("rich", plain_text(html), html=html)
            continue
        if part.kind is PartKind.PICTURE:
            yield Block("picture", part.text, address_of("newsletter_link.picture", picture=part.picture))
            continue
        title, address = inner(part.title), _address(part)
        address = links.get(address, address)
        if part.kind is PartKind.DEBRIEF:
            yield Block(
                "fact", _("The debrief of “%(campaign)s” is published: what was decided, and why.", campaign=title)
            )
            yield Block("link", _("Read the debrief"), address)
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


def _through(written: str, links: Mapping[str, str]) -> str:
    """The address that stands in HTML, or the one that counts its clicks."""
    counted = links.get(unescape(written))
    return written if counted is None else escape(counted)


def _address(part: Part | ToldPart) -> str:
    endpoint = "debrief.show" if part.kind is PartKind.DEBRIEF else "campaign.show"
    return address_of(endpoint, campaign_id=part.campaign_id)


def figure_words(found: Figures) -> list[str]:
    """The figures of a campaign, in words. The numbers of people are those that its own page shows."""
    return [
        ngettext("%(num)s idea", "%(num)s ideas", found.ideas),
        ngettext("%(num)s person took part", "%(num)s people took part", found.people),
        ngettext("%(num)s theme has an answer", "%(num)s themes have an answer", found.decided),
    ]
