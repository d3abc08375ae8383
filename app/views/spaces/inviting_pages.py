"""The pages where people are invited, to a campaign or a space alike: by a list of addresses or by a link."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext, to_user_timezone

from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.spaces.invitation import PARTICIPANT, InviteForm, MakeLinkForm
from app.mail.invitation import invitation_token
from app.settings import Settings
from app.tables.address_file import addresses_in
from app.web.csv_file import csv_response
from app.web.errors import show_refusals
from app.web.pages.dates import day, day_begins
from app.web.pages.language import gettext as _
from app.web.pages.language import language
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.errors import DomainError
from ideas.outreach.limits.budget import Later, invite_by_mail, plan_invitations
from ideas.spaces.addresses import AddressLine, Invited
from ideas.spaces.invitation import (
    MAX_USES,
    EndOutOfRange,
    Invitation,
    InvitationState,
    Offer,
    Target,
    UsesOutOfRange,
    revoke_invitation,
    send_again,
)
from ideas.spaces.invitation_list import all_invitations, count_invitations, invitation_page
from ideas.spaces.space import Space

LINK_DAYS = 30
COLUMNS = ("address", "role", "language", "state", "uses", "max_uses", "invited_by", "created_at", "sent_at", "until")


@dataclass(frozen=True)
class Inviting(ABC):
    """What people are invited to, with its forms, its addresses and its rules. Each route makes one."""

    place: Campaign | Space
    blueprint: ClassVar[str]
    form: ClassVar[type[InviteForm]]
    link_form: ClassVar[type[MakeLinkForm]]

    @property
    @abstractmethod
    def target(self) -> Target: ...

    @abstractmethod
    def role(self, chosen: str) -> StrEnum | None:
        """The role that a form offers."""

    @abstractmethod
    def check(self, text: str, offer: Offer) -> list[AddressLine]: ...

    @abstractmethod
    def invite(self, text: str, offer: Offer) -> Invited: ...

    @abstractmethod
    def make_link(self, offer: Offer, max_uses: int, expires_at: datetime) -> Invitation: ...

    def url(self, page: str, **values: Any) -> str:
        """The address of one of its pages, or acts."""
        to = self.target
        here: dict[str, Any] = {"space_id": to.space_id} if to.space_id is not None else {"campaign_id": to.campaign_id}
        return url_for(f"{self.blueprint}.{page}", **here, **values)


def page_of(
    to: Inviting,
    *,
    form: InviteForm | None = None,
    link_form: MakeLinkForm | None = None,
    lines: list[AddressLine] | None = None,
    sent: bool = False,
) -> ResponseReturnValue:
    """The invitations, and the forms. `lines`: what was found in a list that was checked or sent."""
    state, containing = _state(), request.args.get("containing", "")[:254]
    number, instant = request.args.get("page", 1, type=int), now()
    refused, chosen = form or link_form, language()[:2]
    new_link = to.link_form(formdata=None, prefix="link-", locale=chosen, last_day=_in_a_month())
    page = render_template(
        "spaces/invitation/index.html",
        to=to,
        campaign=to.place if isinstance(to.place, Campaign) else None,
        space=to.place if isinstance(to.place, Space) else None,
        page=invitation_page(database(), to.target, number=number, now=instant, state=state, containing=containing),
        counts=count_invitations(database(), to.target, now=instant),
        states=list(InvitationState),
        state=state,
        containing=containing,
        token_of=invitation_token,
        form=form or to.form(formdata=None, locale=chosen),
        link_form=link_form or new_link,
        lines=lines,
        later=_later(lines, instant) if lines and not sent else None,
        sent=sent,
        max_uses=MAX_USES,
    )
    return page, form_status(refused) if refused is not None else 200


def send_list(to: Inviting) -> ResponseReturnValue:
    """Check the list, or send to those of its addresses that nothing speaks against."""
    form = to.form()
    if not form.validate_on_submit():
        return page_of(to, form=form)
    lines: list[AddressLine] = []
    with show_refusals(form, {DomainError: form.addresses}):
        checked = _add_file(form) or "check" in request.form
        if checked:
            return page_of(to, form=form, lines=to.check(form.addresses.data, _offer(to, form)))
        done = to.invite(form.addresses.data, _offer(to, form))
        later = invite_by_mail(database(), done.invitations, domain=_domain(), now=now())
        database().commit()
        count = len(done.invitations)
        if count:
            flash(ngettext("%(num)s person is invited.", "%(num)s people are invited.", count), "success")
            say_later(later)
        lines = [line for line in done.lines if line.fault is not None]
        if not lines:
            return redirect(to.url("index"), 303)
        form.addresses.data = "\n".join(line.written for line in lines)
    return page_of(to, form=form, lines=lines, sent=True)


def say_later(later: Later) -> None:
    """Say how many of these invitations wait, because their people were invited this week already."""
    if later.until is not None:
        words = ngettext(
            "%(num)s person was already invited this week: their email goes out on %(day)s.",
            "%(num)s people were already invited this week: their emails go out by %(day)s.",
            later.count,
            day=day(later.until),
        )
        flash(words, "info")


def _later(lines: Sequence[AddressLine], instant: datetime) -> Later:
    """How many of the addresses that nothing speaks against would get their mail in a later week."""
    addresses = {line.email for line in lines if line.fault is None}
    return Later.of([at for at in plan_invitations(database(), addresses, now=instant).values() if at > instant])


def share(to: Inviting) -> ResponseReturnValue:
    """Make a link that several people may use."""
    form = to.link_form(prefix="link-")
    if form.validate_on_submit():
        with show_refusals(form, {UsesOutOfRange: form.max_uses, EndOutOfRange: form.last_day}):
            until = day_begins(form.last_day.data + timedelta(days=1))
            made = to.make_link(_offer(to, form), form.max_uses.data or 0, until)
            database().commit()
            flash(_("The link is ready. Copy it below and share it."), "success")
            return redirect(to.url("index", _anchor=f"invitation-{made.id}"), 303)
    return page_of(to, link_form=form)


def resend(to: Inviting, invitation: Invitation) -> ResponseReturnValue:
    send_again(database(), invitation, by=member(), now=now())
    later = invite_by_mail(database(), [invitation], domain=_domain(), now=now())
    database().commit()
    flash(_("Invitation sent again to %(address)s.", address=invitation.email), "success")
    say_later(later)
    return redirect(to.url("index"), 303)


def withdraw(to: Inviting, invitation: Invitation) -> ResponseReturnValue:
    revoke_invitation(database(), invitation, by=member(), now=now())
    database().commit()
    flash(_("Invitation withdrawn. Its link does nothing any more."), "success")
    return redirect(to.url("index"), 303)


def download(to: Inviting) -> ResponseReturnValue:
    """The invitations as a file, without their links."""
    instant = now()
    rows = (
        [
            each.email or "",
            each.role or PARTICIPANT,
            each.locale,
            each.state(instant),
            each.uses,
            each.max_uses,
            each.created_by.name,
            each.created_at.isoformat(),
            each.sent_at.isoformat() if each.sent_at else "",
            each.expires_at.isoformat(),
        ]
        for each in all_invitations(database(), to.target)
    )
    return csv_response(f"invitations-{to.place.id}.csv", COLUMNS, rows)


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


def _offer(to: Inviting, form: InviteForm | MakeLinkForm) -> Offer:
    return Offer(role=to.role(form.role.data), locale=form.locale.data)


def _state() -> InvitationState | None:
    name = request.args.get("state", "")
    return InvitationState(name) if name in set(InvitationState) else None


def _in_a_month() -> date:
    local: date = to_user_timezone(now()).date() + timedelta(days=LINK_DAYS)
    return local


def _domain() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.mail_domain
