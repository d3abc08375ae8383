"""legal documents with their versions, and who accepted which version of the rules"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import ideas.base

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# The rules that everyone has accepted so far, as the page of the rules showed them.
RULES = {
    "fr": """# Respectez-vous

Critiquez une idée, une habitude ou un outil, mais jamais une personne. N’insultez, ne menacez et ne rabaissez personne.

# Protégez la vie privée des autres

Ne nommez personne, par exemple un patient, un client ou un collègue. Ne donnez aucun détail qui permette de reconnaître quelqu’un, comme une date de naissance, un numéro de dossier ou de téléphone. Décrivez plutôt la situation.

# Ne faites pas de publicité

Ne faites ni publicité, ni démarchage, ni liens qui vous rapportent de l’argent. Si vous suggérez un produit de votre entreprise, dites-le.

# Écrivez en votre nom

Utilisez un seul compte, sous un nom que les autres connaissent. Vous pouvez retirer votre idée tant que la campagne est ouverte.

# Comment vos idées sont utilisées

Toute personne qui voit la campagne peut lire vos idées et vos commentaires, avec votre nom. Les idées proches sont regroupées en thèmes. Vos idées peuvent être citées dans la restitution. L’organisation peut mettre vos idées en œuvre. Elle ne vous doit que ce que promet la campagne. Vous pouvez toujours utiliser vos idées vous-même.

La restitution montre la réponse à chaque thème. Vous recevez par e-mail ce qui a été décidé pour votre idée.

# Quand un texte enfreint une règle

L’équipe de la campagne peut vous demander de modifier ou de retirer un texte qui enfreint une règle.

Si vous voyez un texte qui enfreint une règle, prévenez la personne responsable de la campagne.""",
    "en": """# Respect each other

Criticise an idea, a habit or a tool, but never a person. Don’t insult, threaten or belittle anyone.

# Protect other people’s privacy

Don’t name anyone, for example a patient, a customer or a colleague. Don’t give details that identify them, such as a date of birth, a file number or a telephone number. Describe the situation instead.

# Don’t advertise

Don’t advertise, sell, or post links that earn you money. If you suggest your own company’s product, say so.

# Write in your own name

Use one account, under a name that others know. You can withdraw your idea while the campaign is open.

# How your ideas are used

Everyone who can see the campaign can read your ideas and comments, with your name. Similar ideas are grouped into themes. Your ideas may be quoted in the debrief. The organisation may act on your ideas. It owes you only what the campaign promises. You can still use your ideas yourself.

The debrief shows the answer to each theme. You are emailed what was decided about your idea.

# When a text breaks a rule

The campaign team can ask you to change or withdraw a text that breaks a rule.

If you see a text that breaks a rule, tell the campaign lead.""",
}  # fmt: skip

# A new site has moderators from the start: its rules say what they may do. Nobody has accepted other ones.
BROKEN = {
    "fr": (
        """L’équipe de la campagne peut vous demander de modifier ou de retirer un texte qui enfreint une règle.

Si vous voyez un texte qui enfreint une règle, prévenez la personne responsable de la campagne.""",
        """L’équipe de modération peut masquer un texte qui enfreint une règle, vous demander de le modifier ou en changer les mots. Qui enfreint encore les règles peut recevoir un avertissement, une suspension ou une exclusion. Vous lisez le motif et pouvez faire appel. Une autre personne vous répond.

Si vous voyez un texte qui enfreint une règle, utilisez le lien « Signaler » placé sous ce texte.""",
    ),
    "en": (
        """The campaign team can ask you to change or withdraw a text that breaks a rule.

If you see a text that breaks a rule, tell the campaign lead.""",
        """Moderators can hide a text that breaks a rule, ask you to change it, or change its words. Whoever breaks the rules again can be warned, suspended or banned. You read the reason and can appeal. Someone else answers you.

If you see a text that breaks a rule, use the “Report” link below it.""",
    ),
}  # fmt: skip


def upgrade() -> None:
    document = op.create_table(
        "legal_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", ideas.base.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_document")),
        sa.UniqueConstraint("kind", name=op.f("uq_legal_document_kind")),
    )
    consent = op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", ideas.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("person_id", "version", name=op.f("uq_consent_person_id_version")),
    )
    with op.batch_alter_table("organisation") as organisation:
        organisation.add_column(sa.Column("documents", sa.JSON(), server_default='["rules"]', nullable=False))
        organisation.add_column(sa.Column("rules_from", sa.Integer(), server_default="0", nullable=False))
    person = sa.table("person", sa.column("id"), sa.column("rules_accepted_at", ideas.base.UTCDateTime()))
    since = op.get_bind().scalar(sa.select(sa.func.min(person.c.rules_accepted_at))) or datetime.now(UTC)
    is_new = op.get_bind().scalar(sa.select(sa.func.count()).select_from(person)) == 0
    _insert_documents(document, since, _moderated_rules() if is_new else RULES)
    op.execute(
        consent.insert().from_select(
            ["person_id", "version", "at"], sa.select(person.c.id, sa.literal(1), person.c.rules_accepted_at)
        )
    )


def _moderated_rules() -> dict[str, str]:
    return {locale: text.replace(*BROKEN[locale]) for locale, text in RULES.items()}


def _insert_documents(document: sa.Table, since: datetime, rules: dict[str, str]) -> None:
    kinds = ("rules", "privacy", "legal_notice", "accessibility")
    rows = [
        {"id": number, "kind": kind, "texts": {}, "version": 0, "published_at": None}
        for number, kind in enumerate(kinds, 1)
    ]
    rows[0] |= {"texts": rules, "version": 1, "published_at": since}
    op.bulk_insert(document, rows)
    version = sa.table(
        "version",
        sa.column("object_kind"),
        sa.column("object_id"),
        sa.column("number"),
        sa.column("content", sa.JSON()),
        sa.column("reason"),
        sa.column("at", ideas.base.UTCDateTime()),
    )
    content = {"texts": rules, "substantive": True}
    kept = {"object_kind": "legal_document", "object_id": 1, "number": 1, "content": content, "reason": "", "at": since}
    op.bulk_insert(version, [kept])


def downgrade() -> None:
    op.execute("DELETE FROM version WHERE object_kind = 'legal_document'")
    with op.batch_alter_table("organisation") as organisation:
        organisation.drop_column("rules_from")
        organisation.drop_column("documents")
    op.drop_table("consent")
    op.drop_table("legal_document")
