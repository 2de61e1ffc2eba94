"""Whatever calls, failures, stops and kills there are, the ledger says what the provider bills, and never less.

The machine asks a provider of its own through the real router, ledger, journal and database. The provider notes what it
bills for each call at the moment at which the call's end is decided, whether or not anybody hears of it. Its tokenizer
makes some share of the bytes of each message; asked beforehand, it counts a little wrong, or not at all.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from studio.agents.history import History
from studio.agents.journal import Journal
from studio.agents.paying import payer_of
from studio.base.redact import Redactor
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.domain.budgets import Budget, Payer, Period, Scope, ScopeKind
from studio.domain.errors import ProviderError, ProviderFault, StudioError
from studio.domain.ids import RunId
from studio.domain.messages import ChatMessage, FinishReason, Speaker
from studio.domain.models import ModelCard, ModelRef
from studio.domain.money import NanoUsd
from studio.domain.runs import Run
from studio.domain.usage import Usage
from studio.events.hub import Hub
from studio.router.bounds import PER_REQUEST
from studio.router.failures import Failure
from studio.router.ledger import Held, Ledger
from studio.router.prices import Price, Prices
from studio.router.router import Router
from studio.store import usage
from studio.store.database import Database
from tests.fixtures.memory import NOON, a_project, a_run, recorder_on

DEAR = ModelRef("openai", "dear")
# No token costs a whole number of nano-dollars, so that every sum is one of rounded prices.
PRICE = Price(Decimal("0.70007"), Decimal("3.30003"), Decimal("0.0707"), Decimal("0.8757"))
REQUEST = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello."),), max_output_tokens=5000)
PROJECT = a_project()
# Nano-dollars for a part of a call, for one, for some, and for more than there are.
CEILINGS = (10_000_000, 25_000_000, 90_000_000, 900_000_000)

UNCHARGED = (ProviderFault.AUTH, ProviderFault.BAD_REQUEST, ProviderFault.UNREACHABLE, ProviderFault.OVERLOADED)
CHARGED = (ProviderFault.BROKEN_STREAM, ProviderFault.TIMED_OUT)


def _no_count(tokens: int) -> int | None:
    raise ProviderError(ProviderFault.RATE_LIMITED, "No.")


COUNTING: dict[str, Callable[[int], int | None]] = {
    "not at all": lambda _tokens: None,
    "right": lambda tokens: tokens,
    "too low": lambda tokens: tokens * 20 // 21,
    "too high": lambda tokens: 3 * tokens,
    "not now": _no_count,
}
# How much is said in one message: some words, a file, a long log.
WORDS = (1, 400, 6000)

T = TypeVar("T")
parts = st.fractions(0, 1)
RUNS = st.sampled_from(["r1", "r2", "r3"])


class StandingClock:
    """Time in which every wait has passed at once."""

    def now(self) -> Any:
        """Always noon."""
        return NOON

    def monotonic(self) -> float:
        """Seconds since whenever."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Only lets others go on."""
        await asyncio.sleep(0)


def tokens_of(request: ModelRequest) -> int:
    """What the provider's tokenizer makes of a request, with words of its own round it."""
    return _share("words of its own", PER_REQUEST) + sum(
        _share(text, len(text.encode()) + 16) for text in (request.system, *(said.text for said in request.messages))
    )


def _share(text: str, most: int) -> int:
    return most * (crc32(text.encode()) % 101) // 100


@dataclass(eq=False)
class Call:
    """A call that reached the provider and waits there for its end."""

    request: ModelRequest
    end: asyncio.Future[ModelReply]

    def used(self, asked: Any, said: Any, cached: Any, written: Any) -> Usage:
        """Any usage that such a call can have, of the part of it that is `asked`."""
        tokens = int(tokens_of(self.request) * asked)
        read = int(tokens * cached)
        output = int(self.request.max_output_tokens * said)
        return Usage(tokens, output, read, int((tokens - read) * written))


class Provider:
    """A provider that bills for what it was asked; tests decide how its calls end."""

    def __init__(self) -> None:
        self.bill = 0
        self.open: dict[asyncio.Task[Any], Call] = {}
        self.moved = asyncio.Event()
        self.counts: Callable[[int], int | None] = COUNTING["not at all"]

    def charge(self, used: Usage) -> int:
        """Puts a call on the bill."""
        cost = PRICE.cost(used)
        self.bill += cost
        return cost

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """Waits for the call's end."""
        task = asyncio.current_task()
        assert task is not None
        call = self.open[task] = Call(request, asyncio.get_running_loop().create_future())
        self.moved.set()
        try:
            return await call.end
        finally:
            self.open.pop(task, None)

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """As it counts at the moment."""
        return self.counts(tokens_of(request))

    async def list_models(self) -> tuple[ModelCard, ...]:
        """None."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""


class WatchedLedger(Ledger):
    """Sees with each hold that it covers the most that this very call can cost: sums would hide one that does not."""

    async def hold(
        self, payer: Payer, model: ModelRef, request: ModelRequest, tokens: int | None = None, *, or_less: bool = True
    ) -> Held:
        """See Ledger."""
        held = await super().hold(payer, model, request, tokens, or_less=or_less)
        counted = tokens_of(request)
        # Each of two prices is rounded by itself.
        assert held.nusd + 1 >= PRICE.cost(Usage(counted, held.max_output_tokens, 0, counted))
        return held


class Books(RuleBasedStateMachine):
    """Runs that ask at once, and all that can happen to their calls."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.provider = Provider()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.known = 0
        self.ceiling = 0
        self.chats: defaultdict[str, tuple[ChatMessage, ...]] = defaultdict(tuple)
        self.run_until_quiet(self.start())

    @initialize(ceiling=st.sampled_from(CEILINGS), of_run=st.sampled_from(CEILINGS))
    def set_budgets(self, ceiling: int, of_run: int) -> None:
        self.ceiling = ceiling

        async def set_them() -> None:
            for scope, nusd in ((Scope(ScopeKind.COMPANY), ceiling), (Scope(ScopeKind.RUN, "r1"), of_run)):
                await self.ledger.set_budget(Budget(scope, Period.MONTH, NanoUsd(nusd)))

        self.run_until_quiet(set_them())

    @rule(counting=st.sampled_from(sorted(COUNTING)))
    def count(self, counting: str) -> None:
        self.provider.counts = COUNTING[counting]

    @rule(run=RUNS, words=st.sampled_from(WORDS), word=st.text(min_size=1, max_size=4), kept=st.integers(0, 3))
    def tell_otherwise(self, run: str, words: int, word: str, kept: int) -> None:
        """A chat is compacted, or goes back and on: it begins otherwise than what was counted."""
        told = ChatMessage(Speaker.HUMAN, f"{len(self.chats[run])} {word} " * words)
        self.chats[run] = (told, *self.chats[run][1:][-kept:])

    @rule(run=RUNS, calls=st.integers(1, 4), words=st.sampled_from(WORDS), word=st.text(min_size=1, max_size=4))
    def ask(self, run: str, calls: int, words: int, word: str) -> None:
        self.chats[run] += (ChatMessage(Speaker.HUMAN, f"{word} " * words),)

        async def begin() -> None:
            for _ in range(calls):
                self.tasks.add(asyncio.create_task(self.step(a_run(PROJECT, id=RunId(run), model=DEAR))))

        self.run_until_quiet(begin())

    @precondition(lambda self: self.provider.open)
    @rule(at=st.integers(0, 99), said=parts, cached=parts, written=parts)
    def reply(self, at: int, said: Any, cached: Any, written: Any) -> None:
        call = self.one(at)
        used = call.used(1, said, cached, written)
        self.known += self.provider.charge(used)
        call.end.set_result(ModelReply("Hi.", (), FinishReason.STOP, used))
        self.run_until_quiet()

    @precondition(lambda self: self.provider.open)
    @rule(at=st.integers(0, 99), fault=st.sampled_from(UNCHARGED))
    def refuse(self, at: int, fault: ProviderFault) -> None:
        self.one(at).end.set_exception(ProviderError(fault, "No.", retry_after=9999))
        self.run_until_quiet()

    @precondition(lambda self: self.provider.open)
    @rule(at=st.integers(0, 99), fault=st.sampled_from(CHARGED), asked=parts, said=parts, heard=st.none() | parts)
    def break_off(self, at: int, fault: ProviderFault, asked: Any, said: Any, heard: Any) -> None:
        call = self.one(at)
        self.provider.charge(call.used(asked, said, 0, 1))
        error = ProviderError(fault, "No.", retry_after=9999)
        if heard is not None:
            error.usage = call.used(asked, said * heard, 0, 0)
            self.known += PRICE.cost(error.usage)
        call.end.set_exception(error)
        self.run_until_quiet()

    @precondition(lambda self: self.provider.open)
    @rule(at=st.integers(0, 99), asked=parts, said=parts, written=parts)
    def stop(self, at: int, asked: Any, said: Any, written: Any) -> None:
        call = self.one(at)
        self.provider.charge(call.used(asked, said, 0, written))
        next(task for task, each in self.provider.open.items() if each is call).cancel()
        self.run_until_quiet()

    @precondition(lambda self: self.provider.open)
    @rule(asked=parts, said=parts, replied=st.integers(0, 3))
    def kill(self, asked: Any, said: Any, replied: int) -> None:
        """Nothing more is written from here on; some replies had arrived and were not recorded yet."""
        calls = list(self.provider.open.values())

        async def die() -> None:
            await self.database.close()
            for at, call in enumerate(calls):
                used = call.used(asked, said, 0, 1)
                self.provider.charge(used)
                if at < replied:
                    call.end.set_result(ModelReply("Hi.", (), FinishReason.STOP, used))
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            self.tasks.clear()
            await self.start()
            await self.ledger.reconcile()

        self.run_until_quiet(die())

    @invariant()
    def the_ledger_is_right(self) -> None:
        if not self.ceiling:
            return
        paid, held, kept, under_way = self.runner.run(self.sums())
        assert paid == self.known
        assert paid + kept >= self.provider.bill
        assert paid + held <= self.ceiling
        assert under_way == len(self.provider.open)

    def teardown(self) -> None:
        self.kill(0, 0, 0)
        self.runner.run(self.database.close())
        self.runner.close()
        self.folder.cleanup()

    async def start(self) -> None:
        """A new process on the same data folder."""
        self.database = await Database.open(Path(self.folder.name) / "studio.db")
        recorder = recorder_on(self.database, Hub(Redactor(())))
        prices = Prices({str(DEAR): PRICE})
        self.ledger = WatchedLedger(self.database, recorder, prices, StandingClock())
        self.router = Router(lambda _name: self.provider, prices, StandingClock(), self.ledger)
        self.journal = Journal(self.database, recorder)

    async def step(self, run: Run) -> None:
        """One step of a run, recorded as the turn loop does."""
        history = History()

        async def failed(failure: Failure) -> None:
            await self.journal.model_failed(run, history, 1, failure)

        request = replace(REQUEST, messages=self.chats[run.id])
        done = await self.router.complete(
            (DEAR,), request, payer_of(run, history, 1), lambda _kind, _text: None, failed
        )
        self.chats[run.id] += (ChatMessage(Speaker.AGENT, done.reply.text),)
        await self.journal.record_reply(run, history, 1, done)
        await self.router.paid(payer_of(run, history, 1))

    async def sums(self) -> tuple[int, int, int, int]:
        """What is paid, held and kept of all calls, and of how many of them the end is still to come."""
        rows = await self.ledger.reservations()
        async with self.database.reading() as connection:
            paid = sum(row.cost_nusd or 0 for row in await usage.rows(connection, by="run"))
        (balance,) = [each for each in await self.ledger.balances() if each.budget.scope.kind is ScopeKind.COMPANY]
        assert (balance.paid_nusd, balance.held_nusd) == (paid, sum(row.held_nusd for row in rows))
        return paid, balance.held_nusd, balance.kept_nusd, sum(not row.kept for row in rows)

    def one(self, at: int) -> Call:
        """One of the calls that wait at the provider."""
        calls = list(self.provider.open.values())
        return calls[at % len(calls)]

    def run_until_quiet(self, first: Coroutine[Any, Any, T] | None = None) -> None:
        """Until every step is over or waits at the provider."""

        async def quiet() -> None:
            if first is not None:
                await first
            await asyncio.sleep(0)
            while busy := [task for task in self.tasks if not task.done() and not self._waits(task)]:
                self.provider.moved.clear()
                moved = asyncio.ensure_future(self.provider.moved.wait())
                await asyncio.wait({*busy, moved}, return_when=asyncio.FIRST_COMPLETED)
                moved.cancel()
            for task in [task for task in self.tasks if task.done()]:
                self.tasks.remove(task)
                if not task.cancelled() and (error := task.exception()) is not None:
                    assert isinstance(error, StudioError), error

        self.runner.run(quiet())

    def _waits(self, task: asyncio.Task[Any]) -> bool:
        call = self.provider.open.get(task)
        return call is not None and not call.end.done() and not task.cancelling()


TestTheLedgerIsRight = pytest.mark.filterwarnings("error")(Books.TestCase)
TestTheLedgerIsRight.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
