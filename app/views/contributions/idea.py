"""Ideas: read, written, changed, withdrawn."""

from contextlib import suppress

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import manages, member, reader
from app.clock import now
from app.extensions import database
from app.forms.contributions.comment import AddCommentForm
from app.forms.contributions.idea import KeepDraftForm, ReviseIdeaForm, SubmitIdeaForm
from app.forms.contributions.import_undo import WithdrawImportedForm
from app.web.dates import clock
from app.web.errors import show_refusals
from app.web.rendering import form_status, refuse, say_when_to_retry, translated
from app.web.search import asked
from ideas.activity.version import versions_of
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign, State
from ideas.campaigns.team import Act
from ideas.contributions.comment import comment_counts, comments_on
from ideas.contributions.draft import (
    AlreadySubmitted,
    SubmittedOtherwise,
    delete_draft,
    drafts_of,
    save_draft,
    submit_idea,
)
from ideas.contributions.idea import (
    CampaignClosed,
    CampaignNotOpen,
    Idea,
    IdeaFixed,
    check_may_change,
    idea_page,
    own_idea,
    restore_idea,
    revise_idea,
    search_ideas,
    withdraw_idea,
)
from ideas.contributions.import_undo import may_be_undone, reason_of_withdrawal
from ideas.contributions.vote import responses
from ideas.errors import DomainError, EmptyText
from ideas.people.limit import LimitReached

views = Blueprint("idea", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas")


@views.get("")
@requires(Act.READ)
def index(campaign: Campaign) -> ResponseReturnValue:
    search, page, found = asked(), None, None
    if search.typed:
        found = search_ideas(database(), campaign, search.query, before=search.before, match=search.match)
    else:
        page = idea_page(database(), campaign, number=request.args.get("page", 1, type=int))
    ideas = found.rows if found is not None else page.ideas if page is not None else ()
    return render_template(
        "contributions/idea/index.html",
        campaign=campaign,
        state=campaign.state(now()),
        page=page,
        search=search,
        found=found,
        ideas=ideas,
        responses=responses(database(), ideas, reader=reader()),
        comments=comment_counts(database(), ideas),
    )


@views.route("/new", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def new(campaign: Campaign) -> ResponseReturnValue:
    draft = _draft(campaign)
    if request.method == "GET" and draft is not None and draft.submitted_at is not None:
        return _to(draft)
    form = SubmitIdeaForm(obj=draft)
    if request.form.get("act") == "keep":
        return _keep(campaign, draft)
    if form.validate_on_submit():
        try:
            idea = submit_idea(
                database(),
                campaign,
                author=member(),
                title=form.title.data,
                body=form.body.data,
                now=now(),
                draft=draft,
                form_key=form.form_key.data,
            )
        except LimitReached as error:
            database().rollback()
            return _kept_back(campaign, draft, form, error)
        except SubmittedOtherwise as error:
            database().rollback()
            return _revise_instead(campaign, form, error)
        database().commit()
        return _submitted(campaign, idea)
    return _new_page(campaign, draft, form)


@views.post("/save")
@requires(Act.CONTRIBUTE)
def save(campaign: Campaign) -> ResponseReturnValue:
    """Save a draft while it is being written. The response says when it was saved, or why not."""
    form, instant = KeepDraftForm(), now()
    if not form.validate_on_submit():
        return make_response(" ".join(sentence for field in form.errors.values() for sentence in field), 422)
    try:
        _save(campaign, _draft(campaign), form)
    except EmptyText:
        database().rollback()
        return ""
    except AlreadySubmitted as error:
        database().rollback()
        return translated(error)
    except LimitReached as error:
        database().rollback()
        say_when_to_retry(error)
        return make_response(translated(error), 429)
    database().commit()
    return str(_("Saved at %(time)s", time=clock(instant)))


@views.get("/<int:idea_id>")
@requires(Act.READ)
def show(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    if idea.submitted_at is None:
        return redirect(url_for("idea.new", campaign_id=campaign.id, draft=idea.id), 303)
    return page_of(campaign, idea)


@views.get("/<int:idea_id>/versions")
@requires(Act.READ)
def versions(campaign: Campaign, idea: Idea) -> str:
    """Every text that the idea has had since it was submitted, latest first."""
    if idea.submitted_at is None:
        abort(404)
    return render_template(
        "contributions/idea/versions.html",
        campaign=campaign,
        idea=idea,
        versions=versions_of(database(), Idea.__tablename__, idea.id),
    )


@views.route("/<int:idea_id>/edit", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def edit(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    if idea.submitted_at is None:  # with 307 the text that was posted goes along
        code = 303 if request.method == "GET" else 307
        return redirect(url_for("idea.new", campaign_id=campaign.id, draft=idea.id), code)
    form, instant = ReviseIdeaForm(obj=idea), now()
    if request.method == "GET":
        check_may_change(idea, by=member(), now=instant)
    if form.validate_on_submit():
        try:
            revise_idea(database(), idea, by=member(), title=form.title.data, body=form.body.data, now=instant)
        except (IdeaFixed, LimitReached) as error:
            database().rollback()
            refuse(form, error)
        else:
            database().commit()
            flash(_("Changes published."), "success")
            return _to(idea)
    return _edit_page(campaign, idea, form)


@views.post("/<int:idea_id>/withdraw")
@requires(Act.CONTRIBUTE)
def withdraw(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    withdraw_idea(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("Idea withdrawn. Only you and the campaign team can see it."), "success")
    return _to(idea)


@views.post("/<int:idea_id>/restore")
@requires(Act.CONTRIBUTE)
def restore(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    restore_idea(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("Idea published again."), "success")
    return _to(idea)


@views.post("/<int:idea_id>/discard")
@requires(Act.CONTRIBUTE)
def discard(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    delete_draft(database(), idea, by=member())
    database().commit()
    flash(_("Draft deleted."), "success")
    return redirect(url_for("person.me"), 303)


def page_of(
    campaign: Campaign, idea: Idea, *, withdraw_form: WithdrawImportedForm | None = None
) -> ResponseReturnValue:
    """The page of an idea. `withdraw_form`: a refused one, which keeps what was written in it."""
    removable = manages() and may_be_undone(idea)
    page = render_template(
        "contributions/idea/show.html",
        campaign=campaign,
        idea=idea,
        response=responses(database(), [idea], reader=reader())[idea.id],
        comments=comments_on(database(), idea),
        form=AddCommentForm(formdata=None),
        withdraw_form=(withdraw_form or WithdrawImportedForm(formdata=None)) if removable else None,
        why_withdrawn=reason_of_withdrawal(database(), idea) if idea.withdrawn_at and idea.author_id is None else "",
    )
    return page, form_status(withdraw_form) if withdraw_form is not None else 200


def _draft(campaign: Campaign) -> Idea | None:
    """The reader's draft with the id in the query, or None without one. 404 for any other id."""
    if "draft" not in request.args:
        return None
    number = request.args.get("draft", 0, type=int)
    found = own_idea(database(), campaign, number, author=member()) if 0 < number <= MAX_ID else None
    if found is None:
        abort(404)
    return found


def _save(campaign: Campaign, draft: Idea | None, form: KeepDraftForm | SubmitIdeaForm) -> Idea:
    return save_draft(
        database(),
        campaign,
        author=member(),
        title=form.title.data,
        body=form.body.data,
        now=now(),
        draft=draft,
        form_key=form.form_key.data,
    )


def _keep(campaign: Campaign, draft: Idea | None) -> ResponseReturnValue:
    """Answer the button "Keep as a draft"."""
    form = KeepDraftForm(obj=draft)
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.body}):
            _save(campaign, draft, form)
            database().commit()
            flash(_("Draft saved. You can find it on your page."), "success")
            return redirect(url_for("person.me"), 303)
    return _new_page(campaign, draft, form)


def _kept_back(
    campaign: Campaign, draft: Idea | None, form: SubmitIdeaForm, error: LimitReached
) -> ResponseReturnValue:
    """Too many ideas at once: the text stays in the form, and is a draft unless there are too many drafts too."""
    with suppress(LimitReached):
        _save(campaign, draft, form)
        database().commit()
    refuse(form, error)
    return _new_page(campaign, draft, form)


def _revise_instead(campaign: Campaign, sent: SubmitIdeaForm, error: SubmittedOtherwise) -> ResponseReturnValue:
    """The idea is public already, and this is another text: show it as a change that can be published."""
    form = ReviseIdeaForm(formdata=None, title=sent.title.data, body=sent.body.data)
    refuse(form, error)
    return _edit_page(campaign, error.idea, form)


def _edit_page(campaign: Campaign, idea: Idea, form: ReviseIdeaForm) -> ResponseReturnValue:
    page = render_template("contributions/idea/edit.html", campaign=campaign, idea=idea, form=form)
    return page, form_status(form)


def _submitted(campaign: Campaign, idea: Idea) -> Response:
    if idea.submitted_at is None:  # the campaign closed meanwhile, or has not opened yet: kept as a draft
        closed = campaign.state(now()) is not State.ANNOUNCED
        flash(translated(CampaignClosed() if closed else CampaignNotOpen()), "warning")
        return redirect(url_for("person.me"), 303)
    flash(_("Idea published. Thank you!"), "success")
    return _to(idea)


def _new_page(campaign: Campaign, draft: Idea | None, form: SubmitIdeaForm | KeepDraftForm) -> ResponseReturnValue:
    page = render_template(
        "contributions/idea/new.html",
        campaign=campaign,
        state=campaign.state(now()),
        draft=draft,
        form=form,
        drafts=drafts_of(database(), member(), campaign=campaign) if request.method == "GET" and draft is None else (),
    )
    return page, form_status(form)


def _to(idea: Idea) -> Response:
    return redirect(url_for("idea.show", campaign_id=idea.campaign_id, idea_id=idea.id), 303)
