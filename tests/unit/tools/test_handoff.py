"""What a role may hand over, and what a model reads that got it wrong."""

from __future__ import annotations

from typing import Any

import pytest

from studio.domain.errors import UserError
from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.roles import ResultField, ResultType
from studio.tools.handoff import hand_off_tool
from studio.tools.hands import Hands
from studio.tools.runner import run_call

FIELDS = (
    ResultField("verdict", ResultType.CHOICE, "whether it holds", ("holds", "does not hold")),
    ResultField("checks", ResultType.TEXTS, "what you ran"),
    ResultField("json", ResultType.TEXT, "a field called like a method", required=False),
    ResultField("score", ResultType.NUMBER, "out of ten", required=False),
    ResultField("safe", ResultType.YES_NO, "whether it is safe", required=False),
)
TOOL = hand_off_tool(FIELDS, ("reviewer", "tester"))
WHOLE = {"verdict": "holds", "checks": ["3 tests pass"], "json": "{}", "score": 7, "safe": True}


def wrong(**arguments: Any) -> str:
    with pytest.raises(UserError) as caught:
        TOOL.parse(arguments)
    return caught.value.sentence


async def test_a_whole_result_is_handed_over_to_the_role_that_was_named(hands: Hands) -> None:
    call = ToolCall(CallId.new(), "hand_off", {"result": WHOLE, "next_role": "reviewer", "note": "Begin with a.py."})
    outcome = await run_call({"hand_off": TOOL}, call, hands)
    assert (outcome.ok, outcome.summary) == (True, "handed over to the reviewer")


def test_what_may_be_left_out_may_be_left_out() -> None:
    assert TOOL.parse({"result": {"verdict": "holds", "checks": []}})["next_role"] is None


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"checks": []}, "- result.verdict: Field required"),
        ({**WHOLE, "verdict": "maybe"}, "- result.verdict: Input should be 'holds' or 'does not hold'"),
        ({**WHOLE, "checks": "all"}, "- result.checks: Input should be a valid list"),
        ({**WHOLE, "checks": [" "]}, "- result.checks.0: Value error, this is empty; say what there is to say"),
        ({**WHOLE, "score": "7"}, "- result.score: Input should be a valid number"),
        ({**WHOLE, "safe": "yes"}, "- result.safe: Input should be a valid boolean"),
        ({**WHOLE, "more": 1}, "- result.more: Extra inputs are not permitted"),
        ({**WHOLE, "json": "x" * 8001}, "- result.json: String should have at most 8000 characters"),
        ({**WHOLE, "checks": ["x"] * 51}, "- result.checks: List should have at most 50 items"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_wrong(result: dict[str, Any], said: str) -> None:
    assert said in wrong(result=result)


def test_only_a_role_that_there_is_can_go_on() -> None:
    assert "next_role: Input should be 'reviewer' or 'tester'" in wrong(result=WHOLE, next_role="boss")


def test_a_model_is_shown_the_fields_of_the_role() -> None:
    result = TOOL.spec.schema["properties"]["result"]
    assert result["required"] == ["verdict", "checks"]
    assert result["properties"]["verdict"]["enum"] == ["holds", "does not hold"]
    assert result["properties"]["checks"]["description"] == "what you ran"
    assert "$ref" not in str(TOOL.spec.schema)
