"""Briefs, and what runs are for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Makes the table; of the runs and tasks before, nobody knows a brief."""
    op.create_table(
        "briefs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
    )
    op.add_column("tasks", sa.Column("brief", sa.Text))
    for name in ("task", "brief"):
        op.add_column("runs", sa.Column(name, sa.Text, nullable=False, server_default=""))
