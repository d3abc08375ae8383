"""The mail to the author of imported ideas who has no account, and agreed to be told what became of them."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mail.address import address_of
from app.mail.letters.blocks import Block, debrief_blocks, receipt_block
from app.mail.letters.letter import Written, changed_answer, later_blocks
from app.mail.letters.told import Answers, fates_among
from app.mail.receipt import imported_token
from app.mail.style import styles_with
from app.text.notices.contest import winner_sentence, winner_subject
from app.text.notices.notice import sentence, subject
from app.web.pages.language import gettext as _
from app.web.pages.language import language as get_language
from app.web.pages.language import read_by
from app.web.pages.rendering import inner
from app.web.pages.site import Site, site_of
from ideas.activity.activity import Activity
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to
from ideas.contest.result import ContestResult, result_of
from ideas.contributions.claim import ideas_of_same_author
from ideas.contributions.idea import Idea
from ideas.organisation.organisation import the_organisation
from ideas.outreach.detail import detail_for_imported
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import LATER_ANSWERS
from ideas.outreach.recipients.answers import concerned_by


def write_imported_letter(session: Session, message: Message) -> Written:
    """The mail in the language of the campaign's owner. The caller has asked `is_wanted`."""
    ideas = ideas_of_same_author(session, message.imported_id or 0)
    campaign, site = ideas[0].campaign, site_of(the_organisation(session))
    locale = site.offered(campaign.owner.locale)
    with read_by(locale, site.timezone):
        answers = Answers(session, campaign.id, is_draft=False)
        token = imported_token(message.imported_id or 0)
        receipt = address_of("imported_receipt.show", imported=token)
        if message.activity is not None and message.activity.object_kind == ContestResult.__tablename__:
            title, blocks = _winners(session, campaign, ideas)
        elif message.activity is not None:
            title, blocks = _later(session, message.activity, ideas, answers, site.name, receipt)
        else:
            title, blocks = _debrief(session, ideas, answers, receipt, is_draft=False)
        return _written(title, blocks, campaign, site, locale, stop=stop_address(message))


def _written(title: str, blocks: Sequence[Block], campaign: Campaign, site: Site, locale: str, *, stop: str) -> Written:
    """The mail with these blocks. `stop`: the page that stops such mails, empty in a draft."""
    asked = campaign.owner.email if not site.contact_email else site.contact_email
    values: dict[str, Any] = {
        "subject": title,
        "site": site.name,
        "language": locale[:2],
        "greeting": _("Hello,"),
        "blocks": blocks,
        "footer": [
            _(
                "You get this email because your ideas came to %(site)s with this address, and you agreed to be told.",
                site=site.name,
            ),
            _("Do you have a question? Write to us: %(address)s", address=asked),
        ],
        "unsubscribe": stop,
        "way_out": _("Send me no such email again"),
        "style": styles_with(site.accent),
    }
    return Written(
        title,
        render_template("outreach/mail/letter.txt", **values),
        render_template("outreach/mail/letter.html", **values),
    )


def write_imported_draft(session: Session, idea_id: int) -> Written:
    """The mail of the debrief as it will be once that is published, to the author of this imported idea, who agreed.

    For whoever may publish the debrief: the author's own links are left out.
    """
    ideas = ideas_of_same_author(session, idea_id)
    campaign, site = ideas[0].campaign, site_of(the_organisation(session))
    locale = site.offered(campaign.owner.locale)
    with read_by(locale, site.timezone):
        answers = Answers(session, campaign.id, is_draft=True)
        page = address_of("debrief.show", campaign_id=campaign.id)
        title, blocks = _debrief(session, ideas, answers, page, is_draft=True)
        return _written(title, blocks, campaign, site, locale, stop="")


def _debrief(
    session: Session, ideas: Sequence[Idea], answers: Answers, receipt: str, *, is_draft: bool
) -> tuple[str, list[Block]]:
    """The subject and the pieces of a mail of the debrief."""
    campaign = ideas[0].campaign
    fates = fates_among(session, ideas, get_language(), answers, is_draft=is_draft)
    subject_ = ngettext(
        "%(campaign)s: what was decided about your idea",
        "%(campaign)s: what was decided about your ideas",
        len(fates),
        campaign=campaign.title,
    )
    title = inner(campaign.title)
    intro = _("The campaign “%(campaign)s” has its debrief: what was decided, and why.", campaign=title)
    told = debrief_blocks(fates, [], more_themes=0, receipt=receipt, leaves_out_support=False)
    return subject_, [Block("text", intro), *told]


def _later(
    session: Session, activity: Activity, ideas: Sequence[Idea], answers: Answers, site: str, receipt: str
) -> tuple[str, list[Block]]:
    """The subject and the pieces of a mail of what came after the debrief: an answer, an action or a move."""
    detail = detail_for_imported(session, activity, ideas, language=get_language())
    blocks = [Block("fact", _("Campaign: %(campaign)s", campaign=detail.campaign)), Block("text", sentence(detail))]
    if detail.reason:
        blocks += [Block("text", _("Reason given:")), Block("quote", detail.reason)]
    if detail.kind in LATER_ANSWERS:
        concerned = concerned_by(session, activity.object_kind, activity.object_id)
        fates = fates_among(session, ideas, get_language(), answers, is_draft=False, concerned=concerned)
        answer = changed_answer(session, detail.kind, activity.object_kind, activity.object_id)
        blocks += later_blocks(detail, fates, (), answer)
    return subject(detail, site=site), [*blocks, receipt_block(receipt, is_of_author=True)]


def _winners(session: Session, campaign: Campaign, ideas: Sequence[Idea]) -> tuple[str, list[Block]]:
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
