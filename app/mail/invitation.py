"""Invitations as links and as mails. The secret of a link is its signature: it is made when it is shown or sent."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from html import unescape
from typing import Any

from flask import current_app, render_template
from flask_babel import ngettext
from itsdangerous import BadData
from sqlalchemy.orm import Session

from app.mail.address import address_of
from app.mail.letters.blocks import MAX_QUOTED_LENGTH, Block
from app.mail.letters.letter import Written
from app.mail.style import styles_with
from app.signing.keys import reading_keys, secret_key, signer
from app.web.pages.dates import day
from app.web.pages.language import gettext as _
from app.web.pages.language import read_by
from app.web.pages.rendering import inner
from app.web.pages.site import site_of
from ideas.campaigns.campaign import Campaign
from ideas.contributions.claim import ideas_to_claim
from ideas.contributions.idea import Idea
from ideas.organisation.organisation import the_organisation
from ideas.people.person import Person, find_person
from ideas.spaces.invitation import Invitation
from ideas.spaces.space import Space
from ideas.text import shorten

MAX_QUOTED = 3  # ideas of one person in a mail
CODE_BYTES = 10  # 80 bits: too many to try, 16 characters to type
# The number of the invitation, which has no letter, then sixteen signs of which the first may be a digit.
_CODE = re.compile(r"([0-9]{1,9}?)([A-Z2-7]{16})")

# A signature for this purpose is worth nothing for another.
_PURPOSE = "invitation"


def invitation_token(invitation: Invitation) -> str:
    """What the address of the invitation ends with."""
    return str(signer(_PURPOSE).dumps([invitation.id, invitation.serial]))


def find_invitation(session: Session, token: str) -> Invitation | None:
    """The invitation with this token, or None where nobody here signed it, or it was made again since."""
    try:
        number, serial = signer(_PURPOSE).loads(token)
    except (BadData, TypeError, ValueError):
        return None
    invitation = session.get(Invitation, number)
    return invitation if invitation is not None and invitation.serial == serial else None


def claim_code(invitation: Invitation) -> str:
    """What a person types who has an account with another address: “12-ABCD-EFGH-IJKL-MNOP”."""
    return _claim_code(invitation, secret_key())


def _claim_code(invitation: Invitation, secret: str) -> str:
    named = f"claim {invitation.id} {invitation.serial}".encode()
    letters = base64.b32encode(hmac.digest(secret.encode(), named, hashlib.sha256)[:CODE_BYTES]).decode()
    return "-".join([str(invitation.id), *(letters[start : start + 4] for start in range(0, len(letters), 4))])


def find_by_code(session: Session, typed: str) -> Invitation | None:
    """The invitation of an address to a campaign with this code, in capitals and with hyphens or not; or None."""
    found = _CODE.fullmatch("".join(typed.split()).replace("-", "").upper())
    invitation = session.get(Invitation, int(found[1])) if found is not None else None
    if found is None or invitation is None or invitation.email is None or invitation.campaign_id is None:
        return None
    given = (found[1] + found[2]).encode()
    codes = (_claim_code(invitation, key).replace("-", "").encode() for key in reading_keys())
    return invitation if any(hmac.compare_digest(code, given) for code in codes) else None


def never_address(invitation: Invitation) -> str:
    """The page where the person who was invited says that they want no invitation any more."""
    return address_of("invitation.never", invite=invitation_token(invitation))


def write_invitation_letter(session: Session, invitation: Invitation) -> Written:
    """The mail of an invitation, in its language; to somebody who has an account, in theirs, and it says so."""
    campaign = session.get(Campaign, invitation.campaign_id) if invitation.campaign_id is not None else None
    space = session.get(Space, invitation.space_id) if invitation.space_id is not None else None
    named = campaign.title if campaign is not None else space.name if space is not None else ""
    site = site_of(the_organisation(session))
    member = find_person(session, invitation.email or "")
    by, locale = invitation.created_by.name, site.offered(member.locale if member is not None else invitation.locale)
    with read_by(locale, member.timezone if member is not None else site.timezone):
        subject = _("%(name)s invites you: %(campaign)s", name=by, campaign=named)
        ideas = ideas_to_claim(session, invitation)
        if campaign is not None:
            blocks = _campaign_blocks(invitation, campaign, ideas, by)
        else:
            blocks = _space_blocks(invitation, space, by) if space is not None else []
        values: dict[str, Any] = {
            "subject": subject,
            "site": site.name,
            "language": locale[:2],
            "greeting": _("Hello %(name)s,", name=member.name) if member is not None else _("Hello,"),
            "blocks": blocks + _link_blocks(invitation, member, ideas),
            "footer": [
                _("You get this email because %(name)s entered your address to invite you here.", name=by),
                _("Your address is used for nothing else. If you do nothing, you get no other email."),
            ],
            "unsubscribe": never_address(invitation),
            "way_out": _("Never invite me again"),
            "style": styles_with(site.accent),
        }
        return Written(
            subject,
            render_template("outreach/mail/letter.txt", **values),
            render_template("outreach/mail/letter.html", **values),
        )


def _campaign_blocks(invitation: Invitation, campaign: Campaign, ideas: Sequence[Idea], by: str) -> list[Block]:
    title = inner(campaign.title)
    blocks = [Block("text", _("%(name)s invites you to take part in the campaign “%(title)s”.", name=by, title=title))]
    if campaign.challenge:
        blocks.append(Block("quote", campaign.challenge))
    if ideas:
        count = len(ideas)
        blocks.append(
            Block(
                "text",
                ngettext(
                    "%(num)s idea sent with your address is in this campaign. It becomes yours when you join:",
                    "%(num)s ideas sent with your address are in this campaign. They become yours when you join:",
                    count,
                ),
            )
        )
        blocks += [Block("quote", shorten(idea.text, MAX_QUOTED_LENGTH)) for idea in ideas[:MAX_QUOTED]]
    if invitation.role is not None:
        role, meaning = _words("campaigns/team/roles.html", invitation)
        blocks += [Block("fact", _("Your role in the campaign team: %(role)s", role=role)), Block("text", meaning)]
    return blocks


def _space_blocks(invitation: Invitation, space: Space, by: str) -> list[Block]:
    invites = _("%(name)s invites you to the space “%(title)s”.", name=by, title=inner(space.name))
    blocks = [Block("text", invites)]
    if space.description:
        blocks.append(Block("quote", shorten(space.description, MAX_QUOTED_LENGTH)))
    role, meaning = _words("spaces/space/words.html", invitation)
    return [*blocks, Block("fact", _("Your role in the space: %(role)s", role=role)), Block("text", meaning)]


def _link_blocks(invitation: Invitation, member: Person | None, ideas: Sequence[Idea]) -> list[Block]:
    blocks = []
    link = _("See the invitation")
    if member is not None:
        blocks.append(Block("text", _("You already have an account with this address. Sign in to join.")))
        link = _("Join the campaign") if invitation.space_id is None else _("Enter the space")
    blocks.append(Block("link", link, address_of("invitation.show", invite=invitation_token(invitation))))
    until = _("This link is for you alone. It works until %(day)s.", day=day(invitation.expires_at))
    blocks.append(Block("text", until))
    if ideas:
        code = claim_code(invitation)
        other = _("If your account has another address, sign in and enter this code: %(code)s", code=code)
        blocks.append(Block("text", other, address_of("claim.enter")))
    return blocks


def _words(template: str, invitation: Invitation) -> tuple[str, str]:
    """The words of the pages for the role: its name and what it may do."""
    pieces: Any = current_app.jinja_env.get_template(template).module
    name, meaning = (
        unescape(str(words(invitation.role))).strip() for words in (pieces.role_label, pieces.role_meaning)
    )
    return name, meaning
