"""Ollama's pull: the lines that the server writes while it fetches a model."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import cast

import ollama

from studio.adapters.providers import faults
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.ollama_wire import Wire
from studio.adapters.providers.pull_faults import broke_off, refused
from studio.contracts.model_library import OnPull
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.pulls import PullProgress, PullStep

_LONGER = 30
"""While it fetches, the server writes 16 lines a second, also when nothing comes from the library. Before and after, it
writes none while it waits for the library, or reads what came, tens of gigabytes.
"""

_STEPS = {
    "verifying": PullStep.CHECKING,
    "writing": PullStep.SAVING,
    "removing": PullStep.SAVING,
    "success": PullStep.SAVING,
}
_SUCCESS = "success"
_MOST_BYTES = 1 << 50
"""A petabyte: what a server says beyond it is no size."""


class PullReader:
    """Makes one progress of the lines, each of which tells of one of the model's files."""

    def __init__(self, fetching_seconds: float) -> None:
        self._fetching_seconds = fetching_seconds
        self.finished = False
        self.progress = PullProgress()
        self._files: dict[str, tuple[int, int]] = {}

    @property
    def silence(self) -> float:
        """For how many seconds the server may say nothing now."""
        return self._fetching_seconds * (1 if self.progress.step is PullStep.FETCHING else _LONGER)

    def take(self, line: ollama.ProgressResponse) -> PullProgress:
        """The progress by this line and all before it."""
        status = line.status or ""
        self.finished = status == _SUCCESS
        step = next((step for words, step in _STEPS.items() if status.startswith(words)), self.progress.step)
        if line.digest:
            step = PullStep.FETCHING
            total = _size(line.total)
            self._files[line.digest] = (min(_size(line.completed), total), total)
        done, total = map(sum, zip(*self._files.values(), strict=True)) if self._files else (0, 0)
        self.progress = PullProgress(step, done, total)
        return self.progress


async def pull(wire: Wire, name: str, on_progress: OnPull) -> None:
    """See ModelLibrary."""
    config, reader = wire.config, PullReader(wire.config.fetching_seconds)
    try:
        async with wire.errors(name, math.inf):
            await _follow(await wire.client.pull(name, stream=True), config, name, reader, on_progress)
    except ProviderError as error:
        if error.fault in (ProviderFault.BROKEN_STREAM, ProviderFault.TIMED_OUT):
            raise broke_off(config, name, reader.progress, error) from error
        raise


async def _follow(
    lines: AsyncIterator[ollama.ProgressResponse],
    config: ProviderConfig,
    name: str,
    reader: PullReader,
    on_progress: OnPull,
) -> None:
    async with aclosing(cast("AsyncGenerator[ollama.ProgressResponse]", lines)):
        while not reader.finished:
            try:
                async with asyncio.timeout(reader.silence):
                    line = await anext(lines)
            except StopAsyncIteration as error:
                raise faults.broken(config, "it ended before the model was there") from error
            except TimeoutError as error:
                raise faults.timed_out(config, reader.silence) from error
            except ollama.ResponseError as error:
                raise refused(config, name, error.error, reader.progress) from error
            on_progress(reader.take(line))


def _size(said: int | None) -> int:
    return max(0, min(said or 0, _MOST_BYTES))
