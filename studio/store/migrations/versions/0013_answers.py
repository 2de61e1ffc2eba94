"""Replies of models that need not be paid twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes their table."""
    op.create_table(
        "answers",
        sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("request", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("run", "time", "reply")),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("cost_nusd", sa.BigInteger),
    )
