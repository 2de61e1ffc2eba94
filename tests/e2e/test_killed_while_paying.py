"""A call whose process was killed may have been charged: its money is kept until a person knows better."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from studio.domain.events import TurnEnded
from studio.domain.runs import Outcome
from tests.fixtures.billing import reply, silent_first
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import first_event, opened
from tests.fixtures.hostile_provider import hostile
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

# A dollar for 100,000 tokens that are said; what is asked costs nothing.
PRICES = '["openai/dear"]\ninput = 0\noutput = 10\n'
KEY = "sk-test-key-0123456789"


async def test_money_of_a_killed_call_is_kept_at_the_next_start_and_released_by_a_person(
    studio: CommandLine, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    studio.home.mkdir(parents=True, exist_ok=True)
    (studio.home / "prices.toml").write_text(PRICES)
    asked = asyncio.Event()
    async with hostile(silent_first(reply("Hello.", 10, 1000), asked)) as provider:
        studio.environment = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{provider.url}/v1"}
        budget = await _said(studio, "budget", "set", "company", "1", "--per", "month", "--json")
        assert budget["left_usd"] == 1.0
        words = ("run", "Hello", "--project", str(repository), "--model", "openai/dear", "--json")
        process = studio.start(*words, STUDIO_MAX_OUTPUT_TOKENS="20000")
        async with asyncio.timeout(90):
            await asked.wait()
        under_way = await _said(studio, "budget", "list", "--json")
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait, 30)

        async with opened(studio.home, studio.environment) as reopened:
            (run,) = await reopened.chats.runs()
            ended = await first_event(reopened, run.id, TurnEnded)
            assert ended.outcome is Outcome.REPLIED
        after = await _said(studio, "budget", "list", "--json")
        (kept,) = after["reservations"]
        gone = await _said(studio, "budget", "release", kept["id"], "--json")
        at_last = await _said(studio, "budget", "list", "--json")

    assert len(provider.requests) == 2
    assert [(row["held_usd"], row["kept"]) for row in under_way["reservations"]] == [(0.2, False)]
    assert (kept["held_usd"], kept["kept"], gone["id"]) == (0.2, True, kept["id"])
    assert [after["budgets"][0][key] for key in ("paid_usd", "held_usd", "kept_usd")] == [0.01, 0.2, 0.2]
    assert [at_last["budgets"][0][key] for key in ("paid_usd", "held_usd", "left_usd")] == [0.01, 0.0, 0.99]


async def _said(studio: CommandLine, *words: str) -> Any:
    """What a command writes for programs."""
    done = await asyncio.to_thread(studio, *words)
    assert done.code == 0, done.err
    return done.document
