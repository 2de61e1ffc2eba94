"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_APPEND_ONLY = (
    "CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events "
    "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
    "CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events "
    "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
    # INSERT OR REPLACE removes rows without asking the other two.
    "CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events "
    "WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq) "
    "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END",
)


def upgrade() -> None:
    """Makes them."""
    _make_events()
    _make_projects()
    _make_runs()
    _make_checkpoints()
    _make_usage()


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("project", sa.Text),
        sa.Column("run", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_index("events_by_run", "events", ["run", "seq"])
    op.create_index("events_by_project", "events", ["project", "seq"])
    for trigger in _APPEND_ONLY:
        op.execute(trigger)


def _make_projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("path", sa.Text, nullable=False, unique=True),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("archived", sa.Boolean, nullable=False),
    )


def _make_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("fallbacks", sa.Text, nullable=False),
        sa.Column("base_branch", sa.Text, nullable=False),
        sa.Column("base_commit", sa.Text, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("approval", sa.Text, nullable=False),
        sa.Column("limit_steps", sa.Integer),
        sa.Column("limit_seconds", sa.Float),
        sa.Column("limit_cost_nusd", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("turn", sa.Text),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("runs_by_project", "runs", ["project", "created"])
    op.create_index("runs_by_state", "runs", ["state"])


def _make_checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("act_hash", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("opened", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
    )
    op.create_index("checkpoints_by_run", "checkpoints", ["run"])
    op.create_index("checkpoints_by_state", "checkpoints", ["state"])


def _make_usage() -> None:
    # Without foreign keys: what was spent stays known when its project is forgotten.
    op.create_table(
        "usage",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("turn", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("input", sa.BigInteger, nullable=False),
        sa.Column("output", sa.BigInteger, nullable=False),
        sa.Column("cache_read", sa.BigInteger, nullable=False),
        sa.Column("cache_write", sa.BigInteger, nullable=False),
        sa.Column("cost_nusd", sa.BigInteger),
        sa.Column("milliseconds", sa.Float, nullable=False),
    )
    op.create_index("usage_by_time", "usage", ["time"])
    op.create_index("usage_by_project", "usage", ["project", "time"])
    op.create_index("usage_by_run", "usage", ["run"])
