"""Marks by which it can be told that an event is still as it was recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Gives events a place for them; older ones have none, and are believed."""
    op.add_column("events", sa.Column("mark", sa.Text, nullable=False, server_default=""))
