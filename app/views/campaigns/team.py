"""The team of a campaign: who is in it, added, given another role, removed."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.needs import requires
from app.access.roles import member as acting_member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.team import AddToTeamForm, ChangeRoleForm
from app.web.errors import show_refusals
from app.web.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import Act, Role, TeamMember, add_to_team, remove_from_team, team_of
from ideas.errors import DomainError
from ideas.people.person import account_with

views = Blueprint("team", __name__, url_prefix="/campaigns/<int:campaign_id>/team")


@views.get("")
@requires(Act.INVITE)
def index(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, AddToTeamForm(formdata=None))


@views.post("")
@requires(Act.INVITE)
def add(campaign: Campaign) -> ResponseReturnValue:
    form = AddToTeamForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.email}):
            person = account_with(database(), form.email.data)
            add_to_team(database(), campaign, person, role=Role(form.role.data), by=acting_member(), now=now())
            database().commit()
            flash(_("%(name)s is now in the team.", name=person.name), "success")
            return _to_team(campaign)
    return _page(campaign, form)


@views.post("/<int:member_id>/role")
@requires(Act.INVITE)
def change(campaign: Campaign, member: TeamMember) -> ResponseReturnValue:
    form = ChangeRoleForm()
    if form.validate_on_submit():
        add_to_team(database(), campaign, member.person, role=Role(form.role.data), by=acting_member(), now=now())
        database().commit()
        flash(_("Role changed: %(name)s.", name=member.person.name), "success")
    else:
        flash(_("Choose a role."), "error")
    return _to_team(campaign)


@views.post("/<int:member_id>/remove")
@requires(Act.INVITE)
def remove(campaign: Campaign, member: TeamMember) -> ResponseReturnValue:
    person = member.person
    remove_from_team(database(), campaign, person, by=acting_member(), now=now())
    database().commit()
    flash(_("%(name)s is no longer in the team.", name=person.name), "success")
    return _to_team(campaign)


def _page(campaign: Campaign, form: AddToTeamForm) -> ResponseReturnValue:
    team = team_of(database(), campaign)
    changes = {each.id: ChangeRoleForm(formdata=None, role=each.role.value) for each in team}
    page = render_template("campaigns/team/index.html", campaign=campaign, team=team, changes=changes, form=form)
    return page, form_status(form)


def _to_team(campaign: Campaign) -> ResponseReturnValue:
    return redirect(url_for("team.index", campaign_id=campaign.id), 303)
