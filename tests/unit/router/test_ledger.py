from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio.base.redact import Redactor
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.contracts.clock import Clock
from studio.domain.budgets import Budget, Payer, Period, Scope, ScopeKind, alerted
from studio.domain.errors import NotFound, OverBudget, ProviderError, ProviderFault, UserError
from studio.domain.events import BudgetAlerted, BudgetRemoved, BudgetSet, Recorded, ReservationReleased, UsageRecorded
from studio.domain.ids import ProjectId, ReservationId, RunId, TurnId
from studio.domain.images import image_of
from studio.domain.messages import ChatMessage, FinishReason, Speaker
from studio.domain.models import ModelCard, ModelRef
from studio.domain.money import NanoUsd, from_usd
from studio.domain.offers import Listed
from studio.domain.roles import Tier
from studio.domain.routing import RoutingTable, Wants
from studio.domain.usage import Usage
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router import ledger as books
from studio.router.bounds import most_tokens
from studio.router.current_table import CurrentTable
from studio.router.facts import FactFinder
from studio.router.failures import Failure
from studio.router.ledger import Ledger
from studio.router.prices import Price, Prices
from studio.router.registry import Registry
from studio.router.router import Completion, Router
from studio.router.routing import Routes
from studio.router.windows import Windows
from studio.store import budgets, event_log, usage
from studio.store.database import Database
from tests.fixtures.images import png

SHOP, OTHER = ProjectId("pshop"), ProjectId("pother")
PAYER = Payer(SHOP, RunId("r1"), TurnId("t1"), 1, "engineer")
DEAR, FREE, UNPRICED = ModelRef("openai", "dear"), ModelRef("ollama", "free"), ModelRef("openai", "house-special-9")
REQUEST = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello."),), max_output_tokens=100_000)
COMPANY = Scope(ScopeKind.COMPANY)
# A dollar per 100,000 tokens of output; what is asked costs nothing.
PRICES = {"openai/dear": Price(Decimal(0), Decimal(10))}


def usd(amount: float | str) -> NanoUsd:
    return from_usd(Decimal(str(amount)))


class Books:
    """A ledger on a real database, and what it told."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.recorder = Recorder(database, Hub(Redactor(())), clock, Redactor(()))
        self.prices = Prices(PRICES)
        self.ledger = Ledger(database, self.recorder, self.prices, clock)

    def routes(self, table: RoutingTable, *, usable: bool = True) -> Routes:
        """Routes that save when this ledger says so."""
        registry, prices = Registry(), Prices(PRICES)
        facts = FactFinder(self.database, registry, prices, Windows(registry), self.clock, lambda _model: usable)
        return Routes(CurrentTable(None, table=table), facts, self.ledger)

    async def budget(self, scope: Scope, amount: float, period: Period = Period.TOTAL, percent: int = 80) -> None:
        """Sets a ceiling."""
        async with self.database.transaction() as connection:
            await budgets.save(connection, Budget(scope, period, usd(amount), percent))

    async def pay(self, held: books.Held | None, amount: float, payer: Payer = PAYER) -> None:
        """Records a call of this cost, as the journal does."""
        spent = UsageRecorded(payer.turn, payer.step, str(DEAR), payer.role, 1, 1, cost_nusd=usd(amount))
        async with self.database.transaction() as connection:
            usage.add(connection, payer.project, payer.run, spent, self.clock.now())
            books.settle(connection, held)

    async def balance(self) -> tuple[float, float]:
        """What is paid and held of the one budget, in dollars."""
        (balance,) = await self.ledger.balances()
        return float(balance.paid_nusd) / 1e9, float(balance.held_nusd) / 1e9

    async def told(self, kind: type) -> list[Recorded]:
        """The recorded events of a kind."""
        async with self.database.reading() as connection:
            return [item for item in await event_log.since(connection, 0) if isinstance(item.event, kind)]


@pytest.fixture
async def story(tmp_path: Path, clock: Clock) -> AsyncIterator[Books]:
    """A ledger."""
    database = await Database.open(tmp_path / "studio.db")
    yield Books(database, clock)
    await database.close()


async def test_the_most_that_a_call_can_cost_is_held_until_it_is_recorded(story: Books) -> None:
    await story.budget(COMPANY, 5)
    held = await story.ledger.hold(PAYER, DEAR, REQUEST)
    assert await story.balance() == (0, 1)

    await story.pay(held, 0.25)

    assert await story.balance() == (0.25, 0)
    assert await story.ledger.reservations() == ()


async def test_of_ten_calls_at_once_with_money_for_three_three_go_out(story: Books) -> None:
    await story.budget(COMPANY, 3.0)
    calls = [story.ledger.hold(replace(PAYER, run=RunId(f"r{at}")), DEAR, REQUEST) for at in range(10)]
    done = await asyncio.gather(*calls, return_exceptions=True)

    assert [held.nusd for held in done if isinstance(held, books.Held)] == [usd(1)] * 3
    assert sum(isinstance(refused, OverBudget) for refused in done) == 7


async def test_a_reply_is_shortened_to_what_is_left_and_refused_where_that_is_of_no_use(story: Books) -> None:
    await story.budget(COMPANY, 1.3)
    assert (await story.ledger.hold(PAYER, DEAR, REQUEST)).max_output_tokens == 100_000
    assert (await story.ledger.hold(PAYER, DEAR, REQUEST)).max_output_tokens == 30_000

    with pytest.raises(OverBudget) as caught:
        await story.ledger.hold(PAYER, DEAR, REQUEST)

    assert caught.value.sentence == (
        "One more step with openai/dear could cost $0.0102, and of the budget of $1.30 in total for the company "
        "$0.00 is left."
    )
    assert "studio budget list" in caught.value.action


@pytest.mark.parametrize(
    ("ceiling", "paid", "period", "words", "waits"),
    [
        (0.01, 0, Period.MONTH, "the whole budget of $0.0100 per month for the company is less than that.", False),
        (1, 0.995, Period.MONTH, "of the budget of $1.00 per month for the company $0.0050 is left.", True),
        (1, 0.995, Period.TOTAL, "of the budget of $1.00 in total for the company $0.0050 is left.", False),
    ],
)
async def test_to_wait_is_advised_only_where_that_helps(
    story: Books, ceiling: float, paid: float, period: Period, words: str, waits: bool
) -> None:
    await story.budget(COMPANY, ceiling, period)
    await story.pay(None, paid)

    with pytest.raises(OverBudget) as caught:
        await story.ledger.hold(PAYER, DEAR, REQUEST)

    assert caught.value.sentence.endswith(f"could cost $0.0102, and {words}")
    assert ("wait until" in caught.value.action) is waits


@pytest.mark.parametrize("scope", [COMPANY, Scope(ScopeKind.PROJECT, SHOP), Scope(ScopeKind.RUN, "r1")])
async def test_every_scope_that_a_call_belongs_to_must_be_able_to_pay_it(story: Books, scope: Scope) -> None:
    await story.budget(scope, 0)
    with pytest.raises(OverBudget):
        await story.ledger.hold(PAYER, DEAR, REQUEST)


async def test_the_budget_of_another_project_is_not_asked(story: Books) -> None:
    await story.budget(Scope(ScopeKind.PROJECT, OTHER), 0)
    assert (await story.ledger.hold(PAYER, DEAR, REQUEST)).nusd == usd(1)


@pytest.mark.parametrize(("period", "days"), [(Period.DAY, 1), (Period.MONTH, 31)])
async def test_a_new_period_begins_with_the_whole_budget(story: Books, clock: Any, period: Period, days: int) -> None:
    await story.budget(COMPANY, 1, period)
    await story.pay(None, 1)
    with pytest.raises(OverBudget):
        await story.ledger.hold(PAYER, DEAR, REQUEST)

    await clock.sleep(days * 86_400)

    assert (await story.ledger.hold(PAYER, DEAR, REQUEST)).nusd == usd(1)


async def test_a_total_never_begins_anew(story: Books, clock: Any) -> None:
    await story.budget(COMPANY, 1)
    await story.pay(None, 1)
    await clock.sleep(400 * 86_400)
    with pytest.raises(OverBudget):
        await story.ledger.hold(PAYER, DEAR, REQUEST)


async def passes_in(story: Books, payer: Payer = PAYER) -> float | None:
    """In how many seconds there is money again for a call that is refused now."""
    with pytest.raises(OverBudget) as refused:
        await story.ledger.hold(payer, DEAR, REQUEST)
    return refused.value.passes_in


@pytest.mark.parametrize(("period", "days"), [(Period.DAY, 1), (Period.MONTH, 31), (Period.TOTAL, None)])
async def test_a_budget_that_is_used_up_says_when_its_period_ends(
    story: Books, period: Period, days: int | None
) -> None:
    await story.budget(COMPANY, 1, period)
    await story.pay(None, 1)
    assert await passes_in(story) == (None if days is None else days * 86_400)


async def test_the_last_of_several_budgets_to_have_money_again_counts(story: Books) -> None:
    await story.budget(COMPANY, 1, Period.DAY)
    await story.budget(Scope(ScopeKind.PROJECT, SHOP), 1, Period.MONTH)
    await story.pay(None, 1)
    assert await passes_in(story) == 31 * 86_400


async def test_a_budget_that_cannot_pay_one_call_in_a_whole_period_never_has_enough(story: Books) -> None:
    await story.budget(COMPANY, 0.01, Period.DAY)
    assert await passes_in(story) is None


async def test_money_that_is_held_for_calls_under_way_may_be_back_in_a_minute(story: Books) -> None:
    await story.budget(COMPANY, 1)
    held = await story.ledger.hold(PAYER, DEAR, REQUEST)
    assert await passes_in(story) == 60
    await story.ledger.keep(held)
    assert await passes_in(story) is None


async def test_what_a_message_may_cost_comes_back_with_no_period(story: Books) -> None:
    await story.budget(COMPANY, 1, Period.DAY)
    await story.pay(None, 1)
    assert await passes_in(story, replace(PAYER, left_nusd=usd(0))) is None


async def test_what_a_message_may_cost_is_kept_without_any_budget(story: Books) -> None:
    assert (await story.ledger.hold(replace(PAYER, left_nusd=usd(0.5)), DEAR, REQUEST)).max_output_tokens == 50_000
    with pytest.raises(OverBudget, match=r"this message may cost \$0.0010 more"):
        await story.ledger.hold(replace(PAYER, left_nusd=usd("0.001")), DEAR, REQUEST)


async def test_a_model_without_a_price_is_asked_under_a_budget_once_it_is_given_one(
    story: Books, tmp_path: Path
) -> None:
    path = tmp_path / "prices.toml"
    ledger = Ledger(story.database, story.recorder, Prices(path=path), story.clock)
    await story.budget(COMPANY, 9)
    with pytest.raises(OverBudget, match="no known price"):
        await ledger.hold(PAYER, UNPRICED, REQUEST)
    path.write_text(f'["{UNPRICED}"]\ninput = 1\noutput = 10\n', encoding="utf-8")
    assert (await ledger.hold(PAYER, UNPRICED, REQUEST)).nusd > 0


async def test_a_model_without_a_price_is_asked_only_where_there_is_no_limit(story: Books) -> None:
    assert await story.ledger.hold(PAYER, UNPRICED, REQUEST) == books.Held(100_000)
    with pytest.raises(OverBudget, match="no known price"):
        await story.ledger.hold(replace(PAYER, left_nusd=usd(9)), UNPRICED, REQUEST)
    await story.budget(COMPANY, 9)
    with pytest.raises(OverBudget, match="no known price"):
        await story.ledger.hold(PAYER, UNPRICED, REQUEST)


async def test_a_model_without_a_price_that_its_provider_does_not_list_is_told_with_the_nearest(story: Books) -> None:
    async def unlisted(model: ModelRef) -> str:
        return Listed("OpenAI", ("house-special-8",)).caution(model.name)

    ledger = Ledger(story.database, story.recorder, story.prices, story.clock, unlisted)
    await story.budget(COMPANY, 9)
    with pytest.raises(OverBudget, match=r"OpenAI does not list it\. Did you mean house-special-8\?") as refused:
        await ledger.hold(PAYER, UNPRICED, REQUEST)
    assert refused.value.action.startswith("Choose a model with a known price")


async def test_a_free_model_is_asked_when_nothing_is_left(story: Books) -> None:
    await story.budget(COMPANY, 0)
    assert await story.ledger.hold(PAYER, FREE, REQUEST) == books.Held(100_000)


async def test_what_a_dead_process_held_counts_until_a_person_releases_it(story: Books) -> None:
    await story.budget(COMPANY, 2)
    held = await story.ledger.hold(PAYER, DEAR, REQUEST)
    assert held.reservation is not None
    with pytest.raises(NotFound):
        await story.ledger.release(held.reservation)

    assert await Ledger(story.database, story.recorder, story.prices, story.clock).reconcile() == 1
    assert await story.balance() == (0, 1)
    (row,) = await story.ledger.reservations()
    assert (row.kept, row.model, row.held_nusd) == (True, DEAR, usd(1))

    await story.ledger.release(held.reservation)

    assert await story.balance() == (0, 0)
    assert [item.event for item in await story.told(ReservationReleased)] == [
        ReservationReleased(held.reservation, "openai/dear", usd(1))
    ]
    with pytest.raises(NotFound):
        await story.ledger.release(ReservationId("v0"))


async def test_a_person_is_told_once_in_a_period_that_a_budget_runs_out(story: Books, clock: Any) -> None:
    await story.budget(COMPANY, 10, Period.MONTH)
    await story.pay(None, 7.9)
    await story.ledger.paid(PAYER)
    assert await story.told(BudgetAlerted) == []

    await story.pay(None, 0.1)
    await story.ledger.paid(PAYER)
    await story.pay(None, 0.1)
    await story.ledger.paid(PAYER)

    (told,) = await story.told(BudgetAlerted)
    assert (told.event, told.project, told.run) == (BudgetAlerted("company", "month", usd(10), usd(8)), SHOP, "r1")
    await clock.sleep(31 * 86_400)
    await story.pay(None, 8)
    await story.ledger.paid(PAYER)
    assert len(await story.told(BudgetAlerted)) == 2


async def test_what_is_held_for_calls_under_way_alarms_nobody_and_what_is_kept_does(story: Books) -> None:
    await story.budget(COMPANY, 1)
    held = await story.ledger.hold(PAYER, DEAR, REQUEST)
    await story.ledger.paid(PAYER)
    assert await story.told(BudgetAlerted) == []

    await story.ledger.keep(held)
    await story.ledger.paid(PAYER)

    (told,) = await story.told(BudgetAlerted)
    assert told.event == BudgetAlerted("company", "total", usd(1), usd(0), usd(1))


async def test_a_budget_that_is_set_below_what_was_paid_tells_at_once(story: Books) -> None:
    await story.pay(None, 9)
    balance = await story.ledger.set_budget(Budget(Scope(ScopeKind.PROJECT, SHOP), Period.DAY, usd(8)))
    assert (balance.paid_nusd, balance.left_nusd) == (usd(9), usd(-1))
    event = BudgetAlerted("project:pshop", "day", usd(8), usd(9))
    assert [item.event for item in await story.told(BudgetSet)] == [BudgetSet("project:pshop", "day", usd(8), 80)]
    assert [item.event for item in await story.told(BudgetAlerted)] == [event]
    assert alerted(event) == "$9.00 of the budget of $8.00 per day for this project is used (112%)."


async def test_how_near_the_ceiling_is_counts_what_is_held_in_the_tightest_budget(story: Books) -> None:
    assert await story.ledger.nearness(PAYER) == 0
    await story.budget(COMPANY, 10)
    await story.budget(Scope(ScopeKind.RUN, "r1"), 4)
    await story.budget(Scope(ScopeKind.RUN, "r2"), 1)
    await story.ledger.hold(PAYER, DEAR, REQUEST)
    await story.pay(None, 1)
    assert await story.ledger.nearness(PAYER) == 0.5


async def test_a_removed_budget_limits_nothing(story: Books) -> None:
    await story.budget(COMPANY, 0)
    assert await story.ledger.remove_budget(COMPANY, Period.TOTAL)
    assert not await story.ledger.remove_budget(COMPANY, Period.TOTAL)
    assert [item.event for item in await story.told(BudgetRemoved)] == [BudgetRemoved("company", "total")]
    assert (await story.ledger.hold(PAYER, DEAR, REQUEST)).nusd == usd(1)


async def test_what_was_to_cost_nothing_and_bills_is_asked_no_more_where_there_is_a_budget(story: Books) -> None:
    await story.budget(COMPANY, 5)
    assert (await story.ledger.hold(PAYER, FREE, REQUEST)).nusd == 0
    story.prices.charged(FREE, NanoUsd(0), usd(1))

    with pytest.raises(OverBudget, match="ollama was to cost nothing, and has billed a call all the same"):
        await story.ledger.hold(PAYER, FREE, REQUEST)


class Asked:
    """A chat model that does as it is told."""

    def __init__(self, *turns: Any) -> None:
        self.turns = list(turns)
        self.asked: list[ModelRequest] = []
        self.begun = asyncio.Event()

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """The next turn: an error is raised, None lasts for ever."""
        self.asked.append(request)
        self.begun.set()
        match self.turns.pop(0):
            case None:
                await asyncio.Event().wait()
                raise AssertionError
            case Exception() as error:
                raise error
            case usage:
                return ModelReply("Hi.", (), FinishReason.STOP, usage)

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """None."""
        return None

    async def list_models(self) -> tuple[ModelCard, ...]:
        """None."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""


async def ask(story: Books, model: Asked, *route: ModelRef, payer: Payer = PAYER) -> Completion:
    """One call along a route, with its failures recorded as the journal records them."""
    router = Router(lambda _name: model, story.prices, story.clock, story.ledger, jitter=lambda: 0.5)

    async def failed(failure: Failure) -> None:
        async with story.database.transaction() as connection:
            if failure.is_paid_for:
                books.settle(connection, failure.held)
            else:
                books.keep(connection, failure.held, NanoUsd(failure.cost_nusd or 0))

    return await router.complete(route, REQUEST, payer, lambda _kind, _text: None, failed)


async def test_the_model_is_asked_for_no_longer_a_reply_than_can_be_paid(story: Books) -> None:
    await story.budget(COMPANY, 0.25)
    model = Asked(Usage(1, 1))
    await ask(story, model, DEAR)
    assert model.asked[0].max_output_tokens == 25_000


async def test_a_model_that_no_budget_can_pay_is_passed_over_for_one_that_is_free(story: Books) -> None:
    await story.budget(COMPANY, 0)
    model = Asked(Usage(1, 1))
    assert (await ask(story, model, DEAR, FREE)).model == FREE
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    ("fault", "held"),
    [
        (ProviderFault.AUTH, 0),
        (ProviderFault.RATE_LIMITED, 0),
        (ProviderFault.OVERLOADED, 0),
        (ProviderFault.UNREACHABLE, 0),
        (ProviderFault.TIMED_OUT, 1),
        (ProviderFault.BROKEN_STREAM, 1),
    ],
)
async def test_money_is_kept_where_the_provider_may_have_got_on(story: Books, fault: ProviderFault, held: int) -> None:
    await story.budget(COMPANY, 9)
    error = ProviderError(fault, "No.", retry_after=9999)
    with pytest.raises(ProviderError):
        await ask(story, Asked(error), DEAR)
    assert await story.balance() == (0, held)


async def test_what_is_known_of_a_broken_call_is_not_held_as_well(story: Books) -> None:
    await story.budget(COMPANY, 9)
    error = ProviderError(ProviderFault.BROKEN_STREAM, "No.", retry_after=9999)
    error.usage = Usage(1, 40_000)
    with pytest.raises(ProviderError):
        await ask(story, Asked(error), DEAR)
    assert await story.balance() == (0, 0.6)


async def test_tries_that_broke_are_paid_from_what_the_message_may_cost(story: Books) -> None:
    broken = ProviderError(ProviderFault.BROKEN_STREAM, "No.")
    broken.usage = Usage(1, 20_000)
    model = Asked(broken, Usage(1, 1), Usage(1, 1))
    limited = replace(PAYER, left_nusd=usd(1.5), since=story.clock.now())
    await ask(story, model, DEAR, payer=limited)
    assert [request.max_output_tokens for request in model.asked] == [100_000, 50_000]

    await ask(story, model, DEAR, payer=replace(limited, left_nusd=usd(1.3)))
    assert model.asked[-1].max_output_tokens == 50_000


async def test_a_call_under_way_at_midnight_counts_on_both_days(story: Books, clock: Any) -> None:
    await clock.sleep(86_399)
    await story.budget(COMPANY, 1, Period.DAY)
    held = await story.ledger.hold(PAYER, DEAR, REQUEST)
    await clock.sleep(5)
    with pytest.raises(OverBudget):
        await story.ledger.hold(PAYER, DEAR, REQUEST)
    await story.pay(held, 1)
    with pytest.raises(OverBudget):
        await story.ledger.hold(PAYER, DEAR, REQUEST)


async def test_a_call_that_a_person_stops_is_kept(story: Books) -> None:
    await story.budget(COMPANY, 9)
    model = Asked(None)
    call = asyncio.create_task(ask(story, model, DEAR))
    await model.begun.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert [row.kept for row in await story.ledger.reservations()] == [True]


async def test_a_call_that_is_stopped_while_its_failure_is_recorded_is_kept(story: Books) -> None:
    await story.budget(COMPANY, 9)
    recording = asyncio.Event()

    async def record(_failure: Failure) -> None:
        recording.set()
        await asyncio.Event().wait()

    model = Asked(ProviderError(ProviderFault.BROKEN_STREAM, "No."))
    router = Router(lambda _name: model, story.prices, story.clock, story.ledger)
    call = asyncio.create_task(router.complete((DEAR,), REQUEST, PAYER, lambda _kind, _text: None, record))
    await recording.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert [row.kept for row in await story.ledger.reservations()] == [True]


def test_a_provider_that_failed_in_the_middle_of_a_reply_may_have_charged_for_it() -> None:
    overloaded = ProviderError(ProviderFault.OVERLOADED, "No.")
    assert Failure(DEAR, overloaded, voids=False).is_paid_for
    assert not Failure(DEAR, overloaded, voids=True).is_paid_for


def test_no_tokenizer_makes_more_tokens_than_bytes() -> None:
    messages = (ChatMessage(Speaker.HUMAN, "漢字" * 1000), ChatMessage(Speaker.AGENT, opaque={"signature": "x" * 500}))
    assert most_tokens(replace(REQUEST, messages=messages)) >= 6000 + 500


@pytest.mark.parametrize(("model", "most"), [("gpt-4o-mini-2024-07-18", 48_169), ("claude-sonnet-4-5", 6_500)])
def test_an_image_counts_as_much_as_the_model_can_make_of_it(model: str, most: int) -> None:
    image = image_of(png())
    messages = (ChatMessage(Speaker.HUMAN, "See.", images=(image,)),)
    bare = (ChatMessage(Speaker.HUMAN, "See."),)
    with_image, without = (most_tokens(replace(REQUEST, messages=each), model) for each in (messages, bare))
    assert with_image - without == most


@pytest.mark.parametrize(("paid", "tier"), [(0.5, Tier.STRONG), (0.95, Tier.FAST)])
async def test_near_its_ceiling_a_route_begins_with_a_weaker_tier(story: Books, paid: float, tier: Tier) -> None:
    routes = story.routes(RoutingTable({Tier.STRONG: ((DEAR,),), Tier.FAST: ((FREE,),)}))
    await story.budget(COMPANY, 1)
    await story.pay(None, paid)
    routed = await routes.of((ModelRef.parse("auto/role"),), "engineer", Wants(Tier.STRONG), PAYER)
    assert (routed.tier, routed.route[0]) == (tier, DEAR if tier is Tier.STRONG else FREE)
    named = (ModelRef.parse("auto/strong"), UNPRICED)
    assert (await routes.of(named, "x", Wants(Tier.FAST), PAYER)).route[-1] == UNPRICED


async def test_a_route_of_which_nothing_can_be_used_says_what_to_write(story: Books) -> None:
    routes = story.routes(RoutingTable({Tier.FAST: ((DEAR,),)}), usable=False)
    with pytest.raises(UserError, match=r"No model of the routing table can be used.*models\.toml"):
        await routes.of((ModelRef.parse("auto/fast"),), "engineer", Wants(Tier.FAST), PAYER)
