"""What was measured of models that run here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "fitness",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("measured", sa.Text, nullable=False),
        sa.Column("claimed_tokens", sa.Integer, nullable=False),
        sa.Column("context_tokens", sa.Integer, nullable=False),
        sa.Column("native", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("json_exact", sa.Integer, nullable=False),
        sa.Column("json_tried", sa.Integer, nullable=False),
        sa.Column("tokens_per_second", sa.Float, nullable=False),
        sa.Column("first_token_ms", sa.Float, nullable=False),
    )
