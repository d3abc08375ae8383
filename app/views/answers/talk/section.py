"""What the comments on a debrief show, on its page."""

from typing import Any

from flask import request

from app.access.roles import reader
from app.extensions import database
from app.forms.answers.debrief_comment import CloseTalkForm
from app.forms.contributions.comment import AddCommentForm
from app.views.contributions.idea import first_since
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import roles_in
from ideas.contributions.talk.closing import closed_talk
from ideas.contributions.talk.mention import names_in
from ideas.contributions.talk.thread import threads_on
from ideas.contributions.withheld import ObjectKind
from ideas.moderation.acts.reword import rewordings
from ideas.moderation.queue import reviews_of


def talk_on_debrief(
    campaign: Campaign, form: AddCommentForm | None = None, closing_form: CloseTalkForm | None = None
) -> dict[str, Any]:
    """The comments that the reader may read, and the forms below them, or those that were refused. A constant number of
    queries. The address may name the comment that the reader replies to.
    """
    threads = threads_on(database(), campaign, reader=reader())
    comments = [comment for thread in threads for comment in thread.shown]
    answers = request.args.get("reply_to", type=int)
    replying = (thread for thread in threads if answers in {thread.comment.id, *(reply.id for reply in thread.replies)})
    return {
        "threads": threads,
        "count": len(comments),
        "mentions": names_in(database(), [comment.id for comment in comments]),
        "roles": roles_in(database(), campaign),
        "reworded": rewordings(database(), comments),
        "reviews": reviews_of(database(), ObjectKind.COMMENT, [one.id for one in comments if one.withheld is not None]),
        "latest": max((comment.id for comment in comments), default=0),
        "added": first_since(comments, request.args.get("seen", type=int)),
        "replying": next(replying, None),
        "closed": closed_talk(database(), campaign),
        "form": form or AddCommentForm(formdata=None),
        "closing_form": closing_form or CloseTalkForm(formdata=None),
    }
