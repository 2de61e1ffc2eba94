"""How hard each task is said to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Makes the column; of older tasks nothing was said."""
    op.add_column("tasks", sa.Column("difficulty", sa.Text, nullable=False, server_default="usual"))
