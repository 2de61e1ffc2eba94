"""The gate answers from a table that has a line for every case."""

from __future__ import annotations

import itertools

import pytest

from studio.domain.tools import ApprovalMode, Risk, Verdict
from studio.tools.gate import denial, judge


@pytest.mark.parametrize(("risk", "mode"), [*itertools.product(Risk, ApprovalMode)])
def test_every_risk_has_a_verdict_in_every_mode(risk: Risk, mode: ApprovalMode) -> None:
    assert judge(risk, mode) in Verdict


def test_a_command_asks_first_unless_the_run_says_otherwise() -> None:
    assert judge(Risk.EXECUTE, ApprovalMode.ASK) is Verdict.ASK
    assert judge(Risk.EXECUTE, ApprovalMode.AUTO) is Verdict.ALLOW
    assert judge(Risk.EXECUTE, ApprovalMode.DENY) is Verdict.DENY


def test_a_question_waits_for_a_person_even_when_commands_do_not() -> None:
    assert judge(Risk.ASK, ApprovalMode.AUTO) is Verdict.ASK


@pytest.mark.parametrize("risk", [Risk.EXECUTE, Risk.ASK])
def test_a_denial_tells_the_model_how_to_go_on(risk: Risk) -> None:
    assert len(denial(risk).split(".")) > 2
