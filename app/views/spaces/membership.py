"""Who is in a space: entered, asked, accepted, refused, added, removed, left."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.spaces.space import AddPersonForm, EnterForm, ReasonForm, SpaceRoleForm
from app.views.spaces.space import entered_words, space_page
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.errors import DomainError
from ideas.people.person import find_person
from ideas.spaces.membership import (
    AlreadyInSpace,
    accept,
    add_person,
    change_role,
    enter,
    leave,
    membership_of,
    refuse,
    remove,
)
from ideas.spaces.space import Membership, Space, SpaceRole

views = Blueprint("membership", __name__, url_prefix="/spaces/<int:space_id>")


@views.post("/enter")
@requires(Platform.MEMBER)
def join(space: Space) -> ResponseReturnValue:
    form = EnterForm()
    if form.validate_on_submit():
        with show_refusals(form):
            mine = enter(database(), space, by=member(), note=form.note.data or "", now=now())
            database().commit()
            flash(entered_words(mine), "success")
            return _to_space(space)
    return space_page(space, form, AddPersonForm(formdata=None))


@views.post("/leave")
@requires(Platform.MEMBER)
def depart(space: Space) -> ResponseReturnValue:
    mine = membership_of(database(), space, member())
    if mine is not None:
        leave(database(), mine, by=member(), now=now())
        database().commit()
        flash(_("You are no longer in the space “%(name)s”.", name=space.name), "success")
    return redirect(url_for("space.index"), 303)


@views.post("/members")
@requires(Platform.SPACE_MODERATOR)
def add(space: Space) -> ResponseReturnValue:
    """Add whoever has this address. The answer does not tell whether somebody has it."""
    form = AddPersonForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.email}):
            person = find_person(database(), form.email.data)
            if person is not None:
                try:
                    add_person(database(), space, person, role=SpaceRole(form.role.data), by=member(), now=now())
                except AlreadyInSpace:
                    database().rollback()
            database().commit()
            flash(
                _("If this address has an account, the person is now in the space, or on its waiting list."), "success"
            )
            return _to_space(space)
    return space_page(space, EnterForm(formdata=None), form)


@views.post("/members/<int:membership_id>/accept")
@requires(Platform.SPACE_MODERATOR)
def admit(space: Space, membership: Membership) -> ResponseReturnValue:
    name = membership.person.name
    accept(database(), membership, by=member(), now=now())
    database().commit()
    if membership.is_in:
        flash(_("%(name)s is now in the space.", name=name), "success")
    else:
        flash(_("No seat is left. %(name)s is on the waiting list.", name=name), "success")
    return _to_space(space)


@views.post("/members/<int:membership_id>/refuse")
@requires(Platform.SPACE_MODERATOR)
def decline(space: Space, membership: Membership) -> ResponseReturnValue:
    done = _("Refused: %(name)s. They read your reason.", name=membership.person.name)
    return _end_with_reason(space, membership, refuse, done)


@views.post("/members/<int:membership_id>/remove")
@requires(Platform.SPACE_MODERATOR)
def expel(space: Space, membership: Membership) -> ResponseReturnValue:
    done = _("%(name)s is no longer in the space. They read your reason.", name=membership.person.name)
    return _end_with_reason(space, membership, remove, done)


@views.post("/members/<int:membership_id>/role")
@requires(Platform.SPACE_MODERATOR)
def change(space: Space, membership: Membership) -> ResponseReturnValue:
    form = SpaceRoleForm()
    if form.validate_on_submit():
        change_role(database(), membership, role=SpaceRole(form.role.data), by=member(), now=now())
        database().commit()
        flash(_("Role changed: %(name)s.", name=membership.person.name), "success")
    else:
        flash(_("Choose a role."), "error")
    return _to_space(space)


def _end_with_reason(space: Space, membership: Membership, end: Callable[..., None], done: str) -> ResponseReturnValue:
    """Refuse or remove somebody with the reason that was typed. `done`: what to say then."""
    form = ReasonForm()
    if form.validate_on_submit():
        end(database(), membership, reason=form.reason.data or "", by=member(), now=now())
        database().commit()
        flash(done, "success")
    else:
        flash(" ".join(form.reason.errors), "error")
    return _to_space(space)


def _to_space(space: Space) -> ResponseReturnValue:
    return redirect(url_for("space.show", space_id=space.id), 303)
