"""The members of the site, for administrators, and the roles that they hold on it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.people.platform_role import ChangePlatformRoleForm
from app.web.csv_file import csv_response
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.accounts.people_list import (
    AddressState,
    PeopleFilter,
    PersonFacts,
    Presence,
    export_people,
    people_page,
    person_facts,
    person_history,
)
from ideas.campaigns.people.team import managed_campaigns
from ideas.people.person import MAX_EMAIL_LENGTH, Person, names_of
from ideas.people.platform_role import OwnRole, PlatformRole, has_role, role_history
from ideas.people.platform_role import grant as grant_role
from ideas.people.platform_role import revoke as revoke_role
from ideas.people.sanction import SanctionKind

views = Blueprint("platform_role", __name__, url_prefix="/people")

MAX_ACTS = 20
# The names of the columns are the same in every language: programs read them.
COLUMNS = (
    *("id", "name", "email", "headline", "roles", "language", "time_zone", "created_at", "signed_in_at", "rules"),
    *("verified_at", "sanction", "sanction_of", "sanction_ends_at"),
)
# What a filter can ask for: of the sanctions, those that forbid something.
SANCTIONS = (SanctionKind.SUSPENSION, SanctionKind.BAN)


@views.get("")
@requires(Platform.ADMIN)
def index() -> ResponseReturnValue:
    chosen = _filter(request.args)
    number = request.args.get("page", 1, type=int)
    return render_template(
        "people/platform_role/index.html",
        page=people_page(database(), chosen, number=number, now=now()),
        chosen=chosen,
        filters={name: value for name, value in asdict(chosen).items() if value},
    )


@views.post("/export")
@requires(Platform.ADMIN, power=Power.EXPORT)
def export() -> ResponseReturnValue:
    """The people that the page lists, as a file. A POST, since the activity log says who took it."""
    found = export_people(database(), _filter(request.form), by=member(), now=now())
    rows = [_row(facts) for facts in found]
    database().commit()
    return csv_response(f"people-{now():%Y-%m-%d}.csv", COLUMNS, rows)


@views.get("/<int:person_id>")
@requires(Platform.ADMIN)
def show(person: Person) -> ResponseReturnValue:
    return _page(person)


@views.post("/<int:person_id>/<role>/grant")
@requires(Platform.ADMIN, power=Power.ROLES)
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
@requires(Platform.ADMIN, power=Power.ROLES)
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


def _filter(sent: Mapping[str, str]) -> PeopleFilter:
    """What the address or the form asks for. A value that makes no sense is not asked for."""
    presence, address, sanction = (sent.get(name, "") for name in ("presence", "address", "sanction"))
    return PeopleFilter(
        containing=sent.get("containing", "")[:MAX_EMAIL_LENGTH],
        role=_role(sent.get("role", "")),
        presence=Presence(presence) if presence in set(Presence) else None,
        address=AddressState(address) if address in set(AddressState) else None,
        sanction=SanctionKind(sanction) if sanction in SANCTIONS else None,
    )


def _row(facts: PersonFacts) -> tuple[object, ...]:
    person, sanction = facts.person, facts.sanction
    roles = " ".join(role.value for role in PlatformRole if has_role(person, role))
    about = (person.id, person.name, person.email, person.headline, roles, person.locale, person.timezone)
    known = (_instant(person.created_at), _instant(facts.signed_in_at), facts.rules_version)
    if sanction is None:
        return (*about, *known, _instant(person.verified_at), "", "", "")
    of = "campaign" if sanction.campaign_id else "site"
    return (*about, *known, _instant(person.verified_at), sanction.kind.value, of, _instant(sanction.ends_at))


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _role(name: str) -> PlatformRole | None:
    return PlatformRole(name) if name in set(PlatformRole) else None


def _page(person: Person, sent: dict[PlatformRole, ChangePlatformRoleForm] | None = None) -> ResponseReturnValue:
    """The page of one member. `sent`: the form that was refused."""
    empty = {role: ChangePlatformRoleForm(formdata=None, prefix=role.value) for role in PlatformRole}
    history = role_history(database(), person)
    acts = person_history(database(), person, limit=MAX_ACTS)
    page = render_template(
        "people/platform_role/show.html",
        person=person,
        forms=empty | (sent or {}),
        held={role for role in PlatformRole if has_role(person, role)},
        campaigns=managed_campaigns(database(), person),
        history=history,
        facts=person_facts(database(), person, now=now()),
        acts=acts,
        names=names_of(database(), {act.actor_id for act in (*history, *acts) if act.actor_id is not None}),
    )
    return page, 422 if sent else 200
