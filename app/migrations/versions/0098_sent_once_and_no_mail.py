"""evidence that is sent twice is one; who stopped all mail gets none of a later kind"""

import sqlalchemy as sa
from alembic import op

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None

# The kinds of mail before this version: who switched all of them off had stopped all mail.
_KINDS = (
    "debrief_published", "answer_changed", "action_done", "action_abandoned", "action_changed", "promise_changed",
    "idea_moved", "role_changed", "job_failed", "ideas_grouped", "space_request", "space_place", "text_moderated",
    "report_answered", "sanction_changed", "appeal_to_answer", "idea_merged", "moderation_waiting", "export_ready",
    "campaign_exported", "mentioned", "comment_reply", "question_asked", "comment_pinned", "idea_commented",
    "followed_idea", "followed_campaign", "followed_space", "draft_waiting", "co_authored", "jury_work",
    "contest_result", "theme_assigned", "objection", "pioneer", "buddy", "clarification", "debrief_due",
    "publication_refused",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("evidence", sa.Column("form_key", sa.String(80), nullable=True))
    op.create_index("uq_evidence_added_by_id_form_key", "evidence", ["added_by_id", "form_key"], unique=True)
    op.add_column("person", sa.Column("wants_no_mail", sa.Boolean(), server_default=sa.false(), nullable=False))
    person = sa.table("person", sa.column("id", sa.Integer), sa.column("wants_no_mail", sa.Boolean))
    chosen = sa.table(
        "notice_preference",
        sa.column("person_id", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("by_mail", sa.Boolean),
    )
    off = chosen.c.kind.in_(_KINDS) & chosen.c.by_mail.is_(sa.false())
    stopped = (
        sa.select(chosen.c.person_id).where(off).group_by(chosen.c.person_id).having(sa.func.count() == len(_KINDS))
    )
    op.execute(sa.update(person).where(person.c.id.in_(stopped)).values(wants_no_mail=True))


def downgrade() -> None:
    op.drop_column("person", "wants_no_mail")
    op.drop_index("uq_evidence_added_by_id_form_key", "evidence")
    op.drop_column("evidence", "form_key")
