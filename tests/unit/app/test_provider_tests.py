"""A provider is tried out: over every protocol, by a model that is right for it, and paid like any other call."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.budgets import Period
from studio.domain.errors import NotFound, ProviderError, ProviderFault, UserError
from studio.domain.money import NanoUsd
from studio.domain.provider_tests import ProviderTest
from studio.router.tries import CALLS
from tests.fixtures.plug import KEY, PROTOCOLS, Cut, Plugged, Reply, provider

# A cent for a thousand tokens in, ten for a thousand out.
PRICES = '["openai/small"]\ninput = 10\noutput = 100\n["anthropic/small"]\ninput = 10\noutput = 100\n'
NUSD = 20_000_000
"""What one call costs that counts 1,000 tokens in and 100 out."""

RIGHT = Reply(calls=(("report_file", CALLS[0]),))
WRITES = Reply("1\n2\n3\n4\n5\n6\n7\n8\n9\n10")


@asynccontextmanager
async def studio_of(tmp_path: Path, environment: Mapping[str, str], prices: str = PRICES) -> AsyncIterator[Studio]:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "prices.toml").write_text(prices)
    studio = await open_studio({**os.environ, **environment, "STUDIO_HOME": str(home)}, Access.WRITE)
    try:
        yield studio
    finally:
        await studio.close()


async def found_by(tmp_path: Path, served: Plugged, name: str = "openai", model: str = "") -> ProviderTest:
    async with studio_of(tmp_path, served.environment(name)) as studio:
        return await studio.provider_tests.test(name, model)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_provider_that_works_passes_over_every_protocol(tmp_path: Path, protocol: str) -> None:
    with provider(RIGHT, WRITES) as served:
        found = await found_by(tmp_path, served, protocol)
    assert (found.passed, found.fault, found.models, found.model) == (True, "", ("small",), "small")
    assert (found.input, found.output) == served.bill()
    assert found.tokens_per_second is not None
    assert found.first_token_ms is not None
    assert found.cost_nusd == (0 if protocol == "ollama" else 2 * NUSD)


async def test_a_test_is_paid_by_the_company(tmp_path: Path) -> None:
    with provider(RIGHT, WRITES) as served:
        async with studio_of(tmp_path, served.environment("openai")) as studio:
            await studio.budgets.set("company", NanoUsd(NUSD * 10), Period.TOTAL, 80)
            await studio.provider_tests.test("openai")
            (row,) = await studio.usage.rows(by="role")
            (budget,) = await studio.budgets.list()
    assert (row.role, row.calls, (row.input, row.output), row.cost_nusd) == (
        "provider test",
        2,
        served.bill(),
        2 * NUSD,
    )
    assert (budget.balance.paid_nusd, budget.balance.held_nusd) == (2 * NUSD, 0)


async def test_a_call_that_no_budget_can_pay_is_not_made(tmp_path: Path) -> None:
    with provider(RIGHT, WRITES) as served:
        async with studio_of(tmp_path, served.environment("openai")) as studio:
            await studio.budgets.set("company", NanoUsd(1), Period.TOTAL, 80)
            found = await studio.provider_tests.test("openai")
    assert (found.passed, found.models, served.asked) == (False, ("small",), [])
    assert "the whole budget of" in found.fault


async def test_a_failure_is_a_finding_and_nothing_is_tried_again(tmp_path: Path) -> None:
    with provider(Reply(status=500), RIGHT, WRITES) as served:
        found = await found_by(tmp_path, served)
    assert (found.passed, found.called, len(served.asked)) == (False, False, 1)
    assert "has a problem of its own (500: No" in found.fault


@pytest.mark.parametrize("protocol", ["anthropic", "openai"])
async def test_what_a_cut_call_may_have_cost_stays_held(tmp_path: Path, protocol: str) -> None:
    with provider(Reply("I call.", RIGHT.calls, cut=Cut.INSIDE)) as served:
        async with studio_of(tmp_path, served.environment(protocol)) as studio:
            await studio.budgets.set("company", NanoUsd(100 * NUSD), Period.TOTAL, 80)
            found = await studio.provider_tests.test(protocol)
            (budget,) = await studio.budgets.list()
            (kept,) = await studio.budgets.reservations()
    assert (found.called, kept.kept) == (False, True)
    assert "broke off or could not be read" in found.fault
    assert budget.balance.paid_nusd == (found.cost_nusd or 0)
    assert budget.balance.paid_nusd + budget.balance.kept_nusd >= NUSD


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply("I would call it now."), "It called no tool."),
        (Reply(calls=(("report_file", {**CALLS[0], "urgent": False}),)), "with other values than it was told"),
        (Reply(calls=(*RIGHT.calls, *RIGHT.calls)), "with other values than it was told"),
    ],
)
async def test_a_call_that_is_not_right_is_said(tmp_path: Path, reply: Reply, fault: str) -> None:
    with provider(reply, WRITES) as served:
        found = await found_by(tmp_path, served)
    assert (found.passed, found.called) == (False, False)
    assert fault in found.fault
    assert found.tokens_per_second is not None


async def test_the_cheapest_model_is_asked_that_can_hold_a_conversation(tmp_path: Path) -> None:
    offered = ("dall-e-3", "text-embedding-3-small", "gpt-4.1", "gpt-4.1-nano", "gpt-4.1-mini", "brand-new")
    with provider(RIGHT, WRITES, models=offered) as served:
        assert (await found_by(tmp_path, served)).model == "gpt-4.1-nano"


async def test_the_model_that_new_chats_use_is_asked_first(tmp_path: Path) -> None:
    with provider(RIGHT, WRITES, models=("gpt-4.1-nano", "gpt-4.1")) as served:
        environment = {**served.environment("openai"), "STUDIO_DEFAULT_MODEL": "openai/gpt-4.1"}
        async with studio_of(tmp_path, environment) as studio:
            assert (await studio.provider_tests.test("openai")).model == "gpt-4.1"


@pytest.mark.parametrize("written", ["gpt-4.1", "openai/gpt-4.1"])
async def test_another_model_can_be_named(tmp_path: Path, written: str) -> None:
    with provider(RIGHT, WRITES, models=("gpt-4.1-nano", "gpt-4.1")) as served:
        assert (await found_by(tmp_path, served, model=written)).model == "gpt-4.1"
    assert served.asked[0]["model"] == "gpt-4.1"


async def test_a_provider_without_models_says_what_to_do(tmp_path: Path) -> None:
    with provider(models=()) as served:
        found = await found_by(tmp_path, served)
    assert (found.passed, found.model) == (False, "")
    assert "studio providers test openai --model" in found.fault


async def test_a_provider_that_is_not_there_is_no_finding_but_an_error(tmp_path: Path) -> None:
    with provider() as served:
        environment = served.environment("openai")
    async with studio_of(tmp_path, environment) as studio:
        with pytest.raises(ProviderError) as caught:
            await studio.provider_tests.test("openai")
    assert caught.value.fault is ProviderFault.UNREACHABLE


async def test_the_nearest_name_is_offered_for_one_that_is_none(tmp_path: Path) -> None:
    async with studio_of(tmp_path, {}) as studio:
        with pytest.raises(NotFound, match="Did you mean anthropic"):
            await studio.provider_tests.test("antropic")


async def test_a_provider_without_a_key_says_where_to_give_one(tmp_path: Path) -> None:
    async with studio_of(tmp_path, {}) as studio:
        with pytest.raises(UserError, match="There is no key for anthropic"):
            await studio.provider_tests.test("anthropic")


async def test_nothing_of_the_key_is_in_what_is_found(tmp_path: Path) -> None:
    with provider(RIGHT, WRITES) as served:
        assert KEY not in repr(await found_by(tmp_path, served))
