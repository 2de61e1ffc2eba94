"""Rules, and what a checkpoint offers to make one of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table, and gives older checkpoints no kinds."""
    op.create_table(
        "rules",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE")),
        sa.Column("effect", sa.Text, nullable=False),
        sa.Column("command_class", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("checkpoint", sa.Text),
    )
    op.create_index("rules_by_project", "rules", ["project"])
    for name in ("command_class", "denied_before"):
        op.add_column("checkpoints", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("checkpoints", sa.Column("kinds", sa.Text, nullable=False, server_default="[]"))
