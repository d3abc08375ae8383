"""Ideas: read, changed, withdrawn."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import manages, may, member, reader
from app.clock import now
from app.extensions import database
from app.forms.contributions.clarification import AnswerClarificationForm, AskAuthorForm
from app.forms.contributions.comment import AddCommentForm
from app.forms.contributions.fields import given
from app.forms.contributions.files import ADDS
from app.forms.contributions.imports.undo import WithdrawImportedForm
from app.text.detected_language import text_language
from app.views.answers.idea_answer import answer_contents
from app.views.contributions.idea_edit import changes_of, edit_page, revise_form, to_idea
from app.views.contributions.idea_list import list_page
from app.views.contributions.talk.clarification_panel import clarification_panel
from app.views.contributions.versions import readable_versions
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, refuse
from ideas.activity.version import ChangedMeanwhile
from ideas.answers.debriefs.debrief import asked_themes
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act, roles_in
from ideas.contributions.authors.inviting import invitations_to
from ideas.contributions.authors.people import co_authors_of
from ideas.contributions.comment import Comment
from ideas.contributions.fields.value import FieldRefused, filled_of
from ideas.contributions.files.idea_file import files_of
from ideas.contributions.idea import (
    Idea,
    IdeaFixed,
    IdeaMerged,
    check_may_change,
    is_author,
    is_put_back,
    restore_idea,
    revise_idea,
    withdraw_idea,
)
from ideas.contributions.imports.undo import may_be_undone, reason_of_withdrawal
from ideas.contributions.talk.mention import names_in
from ideas.contributions.talk.pinned import months_of
from ideas.contributions.talk.thread import Thread, threads_on
from ideas.contributions.vote import responses, supports_left
from ideas.contributions.withheld import ObjectKind
from ideas.moderation.acts.merge import merges_on
from ideas.moderation.acts.reveal import revealed_author, sign_idea
from ideas.moderation.acts.reword import rewordings
from ideas.moderation.acts.split import split_from
from ideas.moderation.queue import reviews_of
from ideas.outreach.follow import is_following
from ideas.people.limit import LimitReached
from ideas.personal_data.personal_data import PersonalDataFound
from ideas.recognition.level import is_trusted, more_supports
from ideas.recognition.welcome.buddy import buddy_of_idea

views = Blueprint("idea", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas")


@views.get("")
@requires(Act.READ)
def index(campaign: Campaign) -> ResponseReturnValue:
    return list_page(campaign)


@views.get("/<int:idea_id>")
@requires(Act.READ)
def show(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    if idea.submitted_at is None:
        return redirect(url_for("idea_draft.new", campaign_id=campaign.id, draft=idea.id), 303)
    if idea.merged_into_id is not None:
        kept = url_for("idea.show", campaign_id=campaign.id, idea_id=idea.merged_into_id, _anchor=f"merged-{idea.id}")
        return redirect(kept, 303)
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
        comment=None,
        **readable_versions(idea),
    )


@views.route("/<int:idea_id>/edit", methods=["GET", "POST"])
@requires(Act.CONTRIBUTE)
def edit(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    if idea.submitted_at is None:  # with 307 the text that was posted goes along
        code = 303 if request.method == "GET" else 307
        return redirect(url_for("idea_draft.new", campaign_id=campaign.id, draft=idea.id), code)
    instant, takes_files = now(), idea.merged_into_id is None and idea.withheld is None
    try:
        check_may_change(idea, by=member(), now=instant, writes=True)
    except IdeaFixed:
        if request.method == "GET":
            raise
        takes_files = False  # it is refused below, where the text stays in its form
    if request.method == "GET" and idea.merged_into_id is not None:
        raise IdeaMerged
    form = revise_form(campaign, idea, takes_files=takes_files)
    if request.form.get("act") == ADDS:
        form.show_refused_files()
        return edit_page(campaign, idea, form)
    if form.validate_on_submit():
        if request.form.get("act") == "preview":
            return edit_page(campaign, idea, form, changes=changes_of(idea, form))
        form.leave_out(campaign)
        title, body = form.title.data, form.body.data
        lang = text_language(f"{title}\n{body}") or None
        try:
            revise_idea(
                database(), idea,
                by=member(), title=title, body=body, now=instant, kept=form.agreed(), lang=lang, values=given(form),
                files=form.file_changes(), seen=form.opened_with,
                is_trusted=is_trusted(database(), member(), now=instant),
            )  # fmt: skip
        except (ChangedMeanwhile, FieldRefused, IdeaFixed, LimitReached, PersonalDataFound) as error:
            database().rollback()
            refuse(form, error)
        else:
            database().commit()
            waits = idea.withheld is not None
            flash(
                _("A moderator reads your changes before they are published.") if waits else _("Changes published."),
                "success",
            )
            return to_idea(idea)
    return edit_page(campaign, idea, form)


@views.post("/<int:idea_id>/withdraw")
@requires(Act.CONTRIBUTE)
def withdraw(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    withdraw_idea(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("Idea withdrawn. Only you and the campaign team can see it."), "success")
    return to_idea(idea)


@views.post("/<int:idea_id>/restore")
@requires(Act.CONTRIBUTE)
def restore(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    restore_idea(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("Idea published again."), "success")
    return to_idea(idea)


@views.post("/<int:idea_id>/sign")
@requires(Act.CONTRIBUTE)
def sign(campaign: Campaign, idea: Idea) -> ResponseReturnValue:  # noqa: ARG001 -- the address names it
    sign_idea(database(), idea, by=member(), now=now())
    database().commit()
    flash(_("Your name is now shown on your idea."), "success")
    return to_idea(idea)


@views.app_template_global()
def is_mine(idea: Idea) -> bool:
    """True where the reader is the author of the idea, named or anonymous."""
    return is_author(idea, reader())


def page_of(
    campaign: Campaign,
    idea: Idea,
    *,
    withdraw_form: WithdrawImportedForm | None = None,
    clarification_form: AskAuthorForm | AnswerClarificationForm | None = None,
) -> ResponseReturnValue:
    """The page of an idea. `withdraw_form`, `clarification_form`: a refused one, which keeps what was written in it."""
    refused = withdraw_form or clarification_form
    removable = manages() and may_be_undone(idea)
    page = render_template(
        "contributions/idea/show.html",
        campaign=campaign,
        idea=idea,
        response=responses(database(), [idea], reader=reader())[idea.id],
        form=AddCommentForm(formdata=None),
        **with_comments(idea, clarification_form),
        withdraw_form=(withdraw_form or WithdrawImportedForm(formdata=None)) if removable else None,
        left=supports_left(
            database(), campaign, reader(), more=more_supports(database(), campaign, reader(), now=now())
        ),
        buddy=buddy_of_idea(database(), idea, reader(), of_team=manages()),
        following=is_following(database(), idea, reader()),
        asked=asked_themes(database(), [idea]).get(idea.id, []) if may(Act.READ_THEMES) and idea.is_public else [],
        put_back=is_put_back(database(), idea),
        own_answer=answer_contents(idea, with_draft=may(Act.DECIDE)),
        revealed=revealed_author(database(), idea, to=reader()) if may(Act.MODERATE) else None,
        why_withdrawn=reason_of_withdrawal(database(), idea) if idea.withdrawn_at and idea.author_id is None else "",
    )
    return page, form_status(refused) if refused is not None else 200


def with_comments(
    idea: Idea, clarification_form: AskAuthorForm | AnswerClarificationForm | None = None
) -> dict[str, Any]:
    """What was given in the form's fields, the comments that the reader may read, and what is merged into the idea.

    With the reviews of withheld texts, and what the team asked the author. The address may name the comment that the
    reader replies to.
    """
    threads = threads_on(database(), idea, reader=reader())
    comments = [comment for thread in threads for comment in thread.shown]
    withheld = [comment.id for comment in comments if comment.withheld is not None]
    merges = merges_on(database(), idea, reader=reader())
    parts = [idea.id, *(part.idea.id for part in merges.parts)]
    return {
        "clarifications": clarification_panel(idea, clarification_form, parts=parts),
        "filled": filled_of(database(), idea.campaign, idea.id),
        "threads": threads,
        "mentions": names_in(database(), [comment.id for comment in comments]),
        "months": months_of(database(), [comment.id for comment in comments]),
        "replying": _replied_to(threads, request.args.get("reply_to", type=int)),
        "latest": max((comment.id for comment in comments), default=0),
        "added": first_since(comments, request.args.get("seen", type=int)),
        "roles": roles_in(database(), idea.campaign),
        "merges": merges,
        "part_files": files_of(database(), [part.idea.id for part in merges.parts]),
        "co_authors": co_authors_of(database(), parts),
        "invitations": invitations_to(database(), parts, reader()),
        "split": split_from(database(), idea),
        "comment_reviews": reviews_of(database(), ObjectKind.COMMENT, withheld),
        "reworded": rewordings(database(), [idea]).get(idea.id),
        "reworded_comments": rewordings(database(), comments),
        "idea_review": reviews_of(database(), ObjectKind.IDEA, [idea.id] if idea.withheld else []).get(idea.id),
    }


def first_since(comments: Sequence[Comment], seen: int | None) -> Comment | None:
    """The first comment of somebody else since the one with this number: where the page has its focus."""
    if seen is None:
        return None
    person = reader()
    others = [one for one in comments if person is None or one.author_id != person.id]
    return next((one for one in others if one.id > seen), None)


def _replied_to(threads: Sequence[Thread], comment_id: int | None) -> Thread | None:
    """The thread of a comment that may be replied to: everyone who reads the idea reads it."""
    for thread in threads:
        if not thread.is_gone and thread.comment.is_shown and comment_id in {one.id for one in thread.shown}:
            return thread
    return None
