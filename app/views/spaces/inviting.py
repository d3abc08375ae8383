"""Inviting people to a campaign: by a list of addresses or by a link; what became of each invitation."""

import csv
import io
from datetime import date, timedelta

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone

from app.access.needs import requires
from app.access.roles import member
from app.address_file import addresses_in
from app.clock import now
from app.extensions import database
from app.forms.spaces.invitation import PARTICIPANT, InviteForm, MakeLinkForm
from app.mail.invitation import invitation_token
from app.settings import Settings
from app.web.dates import day_begins
from app.web.errors import show_refusals
from app.web.language import language
from app.web.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.inviting import Offer, check_addresses, invite, invite_again, make_link
from ideas.campaigns.team import Act, Role
from ideas.errors import DomainError
from ideas.outreach.message import queue_invitations
from ideas.spaces.invitation import (
    MAX_USES,
    AddressLine,
    EndOutOfRange,
    Invitation,
    InvitationState,
    UsesOutOfRange,
    all_invitations,
    count_invitations,
    invitation_page,
    revoke_invitation,
)

views = Blueprint("inviting", __name__, url_prefix="/campaigns/<int:campaign_id>/invitations")

LINK_DAYS = 30
COLUMNS = ("address", "role", "language", "state", "uses", "max_uses", "invited_by", "created_at", "sent_at", "until")


@views.get("")
@requires(Act.INVITE)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign)


@views.post("")
@requires(Act.INVITE)
def send(campaign: Campaign) -> ResponseReturnValue:
    """Check the list, or send to those of its addresses that nothing speaks against."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _page(campaign, form=form)
    lines: list[AddressLine] = []
    with show_refusals(form, {DomainError: form.addresses}):
        checked = _add_file(form) or "check" in request.form
        offer = _offer(form)
        if checked:
            lines = check_addresses(database(), campaign, form.addresses.data, offer=offer, now=now())
            return _page(campaign, form=form, lines=lines)
        done = invite(database(), campaign, form.addresses.data, offer=offer, by=member(), now=now())
        queue_invitations(database(), done.invitations, domain=_domain(), now=now())
        database().commit()
        count = len(done.invitations)
        if count:
            flash(ngettext("%(num)s person is invited.", "%(num)s people are invited.", count), "success")
        lines = [line for line in done.lines if line.fault is not None]
        if not lines:
            return redirect(url_for("inviting.index", campaign_id=campaign.id), 303)
        form.addresses.data = "\n".join(line.written for line in lines)
    return _page(campaign, form=form, lines=lines, sent=True)


@views.post("/link")
@requires(Act.INVITE)
def link(campaign: Campaign) -> ResponseReturnValue:
    form = MakeLinkForm(prefix="link-")
    if form.validate_on_submit():
        with show_refusals(form, {UsesOutOfRange: form.max_uses, EndOutOfRange: form.last_day}):
            made = make_link(
                database(),
                campaign,
                offer=_offer(form),
                max_uses=form.max_uses.data or 0,
                expires_at=day_begins(form.last_day.data + timedelta(days=1)),
                by=member(),
                now=now(),
            )
            database().commit()
            flash(_("The link is ready. Copy it below and share it."), "success")
            here = url_for("inviting.index", campaign_id=campaign.id, _anchor=f"invitation-{made.id}")
            return redirect(here, 303)
    return _page(campaign, link_form=form)


@views.post("/<int:invitation_id>/send")
@requires(Act.INVITE)
def send_again(campaign: Campaign, invitation: Invitation) -> ResponseReturnValue:
    invite_again(database(), invitation, by=member(), now=now())
    queue_invitations(database(), [invitation], domain=_domain(), now=now())
    database().commit()
    flash(_("Invitation sent again to %(address)s.", address=invitation.email), "success")
    return redirect(url_for("inviting.index", campaign_id=campaign.id), 303)


@views.post("/<int:invitation_id>/revoke")
@requires(Act.INVITE)
def revoke(campaign: Campaign, invitation: Invitation) -> ResponseReturnValue:
    revoke_invitation(database(), invitation, by=member(), now=now())
    database().commit()
    flash(_("Invitation withdrawn. Its link does nothing any more."), "success")
    return redirect(url_for("inviting.index", campaign_id=campaign.id), 303)


@views.get("/invitations.csv")
@requires(Act.INVITE)
def export(campaign: Campaign) -> ResponseReturnValue:
    instant = now()
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for each in all_invitations(database(), campaign.id):
        rows.writerow(
            [
                _cell(each.email or ""),
                each.role or PARTICIPANT,
                each.locale,
                each.state(instant),
                each.uses,
                each.max_uses,
                _cell(each.created_by.name),
                each.created_at.isoformat(),
                each.sent_at.isoformat() if each.sent_at else "",
                each.expires_at.isoformat(),
            ]
        )
    headers = {"Content-Disposition": f'attachment; filename="invitations-{campaign.id}.csv"'}
    return Response("\ufeff" + written.getvalue(), mimetype="text/csv", headers=headers)


def _page(
    campaign: Campaign,
    *,
    form: InviteForm | None = None,
    link_form: MakeLinkForm | None = None,
    lines: list[AddressLine] | None = None,
    sent: bool = False,
) -> ResponseReturnValue:
    """The invitations of the campaign, and the forms. `lines`: what was found in a list that was checked or sent."""
    state, containing = _state(), request.args.get("containing", "")[:254]
    number, instant = request.args.get("page", 1, type=int), now()
    refused, chosen = form or link_form, language()[:2]
    new_link = MakeLinkForm(formdata=None, prefix="link-", locale=chosen, last_day=_in_a_month())
    page = render_template(
        "spaces/invitation/index.html",
        campaign=campaign,
        page=invitation_page(database(), campaign.id, number=number, now=instant, state=state, containing=containing),
        counts=count_invitations(database(), campaign.id, now=instant),
        states=list(InvitationState),
        state=state,
        containing=containing,
        token_of=invitation_token,
        form=form or InviteForm(formdata=None, locale=chosen),
        link_form=link_form or new_link,
        lines=lines,
        sent=sent,
        max_uses=MAX_USES,
    )
    return page, form_status(refused) if refused is not None else 200


def _add_file(form: InviteForm) -> bool:
    """Put the addresses of a file below those that were typed, to be checked before anything is sent."""
    file = form.file.data
    if not file:
        return False
    content, name = file.read(), file.filename or ""
    database().rollback()  # reading a file takes a while: hold no write lock meanwhile
    found = addresses_in(content, name)
    form.addresses.data = "\n".join(part for part in (form.addresses.data, found) if part)
    return True


def _offer(form: InviteForm | MakeLinkForm) -> Offer:
    role = None if form.role.data == PARTICIPANT else Role(form.role.data)
    return Offer(role=role, locale=form.locale.data)


def _state() -> InvitationState | None:
    name = request.args.get("state", "")
    return InvitationState(name) if name in set(InvitationState) else None


def _in_a_month() -> date:
    local: date = to_user_timezone(now()).date() + timedelta(days=LINK_DAYS)
    return local


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def _domain() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.mail_domain
