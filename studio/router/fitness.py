"""Fitness: measures a model that costs nothing, by asking it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from studio.contracts.clock import Clock
from studio.domain.fitness import GOOD_CALLS, Fitness, ToolForm, Tries
from studio.domain.models import ModelRef
from studio.router.meter import Meter, OnReply
from studio.router.needles import Needles
from studio.router.router import Router
from studio.router.tries import CALLS, DOCUMENTS, try_calls, try_document, try_pace
from studio.router.windows import Windows


@dataclass(frozen=True, slots=True)
class Progress:
    """What was just found, in one sentence, and how many calls were made so far."""

    sentence: str
    calls: int


OnProgress = Callable[[Progress], None]


class FitnessTest:
    """Tries a model out. It is asked through its provider alone: nothing is retried, as a failure is a finding."""

    def __init__(self, router: Router, windows: Windows, clock: Clock) -> None:
        self._router = router
        self._windows = windows
        self._clock = clock

    async def run(
        self, model: ModelRef, on_progress: OnProgress, on_reply: OnReply = lambda _reply, _milliseconds: None
    ) -> Fitness:
        """Measures, the quick things first; minutes on a slow machine. Raises ProviderError when the model fails."""
        calls = 0

        def count() -> None:
            nonlocal calls
            calls += 1

        def tell(sentence: str) -> None:
            on_progress(Progress(sentence, calls))

        # Its server is asked for no larger window than the model was made for, once that is known.
        await self._windows.claimed(model)
        meter = Meter(await self._router.model(model.provider), model.name, self._clock, count, on_reply)
        tell("The model is loaded and asked for a word.")
        await meter.ask("Say ready.", most=64)
        speed = await try_pace(meter)
        tell(f"It writes {speed.tokens_per_second:.0f} tokens a second, the first after {speed.first_token_ms:.0f} ms.")
        exact = 0
        for document in DOCUMENTS:
            exact += await try_document(meter, document)
        tell(f"{exact} of {len(DOCUMENTS)} JSON documents came back as they were.")
        native = await try_calls(meter, ToolForm.NATIVE)
        tell(f"{native.valid} of {native.total} calls of a tool were right{_form(native)}.")
        text = None
        if native.share < GOOD_CALLS:
            text = await try_calls(meter, ToolForm.TEXT)
            tell(f"{text.valid} of {text.total} calls that are written as text were right.")
        claimed = await self._windows.claimed(model)
        tell(f"Its window is said to hold {claimed:,} tokens.")

        def probed(tokens: int, found: bool) -> None:
            tell(f"Of {tokens:,} tokens it {'found' if found else 'did not find'} all that was hidden in them.")

        context = await Needles(meter, random.randrange(1 << 30), probed).longest(claimed)
        return Fitness(
            model,
            self._clock.now(),
            claimed,
            context,
            native,
            text,
            exact,
            len(DOCUMENTS),
            round(speed.tokens_per_second, 1),
            round(speed.first_token_ms, 1),
        )


def _form(tries: Tries) -> str:
    if tries.none == len(CALLS):
        return ": it called none, or its provider says that it knows no tools"
    return ""
