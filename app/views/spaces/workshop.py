"""Workshops of a space: announced, changed and cancelled by its moderators; members say whether they come."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateTimeLocalField

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.campaigns.campaign import instant_of
from app.forms.spaces.workshop import CancelWorkshopForm, WriteWorkshopForm
from app.text.calendar import calendar_file
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.dates import local_input
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.audience import campaigns_of_space
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import managed_campaigns
from ideas.campaigns.phases.phase import PhaseAct
from ideas.errors import EmptyText
from ideas.outreach.recipients.forecast import of_workshop
from ideas.people.person import Person
from ideas.spaces.membership import membership_of, runs_space
from ideas.spaces.space import Space
from ideas.spaces.workshops.coming import answer_workshop, answers_of, coming_to
from ideas.spaces.workshops.workshop import (
    CancelReasonNeeded,
    EndDoesNotFit,
    PlaceNeeded,
    StartIsPast,
    Workshop,
    WorkshopText,
    announce_workshop,
    cancel_workshop,
    change_workshop,
)

views = Blueprint("workshop", __name__, url_prefix="/spaces/<int:space_id>/workshops")


@views.route("/new", methods=["GET", "POST"])
@requires(Platform.SPACE_MODERATOR)
def new(space: Space) -> ResponseReturnValue:
    form = WriteWorkshopForm()
    if form.validate_on_submit():
        with show_refusals(form, _fields(form)):
            workshop = announce_workshop(database(), space, text=_text(form), by=member(), now=now())
            database().commit()
            flash(_("Workshop announced. The people in this space are told."), "success")
            return _to(workshop)
    expected = of_workshop(database(), space, by=member(), now=now())
    page = render_template("spaces/workshop/write.html", form=form, space=space, workshop=None, expected=expected)
    return page, form.http_status


@views.get("/<int:workshop_id>")
@requires(Platform.MEMBER)
def show(space: Space, workshop: Workshop) -> ResponseReturnValue:
    return _page(space, workshop, CancelWorkshopForm(formdata=None))


@views.route("/<int:workshop_id>/edit", methods=["GET", "POST"])
@requires(Platform.SPACE_MODERATOR)
def edit(space: Space, workshop: Workshop) -> ResponseReturnValue:
    if request.method != "POST" and not workshop.is_coming(now()):
        return _to(workshop)
    form = WriteWorkshopForm(data=_stored(workshop) | {"version": workshop.version})
    if form.validate_on_submit():
        with show_refusals(form, _fields(form)):
            text = _text(form)
            change_workshop(database(), workshop, text=text, by=member(), now=now(), seen=form.seen)
            database().commit()
            flash(_("Workshop saved."), "success")
            return _to(workshop)
    conflict = compare(form, _stored(workshop), version=workshop.version)
    page = render_template("spaces/workshop/write.html", form=form, space=space, workshop=workshop, conflict=conflict)
    return page, form.http_status


@views.post("/<int:workshop_id>/cancel")
@requires(Platform.SPACE_MODERATOR)
def cancel(space: Space, workshop: Workshop) -> ResponseReturnValue:
    form = CancelWorkshopForm()
    if form.validate_on_submit():
        with show_refusals(form, {CancelReasonNeeded: form.reason}):
            cancel_workshop(database(), workshop, reason=form.reason.data or "", by=member(), now=now())
            database().commit()
            flash(_("Workshop cancelled. Those who did not decline are told why."), "success")
            return _to(workshop)
    return _page(space, workshop, form)


@views.post("/<int:workshop_id>/answer")
@requires(Platform.MEMBER)
def answer(space: Space, workshop: Workshop) -> ResponseReturnValue:
    mine = membership_of(database(), space, member())
    if mine is None or not mine.is_in:
        return _to_space(space)
    comes = request.form.get("answer") == "yes"
    answer_workshop(database(), workshop, comes=comes, by=member(), now=now())
    database().commit()
    flash(_("You are coming. See the date under “My dates”.") if comes else _("You are not coming."), "success")
    return _to(workshop)


@views.get("/<int:workshop_id>/calendar.ics")
@requires(Platform.MEMBER)
def calendar(space: Space, workshop: Workshop) -> ResponseReturnValue:
    if not _is_inside(space, member()):
        return _to_space(space)
    content = calendar_file([], [workshop], name=workshop.title)
    return Response(content, mimetype="text/calendar")


def _page(space: Space, workshop: Workshop, form: CancelWorkshopForm) -> ResponseReturnValue:
    """The page of a workshop, for whoever is in the space or runs it."""
    person, instant = member(), now()
    if not _is_inside(space, person):
        return _to_space(space)
    mine = membership_of(database(), space, person)
    page = render_template(
        "spaces/workshop/show.html",
        space=space,
        workshop=workshop,
        runs=runs_space(mine, person),
        is_in=mine is not None and mine.is_in,
        answer=answers_of(database(), person, [workshop.id]).get(workshop.id),
        coming=coming_to(database(), workshop),
        campaigns=_writes_for(space, person, instant),
        form=form,
        now=instant,
    )
    return page, form_status(form)


def _writes_for(space: Space, person: Person, instant: datetime) -> list[Campaign]:
    """The campaigns of the space in which the reader may write ideas for those who are there."""
    managed = {campaign.id for campaign in managed_campaigns(database(), person)}
    if not managed:
        return []
    here = campaigns_of_space(database(), space, person)
    return [one for one in here if one.id in managed and one.takes(PhaseAct.WRITE, instant)]


def _is_inside(space: Space, person: Person) -> bool:
    mine = membership_of(database(), space, person)
    return runs_space(mine, person) or (mine is not None and mine.is_in)


def _text(form: WriteWorkshopForm) -> WorkshopText:
    return WorkshopText(
        form.title.data or "",
        form.place.data or "",
        _instant(form.starts_at),
        _instant(form.ends_at),
        form.words.data or "",
    )


def _instant(field: DateTimeLocalField) -> datetime:
    typed = instant_of(field)
    if typed is None:
        raise LookupError("the form asks for every date")
    return typed


def _stored(workshop: Workshop) -> dict[str, Any]:
    return {
        "title": workshop.title,
        "starts_at": local_input(workshop.starts_at),
        "ends_at": local_input(workshop.ends_at),
        "place": workshop.place,
        "words": workshop.words,
    }


def _fields(form: WriteWorkshopForm) -> dict[type, object]:
    """The field that each rule is about."""
    return {EmptyText: form.title, PlaceNeeded: form.place, StartIsPast: form.starts_at, EndDoesNotFit: form.ends_at}


def _to(workshop: Workshop) -> ResponseReturnValue:
    return redirect(url_for("workshop.show", space_id=workshop.space_id, workshop_id=workshop.id), 303)


def _to_space(space: Space) -> ResponseReturnValue:
    return redirect(url_for("space.show", space_id=space.id), 303)
