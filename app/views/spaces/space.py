"""Spaces: the directory, the home page of each, and what it is."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.spaces.space import AddPersonForm, EnterForm, SpaceRoleForm, WriteSpaceForm
from app.views.outreach.feed import feed_address
from app.web.conflicts import compare
from app.web.csv_file import csv_response
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.answers.debriefs.figures import turnouts
from ideas.campaigns.audience import campaigns_of_space
from ideas.errors import EmptyText
from ideas.outreach.follow import is_following
from ideas.outreach.preference import silent_in
from ideas.search import MAX_SEARCH_LENGTH
from ideas.spaces.edit import (
    BoardSeats,
    EntryDoesNotFit,
    NameTaken,
    SeatsDoNotFit,
    SeatsTaken,
    SpaceText,
    close_space,
    create_space,
    revise_space,
)
from ideas.spaces.member_list import members_page, people_waiting, place_in_line
from ideas.spaces.membership import membership_of, runs_space, seats_left
from ideas.spaces.space import (
    Entry,
    Membership,
    MembershipState,
    Space,
    SpaceKind,
    SpaceRole,
    directory,
    export_spaces,
)
from ideas.spaces.workshops.workshop import workshops_of

views = Blueprint("space", __name__, url_prefix="/spaces")

# The names of the columns are the same in every language: programs read them.
COLUMNS = (
    *("id", "name", "description", "kind", "entry", "seats"),
    *("members", "moderators", "observers", "requests", "waiting", "created_at"),
)
NAMES = ("name", "description", "kind", "entry", "seats")


@views.get("")
@requires(Platform.MEMBER)
def index() -> ResponseReturnValue:
    containing = request.args.get("containing", "")[:MAX_SEARCH_LENGTH].strip()
    number = request.args.get("page", 1, type=int)
    page = directory(database(), member(), number=number, containing=containing)
    return render_template("spaces/space/index.html", page=page, containing=containing)


@views.post("/export")
@requires(Platform.ADMIN)
def export() -> ResponseReturnValue:
    """The spaces that the page lists, as a file. A POST, since the activity log says who took it."""
    containing = request.form.get("containing", "")[:MAX_SEARCH_LENGTH]
    found = export_spaces(database(), containing=containing, by=member(), now=now())
    rows = [
        (
            *(space.id, space.name, space.description, space.kind.value, space.entry.value, space.seats),
            *(counts.get((MembershipState.MEMBER, role), 0) for role in SpaceRole),
            *(
                sum(count for (state, _role), count in counts.items() if state is on_the_way)
                for on_the_way in (MembershipState.REQUESTED, MembershipState.WAITING)
            ),
            space.created_at.isoformat(timespec="seconds"),
        )
        for space, counts in found
    ]
    database().commit()
    return csv_response(f"spaces-{now():%Y-%m-%d}.csv", COLUMNS, rows)


@views.get("/<int:space_id>")
@requires(Platform.MEMBER)
def show(space: Space) -> ResponseReturnValue:
    return space_page(space, EnterForm(formdata=None), AddPersonForm(formdata=None))


def space_page(space: Space, enter_form: EnterForm, add_form: AddPersonForm) -> ResponseReturnValue:
    """The home page of a space: its campaigns, and its people for whoever is in it."""
    person = member()
    mine = membership_of(database(), space, person)
    runs = runs_space(mine, person)
    is_inside = runs or (mine is not None and mine.is_in)
    asked, waiting = people_waiting(database(), space) if runs else ((), ())
    campaigns = campaigns_of_space(database(), space, person)
    number = request.args.get("page", 1, type=int)
    page = render_template(
        "spaces/space/show.html",
        space=space,
        mine=mine,
        runs=runs,
        seats_left=seats_left(database(), space),
        line=place_in_line(database(), mine) if mine is not None and mine.state is MembershipState.WAITING else None,
        members=members_page(database(), space, number=number) if is_inside else None,
        asked=asked,
        waiting=waiting,
        campaigns=campaigns,
        workshops=workshops_of(database(), space) if is_inside else (),
        turnouts=turnouts(database(), campaigns),
        following=is_following(database(), space, person),
        by_mail=not silent_in(database(), space.id, [person.id]),
        feed=feed_address(space),
        enter_form=enter_form,
        form=add_form,
        role_form=SpaceRoleForm(formdata=None),
    )
    return page, max(form_status(enter_form), form_status(add_form))


def entered_words(membership: Membership) -> str:
    """What somebody reads who has entered a space, or is on the way into it."""
    words: str = {
        MembershipState.MEMBER: _("You are now in this space."),
        MembershipState.REQUESTED: _("Request sent. You will be notified of the answer."),
        MembershipState.WAITING: _("You are on the waiting list. You will be notified when you have a seat."),
    }[membership.state]
    return words


@views.route("/new", methods=["GET", "POST"])
@requires(Platform.CAMPAIGN_AUTHOR)
def new() -> ResponseReturnValue:
    form = WriteSpaceForm(data={"kind": SpaceKind.INTEREST, "entry": Entry.OPEN})
    if form.validate_on_submit():
        with show_refusals(form, _fields(form)):
            space = create_space(database(), text=_text(form), by=member(), now=now())
            database().commit()
            flash(_("Space created. You are its moderator."), "success")
            return redirect(url_for("space.show", space_id=space.id), 303)
    return render_template("spaces/space/write.html", form=form, space=None), form.http_status


@views.route("/<int:space_id>/edit", methods=["GET", "POST"])
@requires(Platform.SPACE_MODERATOR)
def edit(space: Space) -> ResponseReturnValue:
    form = WriteSpaceForm(data={name: getattr(space, name) for name in NAMES} | {"version": space.version})
    if form.validate_on_submit():
        with show_refusals(form, _fields(form)):
            revise_space(database(), space, text=_text(form), by=member(), now=now(), seen=form.seen)
            database().commit()
            flash(_("Space saved."), "success")
            return redirect(url_for("space.show", space_id=space.id), 303)
    conflict = compare(form, {name: getattr(space, name) for name in NAMES}, version=space.version)
    return render_template("spaces/space/write.html", form=form, space=space, conflict=conflict), form.http_status


@views.post("/<int:space_id>/close")
@requires(Platform.SPACE_MODERATOR)
def close(space: Space) -> ResponseReturnValue:
    close_space(database(), space, by=member(), now=now())
    database().commit()
    flash(_("The space is closed. Its members can still read its campaigns."), "success")
    return redirect(url_for("space.index"), 303)


def _text(form: WriteSpaceForm) -> SpaceText:
    return SpaceText(
        form.name.data or "",
        form.description.data or "",
        kind=SpaceKind(form.kind.data),
        entry=Entry(form.entry.data),
        seats=form.seats.data,
    )


def _fields(form: WriteSpaceForm) -> dict[type, object]:
    """The field that each rule is about."""
    return {
        EmptyText: form.name,
        NameTaken: form.name,
        EntryDoesNotFit: form.entry,
        BoardSeats: form.seats,
        SeatsDoNotFit: form.seats,
        SeatsTaken: form.seats,
    }
