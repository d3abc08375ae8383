"""What moderators decided about the reader's idea or comment: the sentence of the notice, and where it leads."""

from typing import Any

from app.text.moderation import reason_label
from app.web.pages.language import gettext as _
from ideas.activity.activity import Verb
from ideas.contributions.withheld import ObjectKind
from ideas.outreach.detail import NoticeDetail


def moderated_sentence(detail: NoticeDetail) -> str:
    """What was decided, for which rule, and what the author can do."""
    of_comment = detail.after.get("kind") == ObjectKind.COMMENT
    said = {
        Verb.HIDDEN: (_("Your idea is hidden by the moderators."), _("Your comment is hidden by the moderators.")),
        Verb.CHANGE_ASKED: (
            _("The moderators ask you to change your idea."),
            _("The moderators ask you to change your comment."),
        ),
        Verb.REWORDED: (_("The moderators have reworded your idea."), _("The moderators have reworded your comment.")),
        Verb.REMOVED: (_("The moderators have taken a file off your idea."),) * 2,
        Verb.RESTORED: (_("Your idea is public again."), _("Your comment is public again.")),
        Verb.APPROVED: (_("Your idea is published."), _("Your comment is published.")),
        Verb.SPLIT: (_("The moderators have split your idea in two. Both are yours."),) * 2,
        Verb.UNDONE: (_("The moderators have put the two parts of your idea together again."),) * 2,
    }[detail.verb][of_comment]
    if detail.verb is Verb.RESTORED and "words" in detail.after:
        return str(
            _("Your comment has the words again that you had written.")
            if of_comment
            else _("Your idea has the words again that you had written.")
        )
    next_step = {
        Verb.CHANGE_ASKED: _("You can send it again without the marked words in one click."),
        Verb.REWORDED: _("Your first text stays readable for you and the campaign team."),
    }.get(detail.verb, "")
    reason = _reason(detail) if detail.verb not in {Verb.SPLIT, Verb.UNDONE, Verb.APPROVED} else ""
    return " ".join(str(part) for part in (said, reason, next_step) if part)


def moderated_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    """The page of the idea, or of the debrief; of a reworded text, the one that shows what changed."""
    values: dict[str, Any] = {"campaign_id": detail.campaign_id}
    idea_id, comment_id = detail.after.get("idea_id"), detail.after.get("comment_id")
    if not isinstance(idea_id, int):
        if not isinstance(comment_id, int):
            return "campaign.show", values
        if detail.verb is Verb.REWORDED:
            return "debrief_comment.versions", values | {"debrief_comment_id": comment_id}
        return "debrief.show", values | {"_anchor": f"comment-{comment_id}"}
    values["idea_id"] = idea_id
    if detail.verb is not Verb.REWORDED:
        return "idea.show", values
    if isinstance(comment_id, int):
        return "comment.versions", values | {"comment_id": comment_id}
    return "idea.versions", values


def _reason(detail: NoticeDetail) -> str:
    label = reason_label(str(detail.after.get("reason") or ""))
    return str(_("Reason: %(reason)s.", reason=label)) if label else ""
