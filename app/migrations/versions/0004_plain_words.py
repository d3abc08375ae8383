"""plain words for placements, warnings and jobs; enums without a CHECK"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The values that each enum column was held to: SQLite can't change a CHECK, so the type checks them from here on.
CHECKS = {
    "decision": {"status": ("adopted", "planned", "in_progress", "done", "declined", "needs_more")},
    "job": {
        "kind": ("find_themes", "tell_contributors", "place_ideas"),
        "status": ("queued", "running", "done", "failed", "cancelled"),
    },
    "placement": {
        "leftover": ("alone", "between"),
        "placed_how": ("moved", "pinned", "merged", "split", "alone"),
    },
    "proposal": {"status": ("open", "accepted", "declined", "overtaken")},
    "proposed_placement": {"leftover": ("alone", "between")},
    "reaction": {"emotion": ("joy", "hope", "gratitude", "surprise", "worry", "anger")},
    "team_member": {"role": ("owner", "facilitator", "moderator", "jury", "observer", "participant")},
    "theme_edit": {"kind": ("rename", "merge", "split", "move", "pin", "unpin", "forbid", "accept")},
}
COLUMNS = [("placement", "leaf", "node"), ("proposed_placement", "leaf", "node"), ("theme", "doubts", "warnings")]
VALUES = [
    ("job", "kind", "tell_contributors", "notify_contributors"),
    ("placement", "leftover", "alone", "outlier"),
    ("placement", "leftover", "between", "ambiguous"),
    ("placement", "placed_how", "alone", "set_aside"),
    ("proposed_placement", "leftover", "alone", "outlier"),
    ("proposed_placement", "leftover", "between", "ambiguous"),
]


def upgrade() -> None:
    for table, columns in CHECKS.items():
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    for table, column, old, new in VALUES:
        _change(table, column, old, new)
    _change_keys("tell_contributors", "notify_contributors")


def downgrade() -> None:
    # What acts, runs and proposals keep as JSON is read in the form of its time, and written in today's form since the
    # upgrade: an earlier version can't read that. Restore the back-up where people have grouped or shaped themes since.
    _change_keys("notify_contributors", "tell_contributors")
    for table, column, old, new in VALUES:
        _change(table, column, new, old)
    _change("theme_edit", "kind", "gather", "split")  # a theme made of ideas of others: came later, the nearest kind
    for table, old, new in COLUMNS:
        op.alter_column(table, new, new_column_name=old)
    for table, columns in CHECKS.items():
        with op.batch_alter_table(table) as batch_op:
            for column, values in columns.items():
                listed = ", ".join(f"'{value}'" for value in values)
                batch_op.create_check_constraint(op.f(f"ck_{table}_{column}"), f"{column} IN ({listed})")


def _change(table: str, column: str, old: str, new: str) -> None:
    op.execute(f"UPDATE {table} SET {column} = '{new}' WHERE {column} = '{old}'")  # noqa: S608 -- our own words


def _change_keys(old: str, new: str) -> None:
    """The key of an unfinished job begins with its kind: under another key, the same work would be queued twice."""
    op.execute(f"UPDATE job SET key = replace(key, '{old}:', '{new}:') WHERE key LIKE '{old}:%'")  # noqa: S608 -- our own words
