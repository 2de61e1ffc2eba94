"""Which models are tried for a step, and in which order, by what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.choosing import choose
from studio.domain.difficulty import Difficulty
from studio.domain.fitness import Fitness, Tries
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.domain.roles import Tier
from studio.domain.routing import Facts, Lately, Line, Preference, Routed, RoutingTable, Wants


def lines_of(models: Iterable[ModelRef]) -> tuple[Line, ...]:
    """Each model on a line of its own: the order is the person's alone."""
    return tuple((model,) for model in models)


HAIKU, SONNET, OPUS, GPT, SMALL, BIG = (
    ModelRef.parse(name)
    for name in (
        *("anthropic/haiku", "anthropic/sonnet", "anthropic/opus"),
        *("openai/gpt", "ollama/small", "ollama/big"),
    )
)
TIERS = {Tier.FAST: lines_of((SMALL, HAIKU)), Tier.STANDARD: ((SONNET,),), Tier.STRONG: lines_of((OPUS, GPT, BIG))}
TABLE = RoutingTable(TIERS)
A, B, C = (ModelRef.parse(f"groq/{name}") for name in "abc")
ONE_LINE = RoutingTable({Tier.FAST: ((A, B, C),)})
ONCE = datetime(2026, 1, 1, tzinfo=UTC)


def usual(model: ModelRef) -> Facts:
    """What is known of a model where a test says nothing else."""
    return Facts(window=8_000 if model == SMALL else 200_000, is_local=model.provider == "ollama")


def routed(wants: Wants, table: RoutingTable = TABLE, known: Mapping[ModelRef, Facts] | None = None) -> Routed:
    return choose(table, wants, {model: usual(model) for model in table.models} | dict(known or {}))


def without(*models: ModelRef) -> dict[ModelRef, Facts]:
    return {model: replace(usual(model), usable=False) for model in models}


def priced(**cents: int | None) -> dict[ModelRef, Facts]:
    return {
        ModelRef("groq", name): Facts(window=8_000, price=None if price is None else NanoUsd(price * 10_000_000))
        for name, price in cents.items()
    }


def quick(first_token_ms: float | None, tokens_per_second: float, failed: int = 0) -> Facts:
    """A model that costs as much as the others, and how it did in ten tries."""
    return Facts(window=8_000, price=NanoUsd(1), lately=Lately(10, first_token_ms, tokens_per_second, 10, failed))


def measured(model: ModelRef, calls: int) -> Facts:
    """What was measured of a model of whose five calls so many were right."""
    fitness = Fitness(model, ONCE, 64_000, 64_000, Tries(calls, 5 - calls, 0), None, 4, 4, 30.0, 200.0)
    return replace(usual(model), fitness=fitness)


def test_the_wanted_tier_comes_first_then_weaker_then_stronger_ones_and_what_runs_here_last() -> None:
    assert routed(Wants(Tier.STANDARD)).route == (SONNET, HAIKU, OPUS, GPT, SMALL, BIG)
    assert routed(Wants(Tier.STRONG)).route == (OPUS, GPT, SONNET, HAIKU, BIG, SMALL)


def test_a_tier_of_local_models_alone_is_asked_before_any_other() -> None:
    table = RoutingTable({Tier.FAST: ((SMALL,),), Tier.STRONG: lines_of((OPUS, BIG))})
    fast = routed(Wants(Tier.FAST), table)
    assert (fast.route, fast.why) == (
        (SMALL, OPUS, BIG),
        "The fast tier, of which only models that run here can be used.",
    )
    assert routed(Wants(Tier.STRONG, save=True), table).route == (SMALL, OPUS, BIG)


def test_with_a_preference_for_local_models_those_of_the_tier_come_first() -> None:
    local = RoutingTable(TIERS, Preference.LOCAL)
    assert routed(Wants(Tier.STRONG), local).route == (BIG, OPUS, GPT, SONNET, SMALL, HAIKU)


def test_a_provider_of_ones_own_that_is_local_counts_as_such() -> None:
    own = ModelRef.parse("lm-studio/qwen")
    table = RoutingTable({Tier.FAST: lines_of((own, HAIKU))})
    assert routed(Wants(Tier.FAST), table, {own: Facts(window=8_000, is_local=True)}).route == (HAIKU, own)


def test_what_cannot_be_used_is_left_out_and_the_reason_says_so() -> None:
    left = routed(Wants(Tier.STANDARD), known=without(SONNET))
    assert (left.route[0], left.why) == (HAIKU, "No model of the standard tier can be used.")
    nothing = routed(Wants(Tier.STANDARD), known=without(*TABLE.models))
    assert (nothing.route, nothing.why) == ((), "No model of the routing table can be used.")
    assert routed(Wants(Tier.FAST), RoutingTable()).why == "The routing table models.toml names no model."


def test_a_model_whose_window_is_too_small_is_passed_over_unless_it_is_the_only_one() -> None:
    assert SMALL not in routed(Wants(Tier.FAST, 9_000)).route
    others = tuple(model for model in TABLE.models if model != SMALL)
    assert routed(Wants(Tier.FAST, 9_000), known=without(*others)).route == (SMALL,)


def test_what_no_model_of_a_tier_takes_goes_to_the_next_stronger_one_that_does() -> None:
    large = routed(Wants(Tier.FAST, 9_000), known=without(HAIKU))
    assert (large.tier, large.route[0]) == (Tier.STANDARD, SONNET)
    assert large.why == (
        "The standard tier instead of fast, since no fast model takes the 9,000 tokens that are shown."
    )
    back = routed(Wants(Tier.STRONG, 9_000, save=True), known=without(HAIKU, SONNET))
    assert (back.tier, back.route[0]) == (Tier.STRONG, OPUS)


def test_nothing_is_shortened_for_the_sake_of_a_model_behind_the_first_one() -> None:
    assert SMALL in routed(Wants(Tier.STRONG, 7_000, ease=8_000)).route
    assert SMALL not in routed(Wants(Tier.STRONG, 7_000, ease=9_000)).route


def test_where_the_first_model_itself_has_too_little_room_others_of_that_size_stay_behind_it() -> None:
    small = RoutingTable({Tier.FAST: lines_of((A, B, C))})
    known = {A: Facts(window=16_000), B: Facts(window=8_000), C: Facts(window=200_000)}
    assert routed(Wants(Tier.FAST, 7_000, ease=20_000), small, known).route == (A, C)


def test_a_budget_that_is_nearly_used_up_asks_one_tier_less() -> None:
    saved = routed(Wants(Tier.STRONG, save=True))
    assert (saved.route[0], saved.tier) == (SONNET, Tier.STANDARD)
    assert saved.why == "The standard tier instead of strong, since a budget is nearly used up."
    assert routed(Wants(Tier.FAST, save=True)).tier is Tier.FAST
    assert routed(Wants(Tier.STRONG, save=True), known=without(SONNET)).tier is Tier.FAST


def test_hard_work_asks_for_the_next_stronger_tier_that_can_be_used_and_says_why() -> None:
    hard = Wants(Tier.FAST, difficulty=Difficulty.HARD, because="the agent went in circles")
    assert (routed(hard).tier, routed(hard).route[0]) == (Tier.STANDARD, SONNET)
    assert routed(hard).why == "The standard tier instead of fast, since the agent went in circles."
    assert routed(hard, known=without(SONNET)).tier is Tier.STRONG
    assert routed(replace(hard, tier=Tier.STRONG)).why == "The strong tier, cloud models first."


def test_easy_work_asks_for_the_next_weaker_tier() -> None:
    easy = Wants(Tier.STRONG, difficulty=Difficulty.EASY, because="its task is said to be easy")
    assert routed(easy).why == "The standard tier instead of strong, since its task is said to be easy."
    assert routed(replace(easy, tier=Tier.FAST)).tier is Tier.FAST


def test_hard_work_is_no_reason_to_spend_more_when_a_budget_is_nearly_used_up() -> None:
    hard = Wants(Tier.STANDARD, save=True, difficulty=Difficulty.HARD, because="the agent went in circles")
    assert routed(hard).why == "The fast tier instead of standard, since a budget is nearly used up."


def test_on_one_line_the_cheaper_model_comes_first_and_one_without_a_price_last() -> None:
    found = routed(Wants(Tier.FAST), ONE_LINE, priced(a=None, b=30, c=5))
    assert found.route == (C, B, A)
    assert found.why == "The fast tier, cloud models first; groq/c before groq/b, whose price is higher."
    apart = routed(Wants(Tier.FAST), RoutingTable({Tier.FAST: lines_of((A, B, C))}), priced(a=None, b=30, c=5))
    assert apart.route == (A, B, C)


def test_of_the_same_price_the_quicker_model_comes_first() -> None:
    found = routed(Wants(Tier.FAST), ONE_LINE, {A: quick(900, 100), B: quick(300, 150), C: quick(None, 60)})
    assert found.route == (B, A, C)
    assert found.why == (
        "The fast tier, cloud models first; groq/b before groq/a, as it is quicker (2.3 s against 3.9 s)."
    )


def test_a_model_that_was_hardly_asked_goes_first_until_it_is_measured() -> None:
    new = replace(quick(300, 150), lately=Lately(2, 1.0, 1.0))
    found = routed(Wants(Tier.FAST), ONE_LINE, {A: quick(900, 100), B: quick(300, 150), C: new})
    assert found.route == (C, B, A)
    assert found.why.endswith("groq/c before groq/b, until it is known how quick it is.")


def test_a_model_that_mostly_failed_lately_gives_way_whatever_it_costs() -> None:
    failing = replace(quick(1, 900, failed=6), price=NanoUsd(0))
    found = routed(Wants(Tier.FAST), ONE_LINE, {A: failing, B: quick(900, 50), C: quick(900, 40)})
    assert found.route == (B, C, A)
    other = routed(Wants(Tier.FAST), RoutingTable({Tier.FAST: ((A, B),)}), {A: failing, B: quick(900, 50)})
    assert other.why.endswith("groq/b before groq/a, which failed 6 of 10 times in the last hour.")


def test_the_model_that_gave_the_last_reply_goes_on_among_those_of_its_price() -> None:
    known = {A: quick(900, 100), B: quick(300, 150), C: replace(quick(1, 900), price=NanoUsd(5))}
    found = routed(Wants(Tier.FAST, last=A), ONE_LINE, known)
    assert found.route == (A, B, C)
    assert found.why.endswith("groq/a before groq/b, as it gave the last reply.")
    assert routed(Wants(Tier.FAST, last=C), ONE_LINE, known).route == (B, A, C)


def test_what_is_preferred_counts_more_than_what_it_costs() -> None:
    table = RoutingTable({Tier.FAST: ((SMALL, HAIKU),)})
    free, dear = replace(usual(SMALL), price=NanoUsd(0)), replace(usual(HAIKU), price=NanoUsd(9))
    assert routed(Wants(Tier.FAST), table, {SMALL: free, HAIKU: dear}).route == (HAIKU, SMALL)


def test_models_that_were_measured_as_unfit_come_last() -> None:
    local = RoutingTable({Tier.FAST: lines_of((SMALL, BIG, HAIKU)), Tier.STRONG: ((OPUS,),)}, Preference.LOCAL)
    found = routed(Wants(Tier.FAST), local, {SMALL: measured(SMALL, 1), BIG: measured(BIG, 5)})
    assert found.route == (BIG, HAIKU, OPUS, SMALL)
    assert found.why == "The fast tier, local models first; ollama/small last, as it was measured as unfit."


def test_where_a_whole_tier_is_unfit_another_one_goes_first_and_the_reason_says_so() -> None:
    table = RoutingTable({Tier.FAST: ((SMALL,),), Tier.STRONG: ((OPUS,),)})
    found = routed(Wants(Tier.FAST), table, {SMALL: measured(SMALL, 1)})
    assert (found.route, found.why) == ((OPUS, SMALL), "Every model of the fast tier was measured as unfit for it.")


def test_fitness_is_that_for_the_tier_that_is_asked() -> None:
    table = RoutingTable({Tier.FAST: lines_of((BIG, HAIKU)), Tier.STRONG: lines_of((BIG, OPUS))}, Preference.LOCAL)
    known = {BIG: measured(BIG, 4)}
    assert routed(Wants(Tier.FAST), table, known).route[0] == BIG
    assert routed(Wants(Tier.STRONG), table, known).route[-1] == BIG


def test_a_role_can_be_given_another_tier_than_its_file_says() -> None:
    table = RoutingTable(TIERS, roles={"tester": Tier.FAST})
    auto = ModelRef.parse("auto/role")
    assert table.tier_of(auto, "tester", Tier.STRONG) is Tier.FAST
    assert table.tier_of(auto, "engineer", Tier.STRONG) is Tier.STRONG
    assert table.tier_of(ModelRef.parse("auto/standard"), "tester", Tier.STRONG) is Tier.STANDARD


models = st.builds(ModelRef, st.sampled_from(["ollama", "anthropic", "openai"]), st.sampled_from("abcd"))
lines = st.lists(st.lists(models, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)
tables = st.builds(RoutingTable, st.dictionaries(st.sampled_from(Tier), lines), st.sampled_from(Preference))
latelies = st.builds(
    *(Lately, st.integers(0, 20), st.none() | st.floats(0, 1e4), st.floats(0, 1e3), st.just(10), st.integers(0, 10))
)
wanted = st.builds(
    Wants,
    tier=st.sampled_from(Tier),
    save=st.booleans(),
    difficulty=st.sampled_from(Difficulty),
    because=st.just("it is so"),
    last=st.none() | models,
)


@given(table=tables, wants=wanted, data=st.data())
def test_a_route_holds_every_usable_model_once_whatever_is_known(
    table: RoutingTable, wants: Wants, data: st.DataObject
) -> None:
    facts = st.builds(
        Facts,
        usable=st.booleans(),
        window=st.just(1),
        is_local=st.booleans(),
        price=st.none() | st.integers(0, 3).map(NanoUsd),
        lately=st.none() | latelies,
    )
    known = {model: data.draw(facts) for model in table.models}
    found = choose(table, wants, known)
    usable = [model for model in table.models if known[model].usable]
    assert sorted(map(str, found.route)) == sorted(map(str, usable))
    assert found.why.endswith(".")
    assert found.why.count(". ") == 0
    assert not found.route or found.route[0] in table.of(found.tier) or not set(usable) & set(table.of(found.tier))


@given(table=tables, tier=st.sampled_from(Tier), banned=st.sets(models))
def test_what_runs_here_comes_last_unless_the_tier_holds_nothing_else(
    table: RoutingTable, tier: Tier, banned: set[ModelRef]
) -> None:
    table = replace(table, prefer=Preference.CLOUD)
    known = {model: replace(usual(model), usable=model not in banned) for model in table.models}
    found = choose(table, Wants(tier), known)
    if any(model.provider != "ollama" and model not in banned for model in table.of(tier)):
        local = [model.provider == "ollama" for model in found.route]
        assert local == sorted(local)


@pytest.mark.parametrize("line", [(A, B, C), (C, B, A)])
def test_with_nothing_known_a_line_keeps_the_persons_order(line: Line) -> None:
    assert routed(Wants(Tier.FAST), RoutingTable({Tier.FAST: (line,)})).route == line
