"""Compaction: which messages are told in one line each when the context nears the model's window."""

from __future__ import annotations

from studio.agents.history import History
from studio.agents.said import CHARACTERS_A_TOKEN, Said
from studio.domain.events import ContextCompacted
from studio.domain.runs import Run
from studio.events.recorder import Recorder

KEPT_SHARE = 0.4
"""How much of what may be filled is left to whole messages: then it is some time until it is full again."""
NEWEST_SHARE = 0.9
"""How much of it the newest message alone may take before it is told in one line itself."""


class Compactor:
    """The one writer of where a run's conversation was compacted."""

    def __init__(self, recorder: Recorder, run: Run) -> None:
        self._recorder = recorder
        self._run = run

    async def fit(self, history: History, fixed: int, limit: int) -> None:
        """Compacts so that the conversation and `fixed` tokens beside it keep below `limit`, as far as that helps."""
        before = sum(history.filled().values()) + fixed
        if before * history.sizes.scale <= limit:
            return
        await self.compact(history, first_whole(history.said, limit / history.sizes.scale - fixed), fixed)

    async def compact(self, history: History, first: int, fixed: int) -> None:
        """Tells all messages before place `first` in one line each, unless that makes nothing shorter."""
        if first <= history.conversation.first:
            return
        before = sum(history.filled().values()) + fixed
        shorter = history.compacted(first)
        after = sum(shorter.filled(history.said).values()) + fixed
        if after >= before:
            return
        known = history.conversation.first
        event = ContextCompacted(
            turn=self._run.turn or "",
            step=history.total_steps + 1,
            messages=first,
            steps=sum(not said.by_person for said in history.said[known:first]),
            tokens_before=round(before * history.sizes.scale),
            tokens_after=round(after * history.sizes.scale),
        )
        for recorded in await self._recorder.record(self._run.project, self._run.id, event):
            history.apply(recorded)


def first_whole(said: list[Said], room: float) -> int:
    """The place of the first message that stays whole when `room` tokens are there for the conversation.

    A message, its calls and their answers are never parted. The newest one gives way only when it is too long alone.
    """
    left = room * KEPT_SHARE
    for at in reversed(range(len(said))):
        taken = sum(said[at].filled().values()) / CHARACTERS_A_TOKEN
        newest = at == len(said) - 1
        if taken > (room * NEWEST_SHARE if newest else left):
            return at + 1
        left -= taken
    return 0
