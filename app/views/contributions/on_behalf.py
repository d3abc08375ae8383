"""The team writes an idea for a person who has no account."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import may, member
from app.clock import now
from app.extensions import database
from app.forms.contributions.claim import InviteAuthorsForm
from app.forms.contributions.fields import controls, data_of, given, with_fields
from app.forms.contributions.files import ADDS
from app.forms.contributions.on_behalf import WriteForForm
from app.text.detected_language import text_language
from app.views.contributions.files import open_form
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.language import language
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import asked_fields
from ideas.campaigns.people.team import Act
from ideas.campaigns.phases.phase import PhaseAct
from ideas.contributions.claim import unclaimed
from ideas.contributions.on_behalf import submit_for
from ideas.people.person import EmailInvalid

views = Blueprint("on_behalf", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas")


@views.route("/for-another", methods=["GET", "POST"])
@requires(Act.MANAGE)
def write(campaign: Campaign) -> ResponseReturnValue:
    """The form, and the authors who may be invited to claim their ideas. After an idea, the form is empty again."""
    fields = asked_fields(database(), campaign)
    form = open_form(with_fields(WriteForForm, fields), campaign, None, data=data_of(fields, {}))
    if request.form.get("act") == ADDS:
        form.show_refused_files()
    elif form.validate_on_submit():
        form.leave_out(campaign)
        with show_refusals(form, {EmailInvalid: form.email}):
            idea = submit_for(
                database(), campaign,
                name=form.name.data, email=form.email.data, agreed=form.with_agreed.data,
                title=form.title.data, body=form.body.data,
                by=member(), now=now(), form_key=form.form_key.data, kept=form.agreed(),
                values=given(form), files=form.file_changes(),
                lang=text_language(f"{form.title.data}\n{form.body.data}") or None,
            )  # fmt: skip
            database().commit()
            flash(_("Idea published for %(name)s.", name=idea.author_name), "success")
            return redirect(url_for("on_behalf.write", campaign_id=campaign.id), 303)
    page = render_template(
        "contributions/on_behalf/write.html",
        campaign=campaign,
        form=form,
        controls=controls(form),
        is_open=campaign.takes(PhaseAct.WRITE, now()),
        unclaimed=unclaimed(database(), campaign) if may(Act.INVITE) else None,
        authors_form=InviteAuthorsForm(formdata=None, locale=language()[:2]),
    )
    return page, form_status(form)
