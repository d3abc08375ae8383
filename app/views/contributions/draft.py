"""An idea that is written: kept as a draft, submitted, or discarded."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.fields import PREFIX, controls, data_of, given, with_fields
from app.forms.contributions.files import ADDS
from app.forms.contributions.idea import KeepDraftForm, ReviseIdeaForm, SubmitIdeaForm
from app.text.detected_language import text_language
from app.views.contributions.files import open_form, with_sent_files
from app.views.contributions.idea_edit import edit_page, to_idea
from app.views.contributions.similar import find_similar, similar_address
from app.web.conflicts import Conflict, compare
from app.web.errors import show_refusals
from app.web.pages.dates import clock
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, refuse, say_when_to_retry, translated
from ideas.accounts.verification import go_on_to
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign, State
from ideas.campaigns.form_field import asked_fields
from ideas.campaigns.people.team import Act
from ideas.campaigns.phases.phase import PhaseAct
from ideas.campaigns.term import terms_of
from ideas.contributions.draft import (
    AlreadySubmitted,
    DraftChangedMeanwhile,
    NotAnonymously,
    SubmittedOtherwise,
    delete_draft,
    drafts_of,
    save_draft,
    submit_idea,
)
from ideas.contributions.fields.value import FieldRefused, filled, values_of
from ideas.contributions.idea import CampaignClosed, CampaignNotOpen, Idea, own_idea
from ideas.errors import DomainError, EmptyText
from ideas.people.limit import LimitReached
from ideas.people.sanction import SanctionInForce
from ideas.personal_data.personal_data import PersonalDataFound
from ideas.recognition.level import is_trusted

AnyDraftForm = TypeVar("AnyDraftForm", SubmitIdeaForm, KeepDraftForm)

views = Blueprint("idea_draft", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas")


@views.route("/new", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def new(campaign: Campaign) -> ResponseReturnValue:
    draft = _draft(campaign)
    if request.method == "GET" and draft is not None and draft.submitted_at is not None:
        return to_idea(draft)
    form = _form(SubmitIdeaForm, campaign, draft)
    if request.form.get("act") == "keep":
        return _keep(campaign, draft)
    if _asks_for_similar():
        return _keep(campaign, draft, similar=True)
    if request.form.get("act") == ADDS:
        form.show_refused_files()
    elif form.validate_on_submit():
        if request.form.get("act") == "preview":
            return _new_page(campaign, draft, form, previews=True)
        return _submit(campaign, draft, form)
    return _new_page(campaign, draft, form)


@views.post("/save")
@requires(Act.CONTRIBUTE)
def save(campaign: Campaign) -> ResponseReturnValue:
    """Save a draft while it is being written. The response says when it was saved, or why not."""
    draft, instant = _draft(campaign), now()
    form = _form(KeepDraftForm, campaign, draft)
    wrong = {} if form.validate_on_submit() else form.errors
    if any(not str(name).startswith(PREFIX) and name not in form.refused_files for name in wrong):
        return _sentences(wrong)
    try:
        _save(campaign, draft, form, removes=False)
    except EmptyText:
        database().rollback()
        return ""
    except AlreadySubmitted as error:
        database().rollback()
        return translated(error)
    except DraftChangedMeanwhile:
        database().rollback()
        how = _("Not saved: another version of this draft was saved, maybe in another tab. Save as a draft to compare.")
        return make_response(how, 409)
    except LimitReached as error:
        database().rollback()
        say_when_to_retry(error)
        return make_response(translated(error), 429)
    database().commit()
    return _sentences(wrong) if wrong else str(_("Saved at %(time)s", time=clock(instant)))


@views.post("/<int:idea_id>/discard")
@requires(Act.CONTRIBUTE)
def discard(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    delete_draft(database(), idea, by=member())
    database().commit()
    flash(_("Draft deleted."), "success")
    return redirect(url_for("person.me"), 303)


def _draft(campaign: Campaign) -> Idea | None:
    """The reader's draft with the id in the query, or None without one. 404 where a page with any other id is opened.

    A text that is sent to a draft deleted meanwhile, maybe in another tab, becomes a new draft.
    """
    if "draft" not in request.args:
        return None
    number = request.args.get("draft", 0, type=int)
    found = own_idea(database(), campaign, number, author=member()) if 0 < number <= MAX_ID else None
    if found is None and request.method == "GET":
        abort(404)
    return found


def _form(form: type[AnyDraftForm], campaign: Campaign, draft: Idea | None) -> AnyDraftForm:
    """The form with the fields that the campaign asks, filled with the draft. A draft may still miss some."""
    fields = asked_fields(database(), campaign)
    present = values_of(database(), draft.id) if draft is not None and fields else {}
    whole = with_fields(form, fields, complete=form is SubmitIdeaForm, present=present)
    return open_form(whole, campaign, draft, obj=draft, data=data_of(fields, present))


def _sentences(wrong: Mapping[Any, Sequence[str]]) -> ResponseReturnValue:
    """What is wrong in a form, for the line under it."""
    return make_response(" ".join(sentence for field in wrong.values() for sentence in field), 422)


def _save(
    campaign: Campaign, draft: Idea | None, form: KeepDraftForm | SubmitIdeaForm, *, removes: bool = True
) -> Idea:
    return save_draft(
        database(),
        campaign,
        author=member(),
        title=form.title.data,
        body=form.body.data,
        now=now(),
        draft=draft,
        form_key=form.form_key.data,
        values=given(form),
        files=form.file_changes(removes=removes),
        is_anonymous=form.is_anonymous.data,
        **form.edit,
    )


def _submit(campaign: Campaign, draft: Idea | None, form: SubmitIdeaForm) -> ResponseReturnValue:
    """Answer the button "Submit my idea"."""
    form.leave_out(campaign)
    title, body, form_key = form.title.data, form.body.data, form.form_key.data
    try:
        idea = submit_idea(
            database(), campaign,
            author=member(), title=title, body=body, now=now(), draft=draft, form_key=form_key,
            is_anonymous=form.is_anonymous.data, kept=form.agreed(), values=given(form), files=form.file_changes(),
            lang=text_language(f"{title}\n{body}") or None, **form.edit,
            is_trusted=is_trusted(database(), member(), now=now()),
        )  # fmt: skip
    except DraftChangedMeanwhile as error:
        return _both_versions(campaign, error.draft.id, form, error)
    except (FieldRefused, LimitReached, NotAnonymously, PersonalDataFound, SanctionInForce) as error:
        database().rollback()
        return _kept_back(campaign, draft, form, error)
    except SubmittedOtherwise as error:
        database().rollback()
        return _revise_instead(campaign, form, error)
    draft_page = url_for("idea_draft.new", campaign_id=campaign.id, draft=idea.id)
    if member().verified_at is None:
        go_on_to(database(), member(), page=draft_page)
    database().commit()
    return _submitted(campaign, idea, draft_page)


def _asks_for_similar() -> bool:
    """True for the buttons "See similar ideas" and "My case differs", as a browser without scripts sends them."""
    act = request.form.get("act")
    return act == "similar" or (act is None and ("differs" in request.form or "theme_differs" in request.form))


def _keep(campaign: Campaign, draft: Idea | None, *, similar: bool = False) -> ResponseReturnValue:
    """Answer the button "Keep as a draft"; with `similar`, go on writing beside the similar ideas."""
    form = _form(KeepDraftForm, campaign, draft)
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.body}):
            try:
                kept = _save(campaign, draft, form)
            except DraftChangedMeanwhile as error:
                return _both_versions(campaign, error.draft.id, form, error)
            database().commit()
            if similar:
                return redirect(similar_address(kept), 303)
            flash(_("Draft saved. You can find it on your page."), "success")
            return redirect(url_for("person.me"), 303)
    return _new_page(campaign, draft, form)


def _both_versions(
    campaign: Campaign, draft_id: int, form: SubmitIdeaForm | KeepDraftForm, error: DraftChangedMeanwhile
) -> ResponseReturnValue:
    """The draft was saved by another form: show what it saved beside this text, which may then be saved on top."""
    database().rollback()
    refuse(form, error)
    draft = database().get_one(Idea, draft_id)
    fields = asked_fields(database(), campaign)
    saved = {"title": draft.title, "body": draft.body, "is_anonymous": draft.is_anonymous}
    saved |= data_of(fields, values_of(database(), draft.id))
    saved = {name: value for name, value in saved.items() if name in form}
    conflict = compare(form, saved, version=draft.version, at=draft.updated_at)
    return _new_page(campaign, draft, form, conflict=conflict)


def _kept_back(
    campaign: Campaign,
    draft: Idea | None,
    form: SubmitIdeaForm,
    error: FieldRefused | LimitReached | NotAnonymously | PersonalDataFound | SanctionInForce,
) -> ResponseReturnValue:
    """Too many ideas at once, personal data, anonymous no more, or a suspended author: the text stays in the form.

    It is a draft too, if there is room for one.
    """
    with suppress(FieldRefused, LimitReached):
        _save(campaign, draft, form)
        database().commit()
    refuse(form, error)
    return _new_page(campaign, draft, form)


def _revise_instead(campaign: Campaign, sent: SubmitIdeaForm, error: SubmittedOtherwise) -> ResponseReturnValue:
    """The idea is public already, and this is another text: show it as a change that can be published."""
    fields = asked_fields(database(), campaign)
    whole = with_sent_files(with_fields(ReviseIdeaForm, fields))
    sent_values = data_of(fields, given(sent) or {})
    form = whole(
        formdata=None,
        data=sent_values
        | sent.said_of_files()
        | {"title": sent.title.data, "body": sent.body.data, "version": error.idea.version},
    )
    refuse(form, error)
    return edit_page(campaign, error.idea, form)


def _submitted(campaign: Campaign, idea: Idea, draft_page: str) -> Response:
    if idea.submitted_at is None and campaign.takes(PhaseAct.WRITE, now()) and member().verified_at is None:
        flash(_("Your idea is saved as a draft. Confirm your email address, then you can publish it."), "warning")
        return redirect(url_for("verification.sent", next=draft_page), 303)
    if idea.submitted_at is None and campaign.is_open(now()) and not campaign.takes(PhaseAct.WRITE, now()):
        flash(_("This phase of the campaign takes no ideas. Your text is saved as a draft."), "warning")
        return redirect(url_for("person.me"), 303)
    if idea.submitted_at is None:  # the campaign closed meanwhile, or has not opened yet: kept as a draft
        closed = campaign.state(now()) is not State.ANNOUNCED
        flash(translated(CampaignClosed() if closed else CampaignNotOpen()), "warning")
        return redirect(url_for("person.me"), 303)
    if idea.withheld is not None:
        flash(_("Thank you! A moderator reads your idea before it is published."), "success")
        return to_idea(idea)
    flash(_("Idea published. Thank you!"), "success")
    return to_idea(idea)


def _new_page(
    campaign: Campaign,
    draft: Idea | None,
    form: SubmitIdeaForm | KeepDraftForm,
    *,
    conflict: Conflict | None = None,
    previews: bool = False,
) -> ResponseReturnValue:
    """The page where an idea is written. `previews`: also as others will read it; nothing is stored by that."""
    page = render_template(
        "contributions/idea/new.html",
        campaign=campaign,
        state=campaign.state(now()),
        draft=draft,
        form=form,
        conflict=conflict,
        previews=previews,
        controls=controls(form),
        terms=terms_of(database(), campaign),
        filled=filled(asked_fields(database(), campaign), given(form) or {}, form.staying_files) if previews else (),
        similar=find_similar(campaign, draft.text) if draft is not None and "similar" in request.args else None,
        similar_page=similar_address(draft) if draft is not None else "",
        drafts=drafts_of(database(), member(), campaign=campaign) if request.method == "GET" and draft is None else (),
    )
    return page, form_status(form)
