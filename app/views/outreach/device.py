"""The devices on which a person is shown notifications: this browser is added, any of them removed."""

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.signing.browser import browser_of
from app.web.pages.language import gettext as _
from app.web.pages.rendering import translated
from ideas.base import MAX_ID
from ideas.errors import DomainError
from ideas.outreach.push.device import add_device, remove_device

views = Blueprint("device", __name__, url_prefix="/me/devices")


@views.post("")
@requires(Platform.MEMBER)
def add() -> ResponseReturnValue:
    browser, system = browser_of(request.headers.get("User-Agent", ""))
    given = {name: request.form.get(name, "") for name in ("endpoint", "public_key", "secret")}
    origins = current_app.extensions["settings"].push_services
    try:
        name = " · ".join(filter(None, (browser, system)))
        add_device(database(), member(), **given, name=name, origins=origins, now=now())
        database().commit()
        flash(_("Notifications are shown in this browser from now on."), "success")
    except DomainError as error:
        database().rollback()
        flash(translated(error), "warning")
    return redirect(url_for("notice.preferences", _anchor="devices"), 303)


@views.post("/remove")
@requires(Platform.MEMBER)
def remove() -> ResponseReturnValue:
    number = request.form.get("device", type=int)
    if number is not None and 0 < number <= MAX_ID:
        remove_device(database(), member(), number)
        database().commit()
        flash(_("Nothing more is shown on this device."), "success")
    return redirect(url_for("notice.preferences", _anchor="devices"), 303)
