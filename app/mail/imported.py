"""The mail to the author of imported ideas who has no account, and agreed to be told what became of them."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.mail.address import address_of
from app.mail.letter import Written
from app.mail.letters.blocks import Block, debrief_blocks
from app.mail.letters.told import Answers, fates_among
from app.mail.receipt import imported_token
from app.mail.style import styles_with
from app.web.pages.language import read_by
from app.web.pages.rendering import inner
from app.web.pages.site import site_of
from ideas.contributions.claim import ideas_of_same_author
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import Message


def write_imported_letter(session: Session, message: Message) -> Written:
    """The mail in the language of the campaign's owner. The caller has asked `is_wanted`."""
    ideas = ideas_of_same_author(session, message.imported_id or 0)
    campaign, site = ideas[0].campaign, site_of(the_organisation(session))
    locale = site.offered(campaign.owner.locale)
    with read_by(locale, site.timezone):
        answers = Answers(session, campaign.id, is_draft=False)
        fates = fates_among(session, ideas, locale[:2], answers, is_draft=False)
        token = imported_token(message.imported_id or 0)
        receipt = address_of("imported_receipt.show", imported=token)
        title = inner(campaign.title)
        intro = _("The campaign “%(campaign)s” has its debrief: what was decided, and why.", campaign=title)
        asked = campaign.owner.email if not site.contact_email else site.contact_email
        values: dict[str, Any] = {
            "subject": ngettext(
                "%(campaign)s: what was decided about your idea",
                "%(campaign)s: what was decided about your ideas",
                len(fates),
                campaign=campaign.title,
            ),
            "site": site.name,
            "language": locale[:2],
            "greeting": _("Hello,"),
            "blocks": [
                Block("text", intro),
                *debrief_blocks(fates, [], more_themes=0, receipt=receipt, leaves_out_support=False, objects=False),
            ],
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


def is_wanted(session: Session, message: Message) -> bool:
    """False where the ideas are claimed or withdrawn by now, or their author wants no such mail any more."""
    return bool(ideas_of_same_author(session, message.imported_id or 0))


def stop_address(message: Message) -> str:
    """The page where the author says that they want no such mail any more."""
    return address_of("imported_receipt.stop", imported=imported_token(message.imported_id or 0))
