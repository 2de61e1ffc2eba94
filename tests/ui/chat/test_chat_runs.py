"""What the strip knows of a run follows its log."""

from __future__ import annotations

from studio.domain.events import RunSet
from studio.domain.ids import RunId
from studio.domain.runs import RunState
from studio.domain.tools import ApprovalMode
from studio.ui.chat.runs import RunRow, after

ROW = RunRow(RunId("r0000001"), "Fix totals", "engineer", "ollama/qwen", ApprovalMode.ASK, RunState.IDLE)


def test_a_run_that_is_set_to_another_model_is_told_with_that_one() -> None:
    row = after(ROW, RunSet("anthropic/claude", "auto", ()))
    assert (row.model, row.approval, row.state) == ("anthropic/claude", ApprovalMode.AUTO, RunState.IDLE)
