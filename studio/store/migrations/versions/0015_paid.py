"""What each scope paid on each day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_FILL = """
INSERT INTO paid (scope, day, nusd)
SELECT {scope}, substr(time, 1, 10), SUM(cost_nusd) FROM usage WHERE cost_nusd IS NOT NULL {only} GROUP BY 1, 2
"""


def upgrade() -> None:
    """Makes the table, and sums what is known of the calls before."""
    op.create_table(
        "paid",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("nusd", sa.BigInteger, nullable=False),
    )
    op.execute(_FILL.format(scope="'company'", only=""))
    for kind in ("project", "brief", "task", "run"):
        op.execute(_FILL.format(scope=f"'{kind}:' || {kind}", only=f"AND {kind} <> ''"))
