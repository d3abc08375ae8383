"""Comments on a published debrief. Whoever may publish it may close them."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.database.sqlite import rendering
from app.extensions import database
from app.forms.answers.debrief_comment import CloseTalkForm
from app.forms.contributions.comment import AddCommentForm, EditCommentForm
from app.views.answers.debriefs.debrief import debrief_page
from app.views.contributions.talk.comment import comment_url, news_on, shown_until
from app.views.contributions.versions import readable_versions
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.comment import (
    Comment,
    CommentWithheld,
    add_comment,
    comment_to_answer,
    revise_comment,
    withdraw_comment,
)
from ideas.contributions.talk.closing import close_talk, reopen_talk
from ideas.errors import DomainError, NotAllowed
from ideas.recognition.level import is_trusted

views = Blueprint("debrief_comment", __name__, url_prefix="/campaigns/<int:campaign_id>/debrief/comments")


@views.get("/<int:debrief_comment_id>/versions")
@requires(Act.READ)
def versions(campaign: Campaign, debrief_comment: Comment) -> str:
    """Every text that the comment has had, latest first. Of a withdrawn one nobody reads any."""
    if debrief_comment.withdrawn_at is not None:
        abort(404)
    page, found = "contributions/idea/versions.html", readable_versions(debrief_comment)
    return render_template(page, campaign=campaign, idea=None, comment=debrief_comment, **found)


@views.get("/news")
@requires(Act.READ)
def news(campaign: Campaign) -> ResponseReturnValue:
    """A line that offers the comments of others since the one that the page shows last; nothing without any."""
    return news_on(campaign, url_for("debrief.show", campaign_id=campaign.id, **shown_until()))


@views.post("")
@requires(Act.COMMENT)
def add(campaign: Campaign) -> ResponseReturnValue:
    """A new comment or, where the address names another comment, a reply to it."""
    form = AddCommentForm()
    if form.validate_on_submit():
        form.leave_out(campaign)
        with show_refusals(form, {DomainError: form.body}):
            reply_to = comment_to_answer(database(), campaign, request.args.get("reply_to", type=int))
            comment = add_comment(
                database(), campaign,
                author=member(), body=form.body.data, now=now(), form_key=form.form_key.data, kept=form.agreed(),
                reply_to=reply_to, is_trusted=is_trusted(database(), member(), now=now()),
            )  # fmt: skip
            database().commit()
            flash(_said(comment, _("Comment published.")), "success")
            return redirect(comment_url(comment), 303)
        form.renew_key()  # the comment was refused: sent once more, it is one of its own
    with rendering(database()):
        return debrief_page(campaign, comment_form=form)


@views.route("/<int:debrief_comment_id>/edit", methods=["GET", "POST"])
@requires(Act.COMMENT)
def edit(campaign: Campaign, debrief_comment: Comment) -> ResponseReturnValue:
    comment = debrief_comment
    if comment.author_id != member().id or comment.withdrawn_at is not None:
        raise NotAllowed
    if comment.withheld is not None:
        raise CommentWithheld
    form = EditCommentForm(obj=comment)
    if form.validate_on_submit():
        form.leave_out(campaign)
        with show_refusals(form, {DomainError: form.body}):
            revise_comment(
                database(), comment,
                by=member(), body=form.body.data, now=now(), seen=form.seen, kept=form.agreed(),
                is_trusted=is_trusted(database(), member(), now=now()),
            )  # fmt: skip
            database().commit()
            flash(_said(comment, _("Comment changed.")), "success")
            return redirect(comment_url(comment), 303)
    page = render_template(
        "contributions/comment/edit.html",
        campaign=campaign, idea=None, comment=comment, form=form, back=comment_url(comment),
        conflict=compare(form, {"body": comment.body}, version=comment.version, at=comment.changed_at),
    )  # fmt: skip
    return page, form_status(form)


@views.post("/<int:debrief_comment_id>/withdraw")
@requires(Act.COMMENT)
def withdraw(campaign: Campaign, debrief_comment: Comment) -> ResponseReturnValue:
    withdraw_comment(database(), debrief_comment, by=member(), now=now())
    database().commit()
    flash(_("Comment withdrawn."), "success")
    return _to_comments(campaign)


@views.post("/close")
@requires(Act.PUBLISH)
def close(campaign: Campaign) -> ResponseReturnValue:
    """Close the comments, with the sentence that everyone reads instead of the form."""
    form = CloseTalkForm()
    if form.validate_on_submit():
        with show_refusals(form, {DomainError: form.closing}):
            close_talk(database(), campaign, reason=form.closing.data, by=member(), now=now())
            database().commit()
            flash(_("The comments on the debrief are closed."), "success")
            return _to_comments(campaign)
    with rendering(database()):
        return debrief_page(campaign, closing_form=form)


@views.post("/open")
@requires(Act.PUBLISH)
def reopen(campaign: Campaign) -> ResponseReturnValue:
    reopen_talk(database(), campaign, by=member(), now=now())
    database().commit()
    flash(_("The comments on the debrief are open again."), "success")
    return _to_comments(campaign)


def _said(comment: Comment, sentence: str) -> str:
    return sentence if comment.withheld is None else _("A moderator reads your comment before it is published.")


def _to_comments(campaign: Campaign) -> ResponseReturnValue:
    return redirect(url_for("debrief.show", campaign_id=campaign.id, _anchor="comments"), 303)
