"""Comments on an idea."""

import json
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member, reader
from app.clock import now
from app.extensions import database
from app.forms.contributions.comment import AddCommentForm, EditCommentForm
from app.views.contributions.idea import with_comments
from app.views.contributions.versions import readable_versions
from app.web.conflicts import compare
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.rendering import form_status, is_fragment, page_or_block
from ideas.base import MAX_ID
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import Act
from ideas.contributions.comment import (
    Comment,
    CommentWithheld,
    Place,
    add_comment,
    comment_to_answer,
    revise_comment,
    withdraw_comment,
)
from ideas.contributions.idea import Idea
from ideas.contributions.talk.thread import count_new_comments
from ideas.contributions.vote import responses
from ideas.errors import DomainError, NotAllowed
from ideas.recognition.level import is_trusted

views = Blueprint("comment", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>/comments")


@views.get("/<int:comment_id>/versions")
@requires(Act.READ)
def versions(campaign: Campaign, idea: Idea, comment: Comment) -> str:
    """Every text that the comment has had, latest first. Of a withdrawn one nobody reads any."""
    if comment.withdrawn_at is not None:
        abort(404)
    found = readable_versions(comment)
    return render_template("contributions/idea/versions.html", campaign=campaign, idea=idea, comment=comment, **found)


@views.post("")
@requires(Act.COMMENT)
def add(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """A new comment or, where the address names another comment, a reply to it."""
    idea = idea.kept
    form = AddCommentForm()
    if form.validate_on_submit():
        form.leave_out(campaign)
        with show_refusals(form, {DomainError: form.body}):
            reply_to = comment_to_answer(database(), idea, request.args.get("reply_to", type=int))
            comment = add_comment(
                database(), idea,
                author=member(), body=form.body.data, now=now(), form_key=form.form_key.data, kept=form.agreed(),
                reply_to=reply_to, is_question=form.is_question.data,
                is_trusted=is_trusted(database(), member(), now=now()),
            )  # fmt: skip
            database().commit()
            waits = comment.withheld is not None
            said = _("A moderator reads your comment before it is published.") if waits else _("Comment published.")
            return _done(campaign, idea, said, anchor=f"comment-{comment.id}", added=comment)
        form.renew_key()  # the comment was refused: sent once more, it is one of its own
    return _comments(campaign, idea, form, status=form_status(form))


@views.get("/news")
@requires(Act.READ)
def news(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    """A line that offers the comments of others since the one that the page shows last; nothing without any."""
    idea = idea.kept
    return news_on(idea, url_for("idea.show", campaign_id=campaign.id, idea_id=idea.id, **shown_until()))


def news_on(place: Place, page: str) -> ResponseReturnValue:
    """The line of `news` for an idea or a debrief. `page`: where the comments are shown."""
    after = min(max(request.args.get("after", 0, type=int), 0), MAX_ID)
    count = count_new_comments(database(), place, after=after, reader=reader())
    return render_template("contributions/comment/news.html", count=count, page=page) if count else ("", 204)


def shown_until() -> dict[str, Any]:
    """What the address of the page says: the last comment that it showed, and the one that is replied to."""
    args = request.args
    return {"seen": args.get("after", 0, type=int), "reply_to": args.get("reply_to", type=int)}


@views.route("/<int:comment_id>/edit", methods=["GET", "POST"])
@requires(Act.COMMENT)
def edit(campaign: Campaign, idea: Idea, comment: Comment) -> ResponseReturnValue:
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
            waits = comment.withheld is not None
            said = _("A moderator reads your comment before it is published.") if waits else _("Comment changed.")
            flash(said, "success")
            return redirect(comment_url(comment), 303)
    page = render_template(
        "contributions/comment/edit.html",
        campaign=campaign, idea=idea, comment=comment, form=form, back=comment_url(comment),
        conflict=compare(form, {"body": comment.body}, version=comment.version, at=comment.changed_at),
    )  # fmt: skip
    return page, form_status(form)


@views.app_template_global()
def comment_url(comment: Comment) -> str:
    """Where a comment is: on the page of its idea, or of the debrief."""
    anchor, campaign_id = f"comment-{comment.id}", comment.campaign.id
    if comment.idea is None:
        return url_for("debrief.show", campaign_id=campaign_id, _anchor=anchor)
    return url_for("idea.show", campaign_id=campaign_id, idea_id=comment.idea.kept.id, _anchor=anchor)


@views.post("/<int:comment_id>/withdraw")
@requires(Act.COMMENT)
def withdraw(campaign: Campaign, idea: Idea, comment: Comment) -> ResponseReturnValue:
    withdraw_comment(database(), comment, by=member(), now=now())
    database().commit()
    return _done(campaign, idea.kept, _("Comment withdrawn."), anchor="comments", withdrawn=True)


def _done(campaign: Campaign, idea: Idea, sentence: str, *, anchor: str, **change: Any) -> ResponseReturnValue:
    """The current comments, with the focus on the changed one; without htmx, a redirect to its place on the page."""
    if not is_fragment():
        flash(sentence, "success")
        return redirect(url_for("idea.show", campaign_id=campaign.id, idea_id=idea.id, _anchor=anchor), 303)
    answer = _comments(campaign, idea, AddCommentForm(formdata=None), **change)
    answer.headers["HX-Trigger"] = json.dumps({"announce": sentence})
    return answer


def _comments(campaign: Campaign, idea: Idea, form: AddCommentForm, *, status: int = 200, **change: Any) -> Response:
    shown = with_comments(idea)
    if change:  # what was sent is there: the form is one for a new comment again
        shown["replying"] = None
    return page_or_block(
        "contributions/idea/show.html",
        "comments",
        status=status,
        campaign=campaign,
        idea=idea,
        response=responses(database(), [idea], reader=member())[idea.id],
        **shown | change,
        form=form,
    )
