"""The members of the site, for administrators, and the roles that they hold on it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.people.platform_role import ChangePlatformRoleForm
from app.web.errors import show_refusals
from ideas.campaigns.team import managed_campaigns
from ideas.people.person import MAX_EMAIL_LENGTH, Person, names_of
from ideas.people.platform_role import OwnRole, PlatformRole, has_role, people_page, role_history
from ideas.people.platform_role import grant as grant_role
from ideas.people.platform_role import revoke as revoke_role

views = Blueprint("platform_role", __name__, url_prefix="/people")


@views.get("")
@requires(Platform.ADMIN)
def index() -> ResponseReturnValue:
    containing, role = request.args.get("containing", "")[:MAX_EMAIL_LENGTH], _role(request.args.get("role", ""))
    number = request.args.get("page", 1, type=int)
    return render_template(
        "people/platform_role/index.html",
        page=people_page(database(), number=number, containing=containing, role=role),
        containing=containing,
        role=role,
    )


@views.get("/<int:person_id>")
@requires(Platform.ADMIN)
def show(person: Person) -> ResponseReturnValue:
    return _page(person)


@views.post("/<int:person_id>/<role>/grant")
@requires(Platform.ADMIN)
def grant(person: Person, role: str) -> ResponseReturnValue:
    given = _role(role) or abort(404)
    form = ChangePlatformRoleForm(prefix=given.value)
    if form.validate_on_submit():
        with show_refusals(form):
            grant_role(database(), person, given, by=member(), now=now(), reason=form.reason.data)
            database().commit()
            flash(_("Role given to %(name)s.", name=person.name), "success")
            return redirect(url_for("platform_role.show", person_id=person.id), 303)
    return _page(person, {given: form})


@views.post("/<int:person_id>/<role>/revoke")
@requires(Platform.ADMIN)
def revoke(person: Person, role: str) -> ResponseReturnValue:
    given = _role(role) or abort(404)
    form = ChangePlatformRoleForm(prefix=given.value)
    if form.validate_on_submit():
        confirmed, reason = form.confirmed.data, form.reason.data
        with show_refusals(form, {OwnRole: form.confirmed}):
            revoke_role(database(), person, given, by=member(), now=now(), reason=reason, own_confirmed=confirmed)
            database().commit()
            flash(_("Role taken from %(name)s.", name=person.name), "success")
            if person.id == member().id and given is PlatformRole.ADMIN:
                return redirect(url_for("person.me"), 303)
            return redirect(url_for("platform_role.show", person_id=person.id), 303)
    return _page(person, {given: form})


def _role(name: str) -> PlatformRole | None:
    return PlatformRole(name) if name in set(PlatformRole) else None


def _page(person: Person, sent: dict[PlatformRole, ChangePlatformRoleForm] | None = None) -> ResponseReturnValue:
    """The page of one member. `sent`: the form that was refused."""
    empty = {role: ChangePlatformRoleForm(formdata=None, prefix=role.value) for role in PlatformRole}
    history = role_history(database(), person)
    page = render_template(
        "people/platform_role/show.html",
        person=person,
        forms=empty | (sent or {}),
        held={role for role in PlatformRole if has_role(person, role)},
        campaigns=managed_campaigns(database(), person),
        history=history,
        names=names_of(database(), {act.actor_id for act in history if act.actor_id is not None}),
    )
    return page, 422 if sent else 200
