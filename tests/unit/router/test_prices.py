from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.errors import UserError
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.domain.providers import Provider, ProviderKind
from studio.domain.usage import Usage
from studio.router.prices import Price, Prices, load_own_prices
from studio.router.registry import Registry

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
SONNET = ModelRef("anthropic", "claude-sonnet-4-5")


async def test_listed_model_costs_its_listed_price() -> None:
    cost = await Prices().cost(SONNET, Usage(input=1_000_000, output=1_000_000), NEW_YEAR)

    # 200,000 tokens of input and more are in the dearer tier of this model: 6 and 22.5 dollars a million.
    assert cost == 28_500_000_000


async def test_cached_input_costs_less_and_cache_writes_more() -> None:
    plain = await Prices().cost(SONNET, Usage(input=10_000), NEW_YEAR)
    read = await Prices().cost(SONNET, Usage(input=10_000, cache_read=10_000), NEW_YEAR)
    written = await Prices().cost(SONNET, Usage(input=10_000, cache_write=10_000), NEW_YEAR)

    assert (plain, read, written) == (30_000_000, 3_000_000, 37_500_000)


async def test_what_a_cache_took_off_is_what_plain_input_would_have_cost_more() -> None:
    usage = Usage(input=30_000, output=1_000, cache_read=10_000, cache_write=10_000)

    # Reads at 0.3 instead of 3 dollars a million save 27 thousandths, writes at 3.75 cost 7.5 thousandths more.
    assert await Prices().saved(SONNET, usage, NEW_YEAR) == 19_500_000


async def test_a_cache_that_was_only_written_to_saved_less_than_nothing() -> None:
    assert await Prices().saved(SONNET, Usage(input=10_000, cache_write=10_000), NEW_YEAR) == -7_500_000


async def test_nothing_is_said_to_be_saved_where_no_price_is_known() -> None:
    house = ModelRef("openai", "house-special-9")
    assert await Prices().saved(house, Usage(input=10_000, cache_read=10_000), NEW_YEAR) == 0


@given(
    usage=st.builds(
        lambda plain, read, write, out: Usage(plain + read + write, out, read, write), *[st.integers(0, 10**6)] * 4
    )
)
async def test_price_and_saving_together_are_the_price_without_a_cache(usage: Usage) -> None:
    prices = Prices({"openai/house": Price(Decimal(1), Decimal(10), Decimal("0.1"), Decimal("1.25"))})
    house = ModelRef("openai", "house")

    paid = await prices.cost(house, usage, NEW_YEAR)
    plain = await prices.cost(house, Usage(usage.input, usage.output), NEW_YEAR)

    assert paid is not None
    assert paid + await prices.saved(house, usage, NEW_YEAR) == plain


@pytest.mark.parametrize("name", ["openai/gpt-5", "groq/llama-3.3-70b-versatile", "gemini/gemini-2.5-pro"])
async def test_other_providers_are_found_in_the_list(name: str) -> None:
    cost = await Prices().cost(ModelRef.parse(name), Usage(1000, 1000), NEW_YEAR)

    assert cost is not None
    assert cost > 0


async def test_unknown_model_is_unpriced_and_never_free() -> None:
    assert await Prices().cost(ModelRef("openai", "house-special-9"), Usage(1000, 1000), NEW_YEAR) is None


async def test_the_worst_price_of_a_call_is_that_of_input_written_to_the_cache() -> None:
    own = Prices({"openai/house": Price(Decimal(1), Decimal(10), cache_write=Decimal("1.25"))})
    assert await own.worst(ModelRef("openai", "house"), 1_000_000, 1_000, NEW_YEAR) == 1_260_000_000
    assert await Prices().worst(ModelRef("openai", "house-special-9"), 1, 1, NEW_YEAR) is None


@pytest.mark.parametrize("provider", ["ollama", "scripted"])
async def test_what_runs_here_is_free(provider: str) -> None:
    assert await Prices().cost(ModelRef(provider, "anything"), Usage(10**9, 10**9), NEW_YEAR) == 0


async def test_own_price_wins_over_list_and_freedom(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(
        '["anthropic/claude-sonnet-4-5"]\ninput = 1.5\noutput = 2\ncache_read = 0.1\n'
        '["ollama/big"]\ninput = 1\noutput = 1\n',
        encoding="utf-8",
    )
    prices = Prices(load_own_prices(path))

    assert await prices.cost(SONNET, Usage(1000, 100, cache_read=400, cache_write=100), NEW_YEAR) == 1_140_000
    assert await prices.cost(ModelRef("ollama", "big"), Usage(1000, 0), NEW_YEAR) == 1_000_000


def test_absent_price_file_holds_no_prices(tmp_path: Path) -> None:
    assert load_own_prices(tmp_path / "prices.toml") == {}


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "[m]\ninput = 1",
        '[m]\ninput = "x"\noutput = 1',
        "[m]\ninput = 1\noutput = -1",
        "m = 5",
        "[m]\nfee = 1",
    ],
)
def test_wrong_price_file_is_for_the_person_to_put_right(text: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UserError, match=r"The price file .* cannot be read"):
        load_own_prices(path)


@given(tokens=st.tuples(*[st.integers(0, 10**9)] * 4))
def test_cost_of_parts_adds_up(tokens: tuple[int, int, int, int]) -> None:
    plain, read, write, output = tokens
    price = Price(Decimal(3), Decimal(15), Decimal("0.5"), Decimal(4))

    whole = price.cost(Usage(plain + read + write, output, read, write))

    assert whole == plain * 3000 + read * 500 + write * 4000 + output * 15000


def test_router_starts_without_price_list_or_sdk() -> None:
    heavy = "{'genai_prices', 'anthropic', 'openai', 'ollama', 'httpx', 'httpx2'}"
    code = f"import sys, studio.router.router, studio.adapters.providers.scripted; print({heavy} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(("said", "nusd"), [(None, 400_000 + 600 * 2_000), (Decimal(3), 400_000 + 600 * 3_000)])
async def test_writes_for_an_hour_cost_what_is_said_or_twice_the_input(said: Decimal | None, nusd: int) -> None:
    own = Prices({"anthropic/house": Price(Decimal(1), Decimal(10), cache_write_1h=said)})
    usage = Usage(1000, cache_write=600, cache_write_1h=600)
    assert await own.cost(ModelRef("anthropic", "house"), usage, NEW_YEAR) == nusd


async def test_a_price_counts_from_when_it_is_written_and_a_mistake_changes_none(tmp_path: Path) -> None:
    path, model = tmp_path / "prices.toml", ModelRef("openai", "my-own")
    prices = Prices(load_own_prices(path), path=path)
    assert await prices.worst(model, 1000, 0, NEW_YEAR) is None

    path.write_text('["openai/my-own"]\ninput = 1\noutput = 2\n', encoding="utf-8")
    await prices.look()
    assert await prices.worst(model, 1000, 0, NEW_YEAR) == 1_000_000

    path.write_text("half writ", encoding="utf-8")
    await prices.look()
    assert await prices.worst(model, 1000, 0, NEW_YEAR) == 1_000_000

    path.unlink()
    await prices.look()
    assert await prices.worst(model, 1000, 0, NEW_YEAR) is None


def _prices_of(base_url: str, listing: str = "", *, free: bool = False) -> Prices:
    """The prices with one declared provider, lab."""
    kind = ProviderKind.OPENAI_COMPATIBLE
    return Prices(
        None, Registry([Provider("lab", kind, "Lab", base_url, declared=True, is_free=free, price_list=listing)])
    )


HERE, ROUTER = "http://127.0.0.1:4000/v1", "https://openrouter.ai/api/v1"
LAB = ModelRef("lab", "a/b")


@pytest.mark.parametrize(
    ("base_url", "listing", "listed", "billed", "cost"),
    [
        (ROUTER, "openrouter", 100, 0, 0),
        (ROUTER, "openrouter", 100, 40, 40),
        (ROUTER, "openrouter", None, 40, 40),
        (HERE, "openrouter", 100, 0, 100),
        (HERE, "openrouter", 100, 40, 100),
        (HERE, "openrouter", 100, 400, 400),
        (HERE, "", None, 0, None),
        (HERE, "", None, 40, 40),
        (HERE, "", None, None, None),
    ],
)
def test_only_a_service_that_is_known_to_bill_can_make_a_call_cheaper_than_it_is_listed(
    base_url: str, listing: str, listed: NanoUsd | None, billed: NanoUsd | None, cost: NanoUsd | None
) -> None:
    assert _prices_of(base_url, listing).charged(LAB, listed, billed) == cost


async def test_a_provider_that_was_to_cost_nothing_is_free_until_it_bills_something() -> None:
    prices, other = _prices_of(HERE, free=True), ModelRef("lab", "c/d")
    assert (prices.charged(LAB, NanoUsd(0), NanoUsd(0)), prices.is_free(other)) == (0, True)

    assert prices.charged(LAB, NanoUsd(0), NanoUsd(5)) == 5

    assert not prices.is_free(other)
    assert await prices.cost(other, Usage(1, 1), NEW_YEAR) is None


def test_a_provider_that_is_said_to_be_another_one_has_billed_nothing_yet() -> None:
    before, after = (
        Provider("lab", ProviderKind.OPENAI_COMPATIBLE, "Lab", url, declared=True, is_free=True)
        for url in (HERE, "http://127.0.0.1:8080/v1")
    )
    registry = Registry([before])
    registry.learn_charging(LAB)
    assert not registry.is_free(LAB)

    registry.use([after])
    assert registry.is_free(LAB)
