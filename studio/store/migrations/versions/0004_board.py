"""Tasks of a board, and messages between agents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes their tables."""
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text, primary_key=True),
        _project(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "text", "checks", "role", "state")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("priority", "depends", "created", "by")),
        sa.Column("run", sa.Text),
    )
    op.create_index("tasks_by_project", "tasks", ["project", "created"])
    op.create_table(
        "agent_messages",
        sa.Column("id", sa.Text, primary_key=True),
        _project(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "from_run", "from_role", "turn", "text")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("sent", "to_role", "to_run", "priority")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("answers", "state", "reason")),
        sa.Column("read_by", sa.Text),
        sa.Column("read", sa.Text),
    )
    op.create_index("agent_messages_that_wait", "agent_messages", ["project", "state"])
    op.create_index("agent_messages_of_a_turn", "agent_messages", ["from_run", "turn"])


def _project() -> sa.Column[str]:
    return sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False)
