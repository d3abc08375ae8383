"""The kinds of notice by subject, as the page of preferences lists them."""

from collections.abc import Sequence

from app.web.pages.language import gettext as _
from ideas.outreach.notice import NoticeKind


def kinds_by_subject() -> list[tuple[str, Sequence[NoticeKind]]]:
    """Every kind that comes by mail, once, under the heading of its subject in the reader's language."""
    kind = NoticeKind
    return [
        (
            _("Answers to ideas"),
            (
                *(kind.DEBRIEF_PUBLISHED, kind.ANSWER_CHANGED, kind.ACTION_DONE, kind.ACTION_CHANGED),
                *(kind.ACTION_ABANDONED, kind.PROMISE_CHANGED, kind.CONTEST_RESULT),
            ),
        ),
        (
            _("My ideas"),
            (
                *(kind.IDEA_MOVED, kind.IDEA_MERGED, kind.CO_AUTHORED, kind.CLARIFICATION, kind.OBJECTION),
                *(kind.DRAFT_WAITING, kind.TEXT_MODERATED),
            ),
        ),
        (
            _("Comments"),
            (kind.IDEA_COMMENTED, kind.COMMENT_REPLY, kind.MENTIONED, kind.COMMENT_PINNED),
        ),
        (_("What I follow"), (kind.FOLLOWED_CAMPAIGN, kind.FOLLOWED_IDEA, kind.FOLLOWED_SPACE)),
        (_("My spaces"), (kind.NEWSLETTER, kind.WORKSHOP, kind.SPACE_PLACE)),
        (
            _("My account"),
            (
                *(kind.NEWCOMER, kind.BUDDY, kind.PIONEER, kind.ROLE_CHANGED, kind.EXPORT_READY),
                *(kind.REPORT_ANSWERED, kind.SANCTION_CHANGED),
            ),
        ),
        (
            _("What I take care of"),
            (
                *(kind.QUESTION_ASKED, kind.THEME_ASSIGNED, kind.DEBRIEF_DUE, kind.PUBLICATION_REFUSED),
                *(kind.IDEAS_GROUPED, kind.JOB_FAILED, kind.CAMPAIGN_EXPORTED, kind.JURY_WORK, kind.NEWSLETTER_WORK),
                *(kind.SPACE_REQUEST, kind.MODERATION_WAITING, kind.APPEAL_TO_ANSWER),
            ),
        ),
    ]
