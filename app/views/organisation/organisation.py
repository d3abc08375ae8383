"""What administrators settle for the whole site: its name, texts and languages."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.organisation.organisation import ReviseOrganisationForm
from app.forms.people.person import zone_choices
from app.forms.versioned import VersionedForm
from app.web.conflicts import Conflict, compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.site import Site, site_of
from ideas.activity.activity import Search, search_activities
from ideas.errors import EmptyText
from ideas.organisation.organisation import (
    LanguageNotOffered,
    NoLanguage,
    Organisation,
    OrganisationText,
    revise_organisation,
    the_organisation,
)
from ideas.people.person import EmailInvalid, names_of

views = Blueprint("organisation", __name__, url_prefix="/organisation")

FIELDS = ("name", "contact_email", "welcome", "footer", "locales", "locale", "timezone")


@views.route("", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def edit() -> ResponseReturnValue:
    organisation = the_organisation(database())
    form = ReviseOrganisationForm(data=_as_shown(site_of(organisation)) | {"version": organisation.version})
    form.timezone.choices = zone_choices(also=site_of(organisation).timezone, at=now())
    if form.validate_on_submit():
        fields = {
            EmptyText: form.name,
            EmailInvalid: form.contact_email,
            NoLanguage: form.locales,
            LanguageNotOffered: form.locale,
        }
        with show_refusals(form, fields):
            given = OrganisationText(**{name: form[name].data for name in FIELDS})
            revise_organisation(database(), given, by=member(), now=now(), seen=form.seen)
            database().commit()
            flash(_("Settings saved."), "success")
            return redirect(url_for("organisation.edit"), 303)
    conflict = conflict_of(form, _as_shown(site_of(the_organisation(database()))))
    page = render_template("organisation/organisation/edit.html", form=form, conflict=conflict)
    return page, form.http_status


def _as_shown(site: Site) -> dict[str, Any]:
    return {name: getattr(site, name) for name in FIELDS}


def conflict_of(form: VersionedForm, saved: dict[str, Any]) -> Conflict | None:
    """What another administrator saved meanwhile, and who; None where the form met no conflict."""
    if not form.changed_meanwhile:
        return None
    changes = search_activities(database(), Search(object_kind=Organisation.__tablename__), limit=1)
    by = names_of(database(), [change.actor_id for change in changes if change.actor_id is not None])
    return compare(
        form,
        saved,
        version=the_organisation(database()).version,
        by=next(iter(by.values()), ""),
        at=changes[0].at if changes else None,
    )
