"""The gate answers from a table that has a line for every case."""

from __future__ import annotations

import itertools

import pytest

from studio.domain.tools import ApprovalMode, CommandClass, Risk, Sorted, Verdict
from studio.tools.gate import denial, judge, question_about


@pytest.mark.parametrize(("risk", "mode", "kind"), [*itertools.product(Risk, ApprovalMode, CommandClass)])
def test_every_risk_and_class_has_a_verdict_in_every_mode(risk: Risk, mode: ApprovalMode, kind: CommandClass) -> None:
    assert judge(risk, mode, kind) in Verdict


@pytest.mark.parametrize("kind", CommandClass)
def test_a_command_asks_first_unless_it_only_reads(kind: CommandClass) -> None:
    wanted = Verdict.ALLOW if kind is CommandClass.READ else Verdict.ASK
    assert judge(Risk.EXECUTE, ApprovalMode.ASK, kind) is wanted


@pytest.mark.parametrize("kind", CommandClass)
def test_in_auto_mode_only_history_outside_the_run_is_asked_about(kind: CommandClass) -> None:
    wanted = Verdict.ASK if kind is CommandClass.PUBLISHED else Verdict.ALLOW
    assert judge(Risk.EXECUTE, ApprovalMode.AUTO, kind) is wanted


@pytest.mark.parametrize("kind", CommandClass)
def test_no_command_is_run_where_commands_are_denied(kind: CommandClass) -> None:
    assert judge(Risk.EXECUTE, ApprovalMode.DENY, kind) is Verdict.DENY


def test_a_command_that_nobody_sorted_asks_first() -> None:
    assert judge(Risk.EXECUTE, ApprovalMode.ASK) is Verdict.ASK


def test_a_question_waits_for_a_person_even_when_commands_do_not() -> None:
    assert judge(Risk.ASK, ApprovalMode.AUTO) is Verdict.ASK


@pytest.mark.parametrize("risk", [Risk.EXECUTE, Risk.ASK])
def test_a_denial_tells_the_model_how_to_go_on(risk: Risk) -> None:
    assert len(denial(risk).split(".")) > 2


def test_a_question_says_what_a_command_does() -> None:
    assert question_about(Sorted(CommandClass.DELETE)) == "Run this command? It deletes files or changes."
    assert len({question_about(Sorted(kind)) for kind in CommandClass}) == len(CommandClass)


def test_a_question_about_an_unknown_command_says_why() -> None:
    told = question_about(Sorted(CommandClass.UNKNOWN, "sh runs whatever it is fed"))
    assert told == "Run this command? What it does cannot be told: sh runs whatever it is fed."
