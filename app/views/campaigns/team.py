"""The team of a campaign: who is in it, added, given another role, removed; and its lead, handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import to_user_timezone
from flask_wtf import FlaskForm
from wtforms import SelectChoice

from app.access.needs import Power, requires
from app.access.roles import is_admin
from app.access.roles import member as acting_member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.team import AddToTeamForm, ChangeRoleForm, HandOverForm
from app.settings import Settings
from app.views.spaces.inviting_pages import say_later
from app.web.conflicts import Conflict, compare
from app.web.errors import show_refusals
from app.web.pages.dates import day_begins
from app.web.pages.language import gettext as _
from app.web.pages.language import language
from app.web.pages.rendering import form_status
from app.web.uploads import uploads
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.inviting import invite_one
from ideas.campaigns.people.lead import hand_over
from ideas.campaigns.people.team import (
    ACTS,
    TEAM_ROLES,
    Act,
    EndIsPast,
    EndsBeforeStart,
    Role,
    RoleState,
    TeamMember,
    add_to_team,
    remove_from_team,
    roster_of,
)
from ideas.errors import DomainError
from ideas.files import discard
from ideas.outreach.limits.budget import invite_by_mail
from ideas.people.person import Person
from ideas.recognition.volunteer import volunteers_for
from ideas.spaces.invitation import Offer

views = Blueprint("team", __name__, url_prefix="/campaigns/<int:campaign_id>/team")


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One member of the team as the page shows them. `last_day`: the last on which the role gives its rights."""

    member: TeamMember
    state: RoleState
    first_day: date | None
    last_day: date | None
    form: ChangeRoleForm
    conflict: Conflict | None = None


@views.get("")
@requires(Act.INVITE)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign)


@views.post("")
@requires(Act.INVITE)
def add(campaign: Campaign) -> ResponseReturnValue:
    form = AddToTeamForm()
    if form.validate_on_submit():
        with show_refusals(form, _about(form) | {DomainError: form.email}):
            starts_at, ends_at = _dates(form)
            offer = Offer(Role(form.role.data), locale=language()[:2], starts_at=starts_at, ends_at=ends_at)
            invitation = invite_one(database(), campaign, form.email.data, offer=offer, by=acting_member(), now=now())
            settings: Settings = current_app.extensions["settings"]
            later = invite_by_mail(database(), [invitation], domain=settings.mail_domain, now=now())
            database().commit()
            flash(_("Invitation sent to %(address)s.", address=invitation.email), "success")
            say_later(later)
            return _to_team(campaign)
    return _page(campaign, add_form=form)


@views.post("/<int:member_id>/role")
@requires(Act.INVITE)
def change(campaign: Campaign, member: TeamMember) -> ResponseReturnValue:
    form = ChangeRoleForm(prefix=f"{member.id}-")
    if form.validate_on_submit():
        person = member.person
        with show_refusals(form, _about(form)):
            _give(campaign, person, form, seen=form.seen)
            database().commit()
            flash(_("Role changed: %(name)s.", name=person.name), "success")
            return _to_team(campaign)
    return _page(campaign, changed={member.id: form})


@views.post("/<int:member_id>/remove")
@requires(Act.INVITE)
def remove(campaign: Campaign, member: TeamMember) -> ResponseReturnValue:
    person = member.person
    remove_from_team(database(), campaign, person, by=acting_member(), now=now())
    database().commit()
    flash(_("%(name)s is no longer in the team.", name=person.name), "success")
    return _to_team(campaign)


@views.post("/lead")
@requires(Act.INVITE, power=Power.LEAD)
def lead(campaign: Campaign) -> ResponseReturnValue:
    roster = roster_of(database(), campaign)
    form = _lead_form(campaign, roster, sent=True)
    if not form.validate_on_submit():
        return _page(campaign, lead_form=form)
    with show_refusals(form):
        heir = next(member.person for member in roster if member.person_id == form.person.data)
        replaced = hand_over(
            database(),
            campaign,
            to=heir,
            by=acting_member(),
            now=now(),
            seen_owner_id=form.owner.data,
            former_stays=not form.leaves.data,
            reason=form.reason.data,
        )
        database().commit()
        if replaced is not None:
            discard(uploads(), replaced)
        flash(_("%(name)s now leads the campaign.", name=heir.name), "success")
        if is_admin():
            return _to_team(campaign)
        return redirect(url_for("campaign.show", campaign_id=campaign.id), 303)
    return _page(campaign, lead_form=form)


def _page(
    campaign: Campaign,
    *,
    add_form: AddToTeamForm | None = None,
    changed: dict[int, ChangeRoleForm] | None = None,
    lead_form: HandOverForm | None = None,
) -> ResponseReturnValue:
    """The page of the team. A refused form is shown as it was sent."""
    roster, instant = roster_of(database(), campaign), now()
    lines = [_line(member, (changed or {}).get(member.id), instant) for member in roster]
    refused = next((form for form in (add_form, lead_form, *(changed or {}).values()) if form is not None), None)
    page = render_template(
        "campaigns/team/index.html",
        campaign=campaign,
        roles={role: [line for line in lines if line.member.role is role] for role in TEAM_ROLES},
        acts=ACTS,
        all_acts=list(Act),
        form=add_form or AddToTeamForm(formdata=None),
        volunteers=volunteers_for(database(), campaign, now=instant),
        lead_form=lead_form or _lead_form(campaign, roster, sent=False),
    )
    return page, form_status(refused) if refused is not None else 200


def _line(member: TeamMember, sent: ChangeRoleForm | None, instant: datetime) -> RosterLine:
    first, last = _day(member.starts_at), _day(member.ends_at and member.ends_at - timedelta(seconds=1))
    kept = {"role": member.role.value, "first_day": first, "last_day": last}
    conflict = compare(sent, kept, version=member.version) if sent is not None else None
    form = sent or ChangeRoleForm(formdata=None, prefix=f"{member.id}-", version=member.version, **kept)
    return RosterLine(member, member.state(instant), first, last, form, conflict)


def _lead_form(campaign: Campaign, roster: Sequence[TeamMember], *, sent: bool) -> HandOverForm:
    given = {} if sent else {"formdata": None}
    form = HandOverForm(prefix="lead-", owner=campaign.owner_id, **given)
    heirs = [member.person for member in roster if member.person_id != acting_member().id]
    form.person.choices = [SelectChoice(heir.id, heir.name) for heir in heirs]
    return form


def _give(campaign: Campaign, person: Person, form: ChangeRoleForm, *, seen: int) -> None:
    """Give the role that the form says."""
    starts_at, ends_at = _dates(form)
    add_to_team(
        database(),
        campaign,
        person,
        role=Role(form.role.data),
        by=acting_member(),
        now=now(),
        starts_at=starts_at,
        ends_at=ends_at,
        seen=seen,
    )


def _dates(form: AddToTeamForm | ChangeRoleForm) -> tuple[datetime | None, datetime | None]:
    """The instants between which the role gives its rights: the last day counts whole."""
    first, last = form.first_day.data, form.last_day.data
    return day_begins(first) if first else None, day_begins(last + timedelta(days=1)) if last else None


def _day(instant: datetime | None) -> date | None:
    local: datetime | None = to_user_timezone(instant) if instant is not None else None
    return local.date() if local is not None else None


def _about(form: FlaskForm) -> dict[type[DomainError], object]:
    return {EndsBeforeStart: form.last_day, EndIsPast: form.last_day}


def _to_team(campaign: Campaign) -> ResponseReturnValue:
    return redirect(url_for("team.index", campaign_id=campaign.id), 303)
