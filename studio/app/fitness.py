"""The fitness door: what models that run here can do, and which roles they may play."""

from __future__ import annotations

import asyncio

from studio.app.choices import Choices
from studio.app.roles import OfferedRoles
from studio.contracts.chat_model import ModelReply
from studio.domain import fitness as measures
from studio.domain.errors import Cancelled, UserError
from studio.domain.events import ModelMeasured, UsageRecorded
from studio.domain.fitness import Fitness, RoleFit, ToolForm
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.money import FREE
from studio.events.recorder import Recorder
from studio.router.fitness import FitnessTest, OnProgress, Progress
from studio.router.meter import OnReply
from studio.router.prices import Prices
from studio.store import fitness, usage
from studio.store.database import Database
from studio.workflow.acts import Acts, act

_WHAT = "fitness test"
"""Stands where sums of usage are grouped by role."""


class Fitnesses:
    """Measures of models, the newest of each."""

    def __init__(
        self,
        acts: Acts,
        database: Database,
        recorder: Recorder,
        test: FitnessTest,
        prices: Prices,
        choices: Choices,
        roles: OfferedRoles,
    ) -> None:
        self.acts = acts
        self._database = database
        self._recorder = recorder
        self._test = test
        self._prices = prices
        self._choices = choices
        self._roles = roles
        self._under_way: dict[ModelRef, tuple[asyncio.Task[Fitness], Progress]] = {}

    async def list(self) -> tuple[Fitness, ...]:
        """What was measured of every model, in order of their names."""
        async with self._database.reading() as connection:
            return await fitness.all_fitness(connection)

    async def of(self, model: ModelRef) -> Fitness | None:
        """What was measured of a model; None when nothing was."""
        return await self._database.look(fitness.of_model, model)

    def measurable(self, model: ModelRef) -> bool:
        """Whether a model can be tried out: it costs nothing, and is an AI."""
        return _measurable(model, self._prices)

    async def progress(self, model: ModelRef) -> Progress | None:
        """How far a measuring is that this process began; None for none."""
        under_way = self._under_way.get(model)
        return under_way[1] if under_way else None

    async def stop(self, model: ModelRef) -> None:
        """Ends a measuring that this process began; nothing of it is kept."""
        if under_way := self._under_way.get(model):
            under_way[0].cancel()

    async def unmeasured(self, model: ModelRef) -> bool:
        """Whether measuring the model is worth offering: it can be, and never was."""
        return _measurable(model, self._prices) and await self.of(model) is None

    async def measure(self, model: ModelRef, on_progress: OnProgress) -> Fitness:
        """Tries the model out, which takes minutes, and keeps what was found; `on_progress` is called on the loop.

        Raises UserError for a model that costs money or is none, ProviderError when it fails, Cancelled when it is
        stopped: then nothing is kept.
        """
        if model in self._under_way:
            raise UserError(f"{model} is being tried out already.", "Wait until that has ended.")
        found = await self._tried(model, on_progress)
        await self.keep(found)
        return found

    async def _found(self, model: ModelRef, on_progress: OnProgress, on_reply: OnReply) -> Fitness:
        await self._choices.require(model)
        if not _measurable(model, self._prices):
            what = "replays a file and is no AI" if model.provider == "scripted" else "costs money for each call"
            raise UserError(f"{model} {what}, so it is not tried out.", "Name a model that costs nothing: ollama/NAME")
        return await self._test.run(model, on_progress, on_reply)

    async def _tried(self, model: ModelRef, on_progress: OnProgress) -> Fitness:
        def tell(progress: Progress) -> None:
            self._under_way[model] = (work, progress)
            on_progress(progress)

        spent: list[UsageRecorded] = []

        def replied(reply: ModelReply, milliseconds: float) -> None:
            spent.append(_spent(model, len(spent) + 1, reply, milliseconds))

        # Under way from here on: it may be stopped before its first call.
        work = asyncio.ensure_future(self._found(model, tell, replied))
        self._under_way[model] = (work, Progress("It is asked for the first time.", 0))
        try:
            return await work
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            raise Cancelled(f"You stopped trying out {model}. Nothing of it was kept.") from None
        finally:
            del self._under_way[model]
            if spent:
                await self.note(tuple(spent))

    @act
    async def note(self, spent: tuple[UsageRecorded, ...]) -> None:
        """Saves what the calls of a measuring used: they cost nothing, and count all the same."""
        async with self._recorder.unit(None, None) as unit:
            for call in spent:
                usage.add(unit.connection, ProjectId(""), RunId(""), call)
                unit.record(call)

    @act
    async def keep(self, found: Fitness) -> None:
        """Saves what was measured, in place of what was measured of the model before."""
        event = ModelMeasured(str(found.model), found.context_tokens, found.form.value, found.tokens_per_second)
        async with self._recorder.unit(None, None) as unit:
            await fitness.save(unit.connection, found)
            unit.record(event)

    async def judge(self, found: Fitness, project: ProjectId | None = None) -> tuple[RoleFit, ...]:
        """Which roles the model may play, those of a project too when one is named, and why or why not."""
        return tuple(measures.judge(found, role) for role in (await self._roles.list(project)).roles)

    async def warning(self, model: ModelRef, role: str, project: ProjectId | None = None) -> str:
        """What speaks against this model in this role, in one sentence; empty when nothing was found that does."""
        found = await self.of(model)
        if found is None:
            return ""
        named = [known for known in (await self._roles.list(project)).roles if known.name == role]
        return measures.warning(found, named[0]) if named else ""


async def measured_form(database: Database, provider: str, name: str) -> ToolForm | None:
    """The form in which a model of the provider was found to call tools; None where that was not measured."""
    found = await database.look(fitness.of_model, ModelRef(provider, name))
    return found.form if found is not None else None


async def measured_window(database: Database, prices: Prices, model: ModelRef) -> int | None:
    """The window in which the model was found to find things, where that is less than it claims; None otherwise."""
    if not _measurable(model, prices):
        return None
    found = await database.look(fitness.of_model, model)
    return found.window if found is not None else None


def _spent(model: ModelRef, number: int, reply: ModelReply, milliseconds: float) -> UsageRecorded:
    used = reply.usage
    tokens = (used.input, used.output, used.cache_read, used.cache_write)
    return UsageRecorded("", number, str(model), _WHAT, *tokens, FREE, milliseconds, reply.finish)


def _measurable(model: ModelRef, prices: Prices) -> bool:
    return model.provider != "scripted" and prices.is_free(model)


__all__ = ["Fitness", "Fitnesses", "Progress", "measured_form", "measured_window"]
