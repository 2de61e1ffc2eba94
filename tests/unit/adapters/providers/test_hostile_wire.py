"""What each provider's failures are called and how they read, over real sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.hostile_wire import CASES, MATTERS, idle_seconds, misbehaving
from tests.fixtures.providers import Asking, Connecting, failing


@pytest.mark.parametrize(("provider", "name"), CASES)
async def test_each_failure_has_one_cause_and_one_sentence(
    provider: str, name: str, connect: Connecting, ask: Asking, tmp_path: Path
) -> None:
    matter = MATTERS[name]
    async with misbehaving(provider, name, tmp_path) as config:
        error = await failing(connect(config), ask(idle_seconds=idle_seconds(name)))

    assert error.fault is matter.fault
    assert matter.says in error.sentence
    assert error.sentence.endswith(".")
    assert error.action.endswith(".") or error.action.startswith("Fetch it: ")
    assert error.retry_after == (None if matter.wait is None else pytest.approx(matter.wait, abs=5))
    assert error.may_have_cost is matter.unsure
