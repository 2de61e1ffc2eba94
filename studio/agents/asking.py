"""Asking: the model's reply to the next step, asked for once more when a provider finds the context too long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from studio.agents import limits
from studio.agents.context import Context, Shown
from studio.agents.difficulty import difficulty_of
from studio.agents.history import History
from studio.agents.journal import Journal
from studio.agents.live import LiveRun
from studio.agents.paying import payer_of
from studio.agents.pictures import with_pictures
from studio.agents.recalling import Recaller
from studio.contracts.clock import Clock
from studio.domain.errors import OutsideError, ProviderError, ProviderFault
from studio.domain.events import Delta
from studio.domain.messages import FinishReason
from studio.domain.models import ModelRef
from studio.domain.roles import Role
from studio.domain.routing import Routed, Wants, is_auto
from studio.domain.runs import Run
from studio.domain.tasks import Task
from studio.router.failures import Failure
from studio.router.router import Router
from studio.router.routing import Routes

STILL_TOO_LONG = "{refused} Older steps were shortened once more, and it was refused again."
NOTHING_SHORTER = "{refused} Nothing in it can be shortened further."
TOO_LONG_NEXT = "Start a new run that says what matters, or choose a model with more context."


class Asker:
    """Asks for one run's replies; what came of it is in the log."""

    def __init__(
        self,
        run: Run,
        live: LiveRun,
        journal: Journal,
        router: Router,
        clock: Clock,
        on_delta: Callable[[Delta], None],
        context: Context,
        recaller: Recaller,
        routes: Routes,
        role: Role,
        task: Task | None = None,
    ) -> None:
        self._run = run
        self._live = live
        self._journal = journal
        self._router = router
        self._clock = clock
        self._on_delta = on_delta
        self._context = context
        self._recaller = recaller
        self._routes = routes
        self._role = role
        self._task = task

    async def ask(self, history: History) -> FinishReason:
        """Records the model's next reply and says how it ended. Raises StudioError when there is none.

        A provider knows its window better than any list: a context that it finds too long is compacted harder and
        sent once more.
        """
        routed = await self._routed(history)
        shown = await self._shown(history, routed)
        try:
            return await self._complete(history, routed.route, shown)
        except ProviderError as error:
            if error.fault is not ProviderFault.CONTEXT_TOO_LONG:
                raise
            refused = error
        return await self._ask_shorter(history, routed, refused)

    async def _routed(self, history: History) -> Routed:
        """The models of this step."""
        run, role = self._run, self._role
        named = (run.model, *run.fallbacks)
        if not any(map(is_auto, named)):
            return Routed(named, role.tier, "")
        tokens, ease = self._context.room(history)
        difficulty, because = difficulty_of(history, self._task)
        last = ModelRef.parse(history.replied) if history.replied else None
        wants = Wants(role.tier, tokens, ease, difficulty=difficulty, because=because, last=last)
        return await self._routes.of(named, role.name, wants, payer_of(run, history, history.total_steps + 1))

    async def _shown(self, history: History, routed: Routed) -> Shown:
        shown = await self._context.next(history, routed.route)
        return replace(shown, routed=routed) if routed.why else shown

    async def _ask_shorter(self, history: History, routed: Routed, refused: ProviderError) -> FinishReason:
        limits.check(self._run.limits, history, self._clock.now())
        before = history.conversation
        # The history knows of the refusal by now: less is shown.
        shown = await self._shown(history, routed)
        if history.conversation is before:
            raise OutsideError(NOTHING_SHORTER.format(refused=refused.sentence), TOO_LONG_NEXT) from refused
        try:
            return await self._complete(history, routed.route, shown)
        except ProviderError as error:
            if error.fault is not ProviderFault.CONTEXT_TOO_LONG:
                raise
            raise OutsideError(STILL_TOO_LONG.format(refused=error.sentence), TOO_LONG_NEXT) from error

    async def _complete(self, history: History, route: tuple[ModelRef, ...], shown: Shown) -> FinishReason:
        step = await self._journal.start_step(self._run, history, shown)

        async def on_failure(failure: Failure) -> None:
            await self._journal.model_failed(self._run, history, step, failure)

        def on_delta(kind: str, text: str) -> None:
            self._on_delta(Delta(self._run.project, self._run.id, kind, text))

        request = await with_pictures(shown.request, self._live.workspaces.pictures(self._run.project))
        left = limits.seconds_left(self._run.limits, history, self._clock.now())
        payer = payer_of(self._run, history, step)
        request = replace(request, total_seconds=left)
        done = await self._recaller.find(route, request)
        if done is None:
            done = await self._router.complete(
                *(route, request, payer, on_delta, on_failure), waits=True, insists=history.is_first_try()
            )
        try:
            await self._journal.record_reply(self._run, history, step, done)
        except BaseException:
            await self._router.keep(done.held)
            raise
        await self._router.paid(payer)
        await self._recaller.keep(request, done)
        return done.reply.finish
