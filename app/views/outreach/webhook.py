"""What an application of the organisation is told of events, and whether it reached it: pages for administrators."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import Platform, Power, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.outreach.host import SetWebhookForm
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.outreach.hosts.host import Host
from ideas.outreach.hosts.webhook import (
    EVENTS,
    WebhookDelivery,
    WebhookElsewhere,
    deliver_again,
    latest_deliveries,
    set_webhook,
)

views = Blueprint("webhook", __name__, url_prefix="/organisation/hosts/<int:host_id>/webhook")


@views.route("", methods=["GET", "POST"])
@requires(Platform.ADMIN, power=Power.APPLICATIONS)
def edit(host: Host) -> ResponseReturnValue:
    form = SetWebhookForm(obj=host)
    if form.validate_on_submit():
        with show_refusals(form, {WebhookElsewhere: form.webhook}):
            set_webhook(database(), host, form.webhook.data or "", by=member(), now=now())
            database().commit()
            flash(_("Address saved."), "success")
            return redirect(url_for("webhook.edit", host_id=host.id), 303)
    page = render_template(
        "outreach/host/webhook.html",
        host=host,
        form=form,
        events=list(dict.fromkeys(EVENTS.values())),
        deliveries=latest_deliveries(database(), host),
    )
    return page, form_status(form)


@views.post("/<int:delivery_id>/again")
@requires(Platform.ADMIN)
def again(host: Host, delivery: WebhookDelivery) -> ResponseReturnValue:
    deliver_again(database(), delivery, by=member(), now=now())
    database().commit()
    flash(_("The event is sent again within a minute."), "success")
    return redirect(url_for("webhook.edit", host_id=host.id), 303)
