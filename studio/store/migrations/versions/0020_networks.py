"""What the sandboxes of each project may reach, and the ledger of what they reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Makes the tables; a project that is there already reaches nothing, as before."""
    op.create_table(
        "networks",
        sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("packages", sa.Boolean, nullable=False),
    )
    op.create_table(
        "network_hosts",
        sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("port", sa.Integer, primary_key=True),
        sa.Column("created", sa.Text, nullable=False),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("port", sa.Integer, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("passed", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("sent", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.Text),
    )
    op.create_index("connections_of_project", "connections", ["project", "id"])
