"""Questions about the network: how they are put, and told while a verb waits for what they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from studio.app.studio import Studio
from studio.cli import output
from studio.domain.checkpoints import CheckpointKind, CheckpointState
from studio.domain.events import CheckpointOpened, CheckpointReworded, Recorded
from studio.domain.ids import RunId

T = TypeVar("T")


def tell_question(checkpoint: str, title: str, act: str) -> None:
    """Puts a question about a host, or about images, with the way to answer it."""
    output.note(f"? {output.below(title)}\n  {output.below(act)}")
    output.note(f"  Decide elsewhere: studio checkpoints approve {checkpoint} --for run|project, or deny {checkpoint}")


async def telling_questions(studio: Studio, run: RunId, doing: Awaitable[T]) -> T:
    """What comes of `doing`; questions of the run that come up meanwhile are told: it may be they that it waits for."""
    since = await studio.feed.last()
    telling = asyncio.create_task(_tell(studio, run, since), name="questions of a run")
    try:
        return await doing
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def _tell(studio: Studio, run: RunId, since: int) -> None:
    async for item in studio.feed.follow(since, run=run):
        event = item.event if isinstance(item, Recorded) else None
        if isinstance(event, CheckpointOpened | CheckpointReworded):
            asked = await studio.checkpoints.get(event.checkpoint)
            is_waited_for = asked.state is CheckpointState.OPEN and not asked.is_left
            if asked.kind is CheckpointKind.NETWORK and is_waited_for:
                tell_question(asked.id, asked.title, asked.act)
