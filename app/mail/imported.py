"""The mail to the author of imported ideas who has no account, and agreed to be told what became of them."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mail.address import address_of
from app.mail.letter import Written
from app.mail.letters.blocks import Block, debrief_blocks
from app.mail.letters.told import Answers, fates_among
from app.mail.receipt import imported_token
from app.mail.style import styles_with
from app.text.notices.contest import winner_sentence, winner_subject
from app.web.pages.language import read_by
from app.web.pages.rendering import inner
from app.web.pages.site import site_of
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.contest.result import result_of
from ideas.contributions.claim import ideas_of_same_author
from ideas.contributions.idea import Idea
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import NoticeKind


def write_imported_letter(session: Session, message: Message) -> Written:
    """The mail in the language of the campaign's owner. The caller has asked `is_wanted`."""
    ideas = ideas_of_same_author(session, message.imported_id or 0)
    campaign, site = ideas[0].campaign, site_of(the_organisation(session))
    locale = site.offered(campaign.owner.locale)
    with read_by(locale, site.timezone):
        if message.imported_kind is NoticeKind.CONTEST_RESULT:
            subject, blocks = _of_contest(session, campaign, ideas)
        else:
            subject, blocks = _of_debrief(session, campaign, ideas, locale, message)
        asked = campaign.owner.email if not site.contact_email else site.contact_email
        values: dict[str, Any] = {
            "subject": subject,
            "site": site.name,
            "language": locale[:2],
            "greeting": _("Hello,"),
            "blocks": blocks,
            "footer": [
                _(
                    "You get this email because your ideas came to %(site)s with this address, and you agreed to be"
                    " told.",
                    site=site.name,
                ),
                _("Do you have a question? Write to us: %(address)s", address=asked),
            ],
            "unsubscribe": stop_address(message),
            "way_out": _("Send me no such email again"),
            "style": styles_with(site.accent),
        }  # fmt: skip
        return Written(
            values["subject"],
            render_template("outreach/mail/letter.txt", **values),
            render_template("outreach/mail/letter.html", **values),
        )


def _of_debrief(
    session: Session, campaign: Campaign, ideas: Sequence[Idea], locale: str, message: Message
) -> tuple[str, list[Block]]:
    answers = Answers(session, campaign.id, is_draft=False)
    fates = fates_among(session, ideas, locale[:2], answers, is_draft=False)
    receipt = address_of("imported_receipt.show", imported=imported_token(message.imported_id or 0))
    intro = _("The campaign “%(campaign)s” has its debrief: what was decided, and why.", campaign=inner(campaign.title))
    subject = ngettext(
        "%(campaign)s: what was decided about your idea",
        "%(campaign)s: what was decided about your ideas",
        len(fates),
        campaign=campaign.title,
    )
    about = debrief_blocks(fates, [], more_themes=0, receipt=receipt, leaves_out_support=False, objects=False)
    return subject, [Block("text", intro), *about]


def _of_contest(session: Session, campaign: Campaign, ideas: Sequence[Idea]) -> tuple[str, list[Block]]:
    """The winners as they are announced by now: which ideas of the author won, and why; or the words to the others."""
    result = result_of(session, campaign)
    assert result is not None  # noqa: S101 -- an announcement is never taken back
    own = {idea.merged_into_id or idea.id for idea in ideas}
    won = [(idea.title or idea.body, reason) for idea, reason in result.chosen if idea.id in own]
    blocks = [Block("fact", _("Campaign: %(campaign)s", campaign=campaign.title))]
    for words, reason in won or [("", result.words_to_others)]:
        blocks += [Block("text", winner_sentence(words, corrected=result.version > 1)), Block("quote", reason)]
    if session.scalar(select(Campaign.id).where(Campaign.id == campaign.id, campaign_visible_to(None))) is not None:
        blocks.append(Block("link", _("See the details"), address_of("winner.show", campaign_id=campaign.id)))
    return winner_subject(campaign.title, won=bool(won)), blocks


def is_wanted(session: Session, message: Message) -> bool:
    """False where the ideas are claimed or withdrawn by now, or their author wants no such mail any more."""
    return bool(ideas_of_same_author(session, message.imported_id or 0))


def stop_address(message: Message) -> str:
    """The page where the author says that they want no such mail any more."""
    return address_of("imported_receipt.stop", imported=imported_token(message.imported_id or 0))
