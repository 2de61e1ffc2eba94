"""The pulls door: models that a server is told to fetch, to have them on its own disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from studio.base.aio import Tasks, in_thread
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.contracts.model_library import ModelLibrary, library_of
from studio.domain.errors import Cancelled, StudioError, UserError
from studio.domain.models import ModelRef
from studio.domain.providers import ProviderKind
from studio.domain.pulls import Pull, PullProgress, PullState
from studio.router.registry import Registry
from studio.router.router import Router
from studio.store.claims import Claims

log = logger("pulls")

NEWS_SECONDS = 0.1
"""The time between two looks of somebody who follows: servers say how far they are 16 times a second."""


class Pulls:
    """One pull at most for each model, whoever asks for it; no model is asked anything, so none is paid.

    What ended is kept until it is begun again or dismissed.
    """

    def __init__(self, router: Router, registry: Registry, claims: Claims, clock: Clock) -> None:
        self._router = router
        self._registry = registry
        self._claims = claims
        self._clock = clock
        self._tasks = Tasks()
        self._running: dict[ModelRef, asyncio.Task[None]] = {}
        self._pulls: dict[ModelRef, Pull] = {}
        self._errors: dict[ModelRef, StudioError] = {}
        self._dismissed: set[ModelRef] = set()
        self._news = asyncio.Event()
        self._count = 0

    def list(self) -> tuple[Pull, ...]:
        """What is fetched, and what ended, in the order in which it was begun."""
        return tuple(pull for pull in self._pulls.values() if pull.model not in self._dismissed)

    def named(self, text: str) -> ModelRef:
        """The model that a person means: provider/name, or a name alone for the first provider that fetches models."""
        text = text.strip()
        first, slash, _ = text.partition("/")
        fetching = [each.name for each in self._registry.all if each.kind is ProviderKind.OLLAMA]
        if not fetching or (slash and self._registry.find(first) is not None):
            return ModelRef.parse(text)
        if not text:
            raise UserError("No model is named.", "Name one, such as qwen3.")
        return ModelRef(fetching[0], text)

    async def start(self, model: ModelRef) -> ModelRef:
        """Begins to fetch a model where that is not under way; gives the name under which it is followed.

        Raises UserError where its provider fetches none.
        """
        library = library_of(await self._router.model(model.provider))
        if library is None:
            raise UserError(
                f"{model.provider} fetches no models: what it has can be used at once.",
                "See what there is: studio models",
            )
        model = ModelRef(model.provider, library.full_name(model.name))
        if model not in self._running:
            self._pulls.pop(model, None)
            self._dismissed.discard(model)
            self._put(Pull(model))
            task = self._running[model] = self._tasks.spawn(self._run(library, model), f"pull of {model}")
            task.add_done_callback(lambda ended: self._ended(model, ended))
        return model

    async def follow(self, model: ModelRef, on_change: Callable[[Pull], None]) -> Pull:
        """Tells how a pull gets on until it is done. Raises why it failed, Cancelled when somebody stopped it."""
        while True:
            pull = self._pulls[model]
            on_change(pull)
            match pull.state:
                case PullState.DONE:
                    return pull
                case PullState.FAILED:
                    raise self._errors[model]
                case PullState.STOPPED:
                    raise Cancelled(f"The pull of {model} was stopped.", "What came is kept: pull it again to go on.")
                case PullState.RUNNING:
                    await self._changed()

    async def news(self, seen: int) -> tuple[int, tuple[Pull, ...]]:
        """All pulls and a number, as soon as that is another one than `seen`."""
        while self._count == seen:
            await self._changed()
        return self._count, self.list()

    async def stop(self, model: ModelRef) -> None:
        """Ends a pull; the server keeps what came. Without effect when it is not under way."""
        if (task := self._running.get(model)) is not None:
            task.cancel()
            await asyncio.wait({task})

    async def dismiss(self, model: ModelRef) -> None:
        """Leaves a pull that has ended out of the list."""
        if model in self._pulls and self._pulls[model].state.over:
            self._dismissed.add(model)
            self._tell()

    async def close(self) -> None:
        """Ends all pulls."""
        await self._tasks.close()

    async def _run(self, library: ModelLibrary, model: ModelRef) -> None:
        try:
            await self._fetch(library, model)
            self._put(replace(self._pulls[model], state=PullState.DONE))
        except StudioError as error:
            log.info("pull_failed", model=str(model), error=str(error))
            self._fail(model, error)

    def _ended(self, model: ModelRef, task: asyncio.Task[None]) -> None:
        del self._running[model]
        if task.cancelled():
            self._put(replace(self._pulls[model], state=PullState.STOPPED))
        elif (bug := task.exception()) is not None:
            self._fail(
                model, StudioError(f"Studio itself failed: {type(bug).__name__}.", "The details are in its log.")
            )

    def _fail(self, model: ModelRef, error: StudioError) -> None:
        self._errors[model] = error
        failed = replace(self._pulls[model], state=PullState.FAILED)
        self._put(replace(failed, sentence=error.sentence, action=error.action))

    async def _fetch(self, library: ModelLibrary, model: ModelRef) -> None:
        def told(progress: PullProgress) -> None:
            self._put(replace(self._pulls[model], progress=progress))

        claim = f"pull {model}"
        taking = asyncio.ensure_future(in_thread(self._claims.take, claim))
        try:
            if not await asyncio.shield(taking):
                raise UserError(f"Another Studio is fetching {model} at this moment.", "Wait until it has ended.")
            await library.pull(model.name, told)
        finally:
            # The thread goes on when this is stopped: a claim that it gets is not left behind.
            if await taking:
                self._claims.free(claim)

    async def _changed(self) -> None:
        await self._news.wait()
        await self._clock.sleep(NEWS_SECONDS)

    def _put(self, pull: Pull) -> None:
        if self._pulls.get(pull.model) != pull:
            self._pulls[pull.model] = pull
            self._tell()

    def _tell(self) -> None:
        self._count += 1
        self._news.set()
        self._news = asyncio.Event()
