"""When a parked run goes on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Makes the column; no run of an older version is parked."""
    op.add_column("runs", sa.Column("parked_until", sa.Text))
