"""Whom a campaign is open to, now and later, and its guests: chosen by its lead and by administrators."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.access.needs import requires
from app.access.roles import member as acting
from app.clock import now
from app.extensions import database
from app.forms.spaces.audience import AudienceForm, as_chosen
from app.web.conflicts import Conflict, compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.audience import (
    AudienceReasonNeeded,
    NoSpaceChosen,
    NoValueChosen,
    OnlyPublicIsVisible,
    StageOutOfOrder,
    StageWidensNothing,
    audience_of,
    choose_audience,
    holds,
    last_chosen,
    names_of_audience,
)
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.spaces.audience import Audience
from ideas.spaces.guest import Guest, dismiss, guest_page
from ideas.spaces.segment import Attribute, attributes, counts_by_value
from ideas.spaces.space import Space, spaces_to_choose

views = Blueprint("audience", __name__, url_prefix="/campaigns/<int:campaign_id>/audience")


@views.get("")
@requires(Act.INVITE)
def show(campaign: Campaign) -> ResponseReturnValue:
    form = AudienceForm(
        formdata=None, data=as_chosen(audience_of(database(), campaign)) | {"version": campaign.audience_version}
    )
    return _page(campaign, form)


@views.post("")
@requires(Act.INVITE)
def choose(campaign: Campaign) -> ResponseReturnValue:
    saved = as_chosen(audience_of(database(), campaign))
    shown = {name: instant for name, instant in saved.items() if name.startswith("opens_") and name in request.form}
    form = AudienceForm(data=shown)
    _offer(form, campaign)
    if form.validate():
        choice = form.choice
        stages = (choice.first, *choice.later)
        fields = {
            NoSpaceChosen: form.field_of(stages, "spaces", lambda at: at.audience is Audience.SPACES and not at.spaces),
            NoValueChosen: form.field_of(
                stages, "values", lambda at: at.audience is Audience.SEGMENTS and not at.values
            ),
            OnlyPublicIsVisible: form.open_to_visitors,
            StageOutOfOrder: form.opens_2 if len(choice.later) > 1 and choice.later[0].opens_at else form.opens_1,
            StageWidensNothing: form.audience_1,
            AudienceReasonNeeded: form.change_reason,
        }
        with show_refusals(form, fields):
            kept = choose_audience(
                database(),
                campaign,
                choice=choice,
                by=acting(),
                now=now(),
                seen=form.seen,
                change_reason=form.change_reason.data or "",
            )
            database().commit()
            flash(_("Saved. The campaign is open to the people you chose."), "success")
            if kept:
                flash(
                    ngettext(
                        "%(num)s person had already taken part: they can still read the campaign, as a guest.",
                        "%(num)s people had already taken part: they can still read the campaign, as guests.",
                        kept,
                    ),
                    "info",
                )
            return _back(campaign)
    return _page(campaign, form)


@views.post("/guests/<int:guest_id>/remove")
@requires(Act.INVITE)
def remove_guest(campaign: Campaign, guest: Guest) -> ResponseReturnValue:
    name = guest.person.name
    dismiss(database(), guest, by=acting(), now=now())
    database().commit()
    flash(_("%(name)s is no longer a guest of the campaign.", name=name), "success")
    return _back(campaign)


def _offer(form: AudienceForm, campaign: Campaign) -> tuple[Sequence[Space], Sequence[Attribute]]:
    """Set the choices. A space that is named already stays one, also where the reader is not in it."""
    named, _values = names_of_audience(database(), audience_of(database(), campaign))
    chosen = {space.id: space for space in spaces_to_choose(database(), acting())} | named
    spaces = sorted(chosen.values(), key=lambda space: (space.name.lower(), space.id))
    known = attributes(database())
    form.offer(spaces, known)
    return spaces, known


def _page(campaign: Campaign, form: AudienceForm) -> ResponseReturnValue:
    spaces, known = _offer(form, campaign)
    page = render_template(
        "spaces/audience/show.html",
        campaign=campaign,
        form=form,
        conflict=_conflict(form, campaign),
        spaces=spaces,
        attributes=known,
        holds=holds(database(), campaign, spaces, counts_by_value(database(), known)),
        guests=guest_page(database(), campaign.id, number=request.args.get("page", 1, type=int)),
    )
    return page, form_status(form)


def _conflict(form: AudienceForm, campaign: Campaign) -> Conflict | None:
    """Both versions, where somebody chose another audience meanwhile."""
    if not form.changed_meanwhile:
        return None
    saved = as_chosen(audience_of(database(), campaign))
    by, at = last_chosen(database(), campaign) or ("", None)
    return compare(form, saved, version=campaign.audience_version, by=by, at=at)


def _back(campaign: Campaign) -> ResponseReturnValue:
    return redirect(url_for("audience.show", campaign_id=campaign.id), 303)
