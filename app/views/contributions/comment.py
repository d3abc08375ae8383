"""Comments on an idea."""

import json
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.needs import requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.contributions.comment import AddCommentForm
from app.views.contributions.idea import readable_versions, with_comments
from app.web.errors import show_refusals
from app.web.rendering import form_status, is_fragment, page_or_block
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.team import Act
from ideas.contributions.comment import Comment, add_comment, withdraw_comment
from ideas.contributions.idea import Idea
from ideas.contributions.vote import responses
from ideas.errors import DomainError

views = Blueprint("comment", __name__, url_prefix="/campaigns/<int:campaign_id>/ideas/<int:idea_id>/comments")


@views.get("/<int:comment_id>/versions")
@requires(Act.READ)
def versions(campaign: Campaign, idea: Idea, comment: Comment) -> str:
    """Every text that the comment has had, latest first."""
    found = readable_versions(comment)
    return render_template("contributions/idea/versions.html", campaign=campaign, idea=idea, comment=comment, **found)


@views.post("")
@requires(Act.COMMENT)
def add(campaign: Campaign, idea: Idea) -> ResponseReturnValue:
    idea = idea.kept
    form = AddCommentForm()
    if form.validate_on_submit():
        form.leave_out(campaign)
        with show_refusals(form, {DomainError: form.body}):
            comment = add_comment(
                database(), idea,
                author=member(), body=form.body.data, now=now(), form_key=form.form_key.data, kept=form.agreed(),
            )  # fmt: skip
            database().commit()
            waits = comment.withheld is not None
            said = _("A moderator reads your comment before it is published.") if waits else _("Comment published.")
            return _done(campaign, idea, said, anchor=f"comment-{comment.id}", added=comment)
        form.renew_key()  # the comment was refused: sent once more, it is one of its own
    return _comments(campaign, idea, form, status=form_status(form))


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
    return page_or_block(
        "contributions/idea/show.html",
        "comments",
        status=status,
        campaign=campaign,
        idea=idea,
        response=responses(database(), [idea], reader=member())[idea.id],
        **with_comments(idea),
        form=form,
        **change,
    )
