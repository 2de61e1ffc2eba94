"""Budgets, and money held for model calls whose price is not known yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes their tables, and says of each call that was paid which brief and task it was for; of older ones none."""
    op.create_table(
        "budgets",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("ceiling_nusd", sa.BigInteger, nullable=False),
        sa.Column("alert_percent", sa.Integer, nullable=False),
        sa.Column("alerted", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "reservations",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("time", "project", "brief", "task", "run", "turn")),
        sa.Column("step", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("role", "provider", "model")),
        sa.Column("held_nusd", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.Boolean, nullable=False),
    )
    for name in ("brief", "task"):
        op.add_column("usage", sa.Column(name, sa.Text, nullable=False, server_default=""))
    # Sums over a period read this index alone.
    op.create_index("usage_of_scopes", "usage", ["time", "project", "run", "brief", "task", "cost_nusd"])
