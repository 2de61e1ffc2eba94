"""Replies of models that need not be paid twice, and what caches saved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Makes their table, and says of each call what caches took off its price; of older ones nothing is known."""
    op.create_table(
        "answers",
        sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("request", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("run", "time", "reply")),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("cost_nusd", sa.BigInteger),
    )
    op.add_column("usage", sa.Column("saved_nusd", sa.BigInteger, nullable=False, server_default="0"))
