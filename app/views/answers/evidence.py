"""What shows that an action is done or in progress: for everyone, added by its owner and the team."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.enforcement import ask_to_sign_in
from app.access.needs import requires
from app.access.roles import may, member, reader
from app.access.sanctions import is_forbidden, refuse_sanctioned
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.evidence import AddEvidenceForm, TakeOffEvidenceForm
from app.forms.contributions.files import ADDS
from app.views.answers.decision import today
from app.views.contributions.files import open_form
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from app.web.uploads import uploads
from ideas.answers.action import Action, action_with_history
from ideas.answers.actions.evidence import Evidence
from ideas.answers.actions.evidence_change import add_evidence, is_sent, take_off
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.campaigns.promise import NotAVideoLink
from ideas.errors import DomainError, InvalidText
from ideas.files import discard
from ideas.media_type import FileRefused

views = Blueprint("evidence", __name__, url_prefix="/campaigns/<int:campaign_id>")


@views.get("/actions/<int:action_id>/evidence")
@requires(Act.READ)
def index(campaign: Campaign, action: Action) -> ResponseReturnValue:
    """The action with all its evidence. Before it is published, for those who may decide."""
    if action.published_at is None and not may(Act.DECIDE):
        abort(404)
    return _page(campaign, action, AddEvidenceForm(formdata=None))


@views.post("/actions/<int:action_id>/evidence")
@requires(Act.READ)
def add(campaign: Campaign, action: Action) -> ResponseReturnValue:
    """For the owner of the action, also one who left the team, and for those who may decide."""
    if reader() is None:
        return ask_to_sign_in()
    if is_forbidden(Act.DECIDE):
        return refuse_sanctioned()
    if not _may_add(action):
        abort(403)
    form = open_form(AddEvidenceForm, campaign, None, data={})
    sent = {"body": form.body.data or "", "link": form.link.data or "", "form_key": form.form_key.data, "by": member()}
    if request.form.get("act") == ADDS:
        form.show_refused_files()
    elif form.validate_on_submit():
        fields = {NotAVideoLink: form.link, FileRefused: form.new_file, InvalidText: form.body, DomainError: form.body}
        with show_refusals(form, fields):
            add_evidence(database(), action, **sent, files=form.file_changes(), now=now())
            database().commit()
            return _added(campaign, action)
        form.renew_key()  # it was refused: sent once more, it is one of its own
    elif is_sent(database(), action, **sent):  # a second click: the files that it names belong to the evidence by now
        return _added(campaign, action)
    with rendering(database()):
        return _page(campaign, action, form)


@views.route("/evidence/<int:evidence_id>/take-off", methods=["GET", "POST"])
@requires(Act.MODERATE)
def remove(campaign: Campaign, evidence: Evidence) -> ResponseReturnValue:
    """Take it off as a whole, or one of its files. The reason stays."""
    form = TakeOffEvidenceForm()
    whole = [(0, _("All of it: the text, the link and the files"))] if evidence.removed_at is None else []
    form.what.choices = whole + [(one.file_id, one.file.name) for one in evidence.shown_files]
    action_id = evidence.action_id
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.reason}):
            places = take_off(
                database(), evidence,
                file_id=form.what.data or None, reason=form.reason.data, by=member(), now=now(),
            )  # fmt: skip
            database().commit()
            for stored_as in places:
                discard(uploads(), stored_as)
            flash(_("Taken off. The reason stays readable."), "success")
            return redirect(url_for("evidence.index", campaign_id=campaign.id, action_id=action_id), 303)
    with rendering(database()):
        page = render_template("answers/evidence/remove.html", campaign=campaign, evidence=evidence, form=form)
    return page, form_status(form)


def _added(campaign: Campaign, action: Action) -> ResponseReturnValue:
    flash(_("Evidence added. Everyone can read it."), "success")
    return redirect(url_for("evidence.index", campaign_id=campaign.id, action_id=action.id), 303)


def _page(campaign: Campaign, action: Action, form: AddEvidenceForm) -> ResponseReturnValue:
    action = action_with_history(database(), action.id)
    page = render_template(
        "answers/evidence/index.html",
        campaign=campaign,
        action=action,
        theme=action.decision.theme,
        today=today(),
        form=form if action.published_at is not None and _may_add(action) else None,
    )
    return page, form_status(form)


def _may_add(action: Action) -> bool:
    return may(Act.DECIDE) or action.owner_id == getattr(reader(), "id", None)
