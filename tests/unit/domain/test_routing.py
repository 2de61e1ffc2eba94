from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import LOCAL_PROVIDERS, Preference, Routed, RoutingTable, Wants, choose

HAIKU, SONNET, OPUS, GPT, SMALL, BIG = (
    ModelRef.parse(name)
    for name in (
        *("anthropic/haiku", "anthropic/sonnet", "anthropic/opus"),
        *("openai/gpt", "ollama/small", "ollama/big"),
    )
)
TIERS = {Tier.FAST: (SMALL, HAIKU), Tier.STANDARD: (SONNET,), Tier.STRONG: (OPUS, GPT, BIG)}
TABLE = RoutingTable(TIERS)


def routed(wants: Wants, table: RoutingTable = TABLE, without: tuple[ModelRef, ...] = ()) -> Routed:
    return choose(table, wants, lambda model: model not in without, lambda model: 8_000 if model == SMALL else 200_000)


def test_the_wanted_tier_comes_first_then_weaker_then_stronger_ones_and_what_runs_here_last() -> None:
    assert routed(Wants(Tier.STANDARD)).route == (SONNET, HAIKU, OPUS, GPT, SMALL, BIG)
    assert routed(Wants(Tier.STRONG)).route == (OPUS, GPT, SONNET, HAIKU, BIG, SMALL)


def test_a_tier_of_local_models_alone_is_asked_before_any_other() -> None:
    table = RoutingTable({Tier.FAST: (SMALL,), Tier.STRONG: (OPUS, BIG)})
    assert routed(Wants(Tier.FAST), table).route == (SMALL, OPUS, BIG)
    assert routed(Wants(Tier.STRONG, save=True), table).route == (SMALL, OPUS, BIG)


def test_with_a_preference_for_local_models_those_of_the_tier_come_first() -> None:
    local = RoutingTable(TIERS, Preference.LOCAL)
    assert routed(Wants(Tier.STRONG), local).route == (BIG, OPUS, GPT, SONNET, SMALL, HAIKU)


def test_what_cannot_be_used_is_left_out_and_the_reason_says_so() -> None:
    left = routed(Wants(Tier.STANDARD), without=(SONNET,))
    assert (left.route[0], left.why) == (HAIKU, "No model of the standard tier can be used.")
    nothing = routed(Wants(Tier.STANDARD), without=TABLE.models)
    assert (nothing.route, nothing.why) == ((), "No model of the routing table can be used.")
    assert routed(Wants(Tier.FAST), RoutingTable()).why == "The routing table models.toml names no model."


def test_a_model_whose_window_is_too_small_is_passed_over_unless_it_is_the_only_one() -> None:
    assert SMALL not in routed(Wants(Tier.FAST, 9_000)).route
    others = tuple(model for model in TABLE.models if model != SMALL)
    assert routed(Wants(Tier.FAST, 9_000), without=others).route == (SMALL,)


def test_a_budget_that_is_nearly_used_up_asks_one_tier_less() -> None:
    saved = routed(Wants(Tier.STRONG, save=True))
    assert (saved.route[0], saved.tier) == (SONNET, Tier.STANDARD)
    assert saved.why == "The standard tier instead of strong, since a budget is nearly used up."
    assert routed(Wants(Tier.FAST, save=True)).tier is Tier.FAST
    assert routed(Wants(Tier.STRONG, save=True), without=(SONNET,)).tier is Tier.FAST


def test_a_role_can_be_given_another_tier_than_its_file_says() -> None:
    table = RoutingTable(TIERS, roles={"tester": Tier.FAST})
    auto = ModelRef.parse("auto/role")
    assert table.tier_of(auto, "tester", Tier.STRONG) is Tier.FAST
    assert table.tier_of(auto, "engineer", Tier.STRONG) is Tier.STRONG
    assert table.tier_of(ModelRef.parse("auto/standard"), "tester", Tier.STRONG) is Tier.STANDARD


models = st.builds(ModelRef, st.sampled_from(["ollama", "anthropic", "openai"]), st.sampled_from("abcd"))


@given(
    tiers=st.dictionaries(st.sampled_from(Tier), st.lists(models, max_size=4).map(tuple)),
    tier=st.sampled_from(Tier),
    save=st.booleans(),
    banned=st.sets(models),
)
def test_a_route_holds_every_usable_model_once_and_what_runs_here_last_unless_the_tier_is_that_alone(
    tiers: dict[Tier, tuple[ModelRef, ...]], tier: Tier, save: bool, banned: set[ModelRef]
) -> None:
    table = RoutingTable(tiers)
    routed = choose(table, Wants(tier, save=save), lambda model: model not in banned, lambda _model: 1)
    route = routed.route
    assert set(route) == set(table.models) - banned
    assert len(route) == len(set(route))
    wanted = [model for model in tiers.get(routed.tier, ()) if model not in banned]
    assert not wanted or route[0] in wanted
    if any(model.provider not in LOCAL_PROVIDERS for model in wanted):
        local = [model.provider in LOCAL_PROVIDERS for model in route]
        assert local == sorted(local)
