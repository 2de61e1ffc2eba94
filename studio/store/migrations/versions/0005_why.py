"""Why an agent asks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Gives checkpoints a place for it; older ones say nothing."""
    op.add_column("checkpoints", sa.Column("why", sa.Text, nullable=False, server_default=""))
