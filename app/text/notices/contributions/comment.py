"""The sentences of notices about a comment, and the page that each leads to."""

from typing import Any

from app.web.pages.language import gettext as _
from app.web.pages.rendering import inner
from ideas.outreach.detail import NoticeDetail
from ideas.outreach.notice import NoticeKind
from ideas.text import clean_line, shorten

MAX_QUOTED_LENGTH = 120  # characters of a comment that a sentence has


def comment_sentence(detail: NoticeDetail) -> str:
    """Who wrote, and the first words; without them where the comment is no longer shown."""
    comment = detail.comment
    if comment is None or not comment.quote:
        return str(_("Someone wrote a comment that concerns you. It is no longer shown."))
    said = {"name": comment.writer, "comment": inner(shorten(clean_line(comment.quote), MAX_QUOTED_LENGTH))}
    if detail.kind is NoticeKind.COMMENT_REPLY and comment.is_answer:
        return str(_("%(name)s, of the campaign team, answers your question: “%(comment)s”", **said))
    if detail.kind is NoticeKind.QUESTION_ASKED and comment.idea_id is None:
        return str(_("%(name)s comments on the debrief: “%(comment)s”", **said))
    sentences = {
        NoticeKind.MENTIONED: _("%(name)s mentions you in a comment: “%(comment)s”", **said),
        NoticeKind.COMMENT_REPLY: _("%(name)s replies to your comment: “%(comment)s”", **said),
        NoticeKind.QUESTION_ASKED: _("%(name)s asks the campaign team: “%(comment)s”", **said),
        NoticeKind.COMMENT_PINNED: _("Your comment is the comment of the month: “%(comment)s”", **said),
        NoticeKind.IDEA_COMMENTED: _("%(name)s comments on your idea: “%(comment)s”", **said),
        NoticeKind.FOLLOWED_IDEA: _("%(name)s comments on an idea that you follow: “%(comment)s”", **said),
    }
    return str(sentences[detail.kind])


def comment_subject(detail: NoticeDetail, campaign: str) -> str:
    """The subject of the mail. `campaign`: its title."""
    if detail.kind is NoticeKind.COMMENT_REPLY and detail.comment is not None and detail.comment.is_answer:
        return str(_("%(campaign)s: the team answers your question", campaign=campaign))
    if detail.kind is NoticeKind.QUESTION_ASKED and detail.comment is not None and detail.comment.idea_id is None:
        return str(_("%(campaign)s: a comment on the debrief", campaign=campaign))
    subjects = {
        NoticeKind.MENTIONED: _("%(campaign)s: someone mentions you", campaign=campaign),
        NoticeKind.COMMENT_REPLY: _("%(campaign)s: a reply to your comment", campaign=campaign),
        NoticeKind.QUESTION_ASKED: _("%(campaign)s: a question to the team", campaign=campaign),
        NoticeKind.COMMENT_PINNED: _("%(campaign)s: your comment is the comment of the month", campaign=campaign),
        NoticeKind.IDEA_COMMENTED: _("%(campaign)s: a comment on your idea", campaign=campaign),
        NoticeKind.FOLLOWED_IDEA: _("%(campaign)s: a comment on an idea that you follow", campaign=campaign),
    }
    return str(subjects[detail.kind])


def comment_target(detail: NoticeDetail) -> tuple[str, dict[str, Any]]:
    """The comment on the page of its idea, or of the debrief; where it is gone, the campaign."""
    here: dict[str, Any] = {"campaign_id": detail.campaign_id}
    if detail.comment is None:
        return "campaign.show", here
    here |= {"_anchor": f"comment-{detail.comment.id}"}
    if detail.comment.idea_id is None:
        return "debrief.show", here
    return "idea.show", here | {"idea_id": detail.comment.idea_id}
