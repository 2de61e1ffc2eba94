"""A short way to the events that figures are made of."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0007"


def upgrade() -> None:
    """Finds the ends of turns and the failures of models without reading all that lies between."""
    op.execute("CREATE INDEX events_for_figures ON events (kind, time) WHERE kind IN ('turn_ended', 'model_failed')")
