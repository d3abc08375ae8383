"""An invitation for the person who got it: who invites them to what; to join, create an account, or refuse."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.access.needs import Platform, requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import csrf, database
from app.forms.people.person import SignUpForm
from app.mail.invitation import find_invitation
from app.mail.letters.account import send_account_mail
from app.signing import signing
from app.signing.caller import caller_address
from app.views.spaces.space import entered_words
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, translated
from app.web.pages.site import site
from ideas.accounts.identity import EmailTaken, sign_up_by_invitation
from ideas.accounts.identity import sign_up as create_account
from ideas.accounts.password import PasswordWeak
from ideas.accounts.verification import ask_to_verify
from ideas.answers.debriefs.objection import claim_objections
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import visible_campaign
from ideas.contributions.claim import ideas_to_claim, join_and_claim
from ideas.errors import DomainError
from ideas.outreach.messages.message import AccountMail
from ideas.people.limit import LimitedAct, spend_from
from ideas.people.person import EmailInvalid, Person, find_person
from ideas.spaces.invitation import (
    Invitation,
    InvitationOver,
    InvitationRevoked,
    OtherAddress,
    has_joined,
    never_again,
)
from ideas.spaces.inviting import enter_by_invitation
from ideas.spaces.membership import membership_of, seats_left
from ideas.spaces.space import Space, SpaceRole

# The address holds a secret, and search engines are not to list it. No other site learns it: see `app.web.headers`.
PRIVATE = {"X-Robots-Tag": "noindex, nofollow"}

views = Blueprint("invitation", __name__, url_prefix="/invitations/<invite>")


@views.get("")
@requires(Platform.EVERYONE)
def show(invite: str) -> ResponseReturnValue:
    return _page(invite, _found(invite))


@views.post("")
@requires(Platform.MEMBER)
def join(invite: str) -> ResponseReturnValue:
    invitation = _found(invite)
    try:
        words, where = _accept(invitation, member())
    except (InvitationOver, OtherAddress):
        database().rollback()
        return _page(invite, invitation)
    database().commit()
    flash(words, "success")
    return redirect(where, 303)


@views.post("/account")
@requires(Platform.EVERYONE)
def sign_up(invite: str) -> ResponseReturnValue:
    invitation = _found(invite)
    if reader() is not None:
        return redirect(url_for("invitation.show", invite=invite), 303)
    form = _account_form(invitation)
    if not form.validate_on_submit():
        return _page(invite, invitation, form)
    fields = {EmailInvalid: form.email, EmailTaken: form.email, PasswordWeak: form.password, DomainError: form.name}
    with show_refusals(form, {kind: field for kind, field in fields.items() if field is not None}):
        # Every try counts, whatever comes of it: each takes a third of a second to hash its password.
        spend_from(database(), LimitedAct.SIGN_UP, subject=caller_address(), now=now())
        database().commit()
        person = _create(form, invitation)
        words, where = _accept(invitation, person)
        if person.verified_at is None:
            send_account_mail(AccountMail.VERIFY, to=person, link=ask_to_verify(database(), person, now=now()))
        signing.enter(person, page="")
        flash(_("Welcome, %(name)s. Your account is ready.", name=person.name), "success")
        flash(words, "success")
        return redirect(where, 303)
    return _page(invite, _found(invite), form)


@views.route("/never", methods=["GET", "POST"])
@requires(Platform.EVERYONE)
def never(invite: str) -> ResponseReturnValue:
    invitation = _found(invite)
    if request.method == "POST":
        never_again(database(), invitation, now=now())
        database().commit()
    page = render_template("spaces/invitation/never.html", invite=invite, done=request.method == "POST")
    return page, PRIVATE


# Mail programs post there by themselves (RFC 8058) and know no form token: the signature in the link stands for it.
csrf.exempt(never)


def _found(invite: str) -> Invitation:
    return find_invitation(database(), invite) or abort(404)


def _page(invite: str, invitation: Invitation, form: SignUpForm | None = None) -> ResponseReturnValue:
    """What the reader can do with the invitation. Looking at it spends nothing."""
    person = reader()
    campaign = database().get(Campaign, invitation.campaign_id) if invitation.campaign_id is not None else None
    space = database().get(Space, invitation.space_id) if invitation.space_id is not None else None
    refusal: DomainError | None = None
    joined = person is not None and has_joined(database(), invitation, person)
    if not joined:
        refusal = _refusal(invitation, campaign, space, person)
    page = render_template(
        "spaces/invitation/show.html",
        invite=invite,
        invitation=invitation,
        campaign=campaign,
        space=space,
        is_full=space is not None and invitation.role == SpaceRole.MEMBER and seats_left(database(), space) == 0,
        refusal=translated(refusal) if refusal is not None else "",
        other=isinstance(refusal, OtherAddress),
        joined=joined,
        is_visible=_finds(person, campaign, space),
        known=invitation.email is not None and find_person(database(), invitation.email) is not None,
        ideas=ideas_to_claim(database(), invitation),
        form=form or _account_form(invitation, sent=False),
    )
    status = 410 if isinstance(refusal, InvitationOver) else 403 if refusal is not None else 200
    refused = form_status(form) if form is not None and refusal is None else status
    return page, refused, PRIVATE


def _finds(person: Person | None, campaign: Campaign | None, space: Space | None) -> bool:
    """Whether this reader sees what the invitation leads to."""
    if campaign is not None:
        return visible_campaign(database(), campaign.id, person) is not None
    if space is None or person is None:
        return False
    return membership_of(database(), space, person) is not None


def _refusal(
    invitation: Invitation, campaign: Campaign | None, space: Space | None, person: Person | None
) -> DomainError | None:
    """Why the invitation leads nowhere, at all or for this reader."""
    gone = (campaign is not None and campaign.deleted_at) or (space is not None and space.closed_at)
    if gone:
        return InvitationRevoked()
    try:
        invitation.check_open(now())
    except InvitationOver as over:
        return over
    is_other = person is not None and invitation.email is not None and person.email != invitation.email
    return OtherAddress() if is_other else None


def _account_form(invitation: Invitation, *, sent: bool = True) -> SignUpForm:
    """Without an address where the invitation is for one: whoever has its link reads the mails sent there."""
    form = SignUpForm() if sent else SignUpForm(formdata=None)
    if invitation.email is not None:
        del form.email
    return form


def _create(form: SignUpForm, invitation: Invitation) -> Person:
    # The link of an invitation to an address proves it; one that is for anybody does not.
    create = sign_up_by_invitation if invitation.email is not None else create_account
    account, organisation = form.account(email=invitation.email or ""), site().name
    database().rollback()  # hashing takes a while: hold no write lock meanwhile
    return create(database(), now=now(), organisation=organisation, **account)


def _accept(invitation: Invitation, person: Person) -> tuple[str, str]:
    """Join what the invitation leads to. Returns what to say, and the address of the page to go on to."""
    if invitation.space_id is not None:
        membership = enter_by_invitation(database(), invitation, person, now=now())
        return entered_words(membership), url_for("space.show", space_id=membership.space_id)
    campaign, ideas = join_and_claim(database(), invitation, person, now=now())
    claim_objections(database(), ideas, person)
    if ideas:
        words = ngettext("%(num)s idea is now yours.", "%(num)s ideas are now yours.", len(ideas))
        return words, url_for("person.me")
    if visible_campaign(database(), campaign.id, person) is None:
        words = _("You have joined. The campaign appears on this site as soon as it is announced.")
        return words, url_for("campaign.index")
    return _("You have joined “%(title)s”.", title=campaign.title), url_for("campaign.show", campaign_id=campaign.id)
