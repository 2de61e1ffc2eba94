"""How each try at a model went, and when its first piece came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

# A failed try that used something has a row already; it took just as long as its event says.
# The index of these events is taken only for its own condition, word for word.
_FAULTS = """
UPDATE usage SET outcome = failed.fault FROM (
    SELECT run, json_extract(payload, '$.turn') AS turn, json_extract(payload, '$.step') AS step,
        json_extract(payload, '$.model') AS model, json_extract(payload, '$.milliseconds') AS milliseconds,
        json_extract(payload, '$.fault') AS fault
    FROM events WHERE kind IN ('turn_ended', 'model_failed') AND kind = 'model_failed'
) AS failed
WHERE usage.run = failed.run AND usage.turn = failed.turn AND usage.step = failed.step
    AND usage.provider || '/' || usage.model = failed.model AND usage.milliseconds = failed.milliseconds
    AND usage.milliseconds > 0
"""

_FAILED_FOR_NOTHING = """
INSERT INTO usage (time, project, run, turn, step, role, provider, model, input, output, cache_read, cache_write,
    cost_nusd, milliseconds, brief, task, saved_nusd, outcome)
SELECT time, project, run, turn, step, role, substr(model, 1, instr(model, '/') - 1),
    substr(model, instr(model, '/') + 1), 0, 0, 0, 0, 0, milliseconds, '', '', 0, fault
FROM (
    SELECT seq, time, project, run, json_extract(payload, '$.turn') AS turn, json_extract(payload, '$.step') AS step,
        coalesce(json_extract(payload, '$.role'), '') AS role, json_extract(payload, '$.model') AS model,
        coalesce(json_extract(payload, '$.milliseconds'), 0) AS milliseconds, json_extract(payload, '$.fault') AS fault,
        coalesce(json_extract(payload, '$.input'), 0) + coalesce(json_extract(payload, '$.output'), 0) AS used
    FROM events WHERE kind IN ('turn_ended', 'model_failed') AND kind = 'model_failed'
)
WHERE used = 0 AND fault NOT IN ('resting', 'over_budget') AND project IS NOT NULL AND run IS NOT NULL
    AND instr(model, '/') > 0
ORDER BY seq
"""

_CACHED = "UPDATE usage SET outcome = 'cached' WHERE outcome = 'ok' AND milliseconds = 0 AND input = 0 AND output = 0"


def upgrade() -> None:
    """Adds both, and tells of earlier tries what the log knows: their first pieces it does not."""
    op.add_column("usage", sa.Column("first_token_ms", sa.Float))
    op.add_column("usage", sa.Column("outcome", sa.Text, nullable=False, server_default="ok"))
    op.execute(_FAULTS)
    op.execute(_FAILED_FOR_NOTHING)
    op.execute(_CACHED)
    op.execute("CREATE INDEX usage_of_model ON usage (provider, model)")
