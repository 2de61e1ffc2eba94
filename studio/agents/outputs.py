"""Outputs: keeps the whole of a long one, and gives the model its ends and a handle."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from studio.base.aio import in_thread
from studio.base.text import shorten
from studio.domain.runs import Run
from studio.domain.tools import ToolOutcome
from studio.events.recorder import Recorder
from studio.store import outputs
from studio.store.database import Database
from studio.tools.outputs import SHOWN_CHARACTERS, shown_of

KEPT_CHARACTERS = 1 << 20
"""Of a longer output the middle is lost; a model that has to search more should let a program do it."""

DIGEST_DIGITS = 16


class Outputs:
    """The one writer of whole outputs."""

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database = database
        self._recorder = recorder

    async def fitted(self, run: Run, outcome: ToolOutcome) -> ToolOutcome:
        """The outcome with a text short enough to be sent in every later step; what is left out was saved before.

        Known secrets are taken out of what is kept, as they are of every event. The same output has the same handle:
        a call that is repeated without anything new is known by its text.
        """
        if outcome.paged or len(outcome.text) <= SHOWN_CHARACTERS:
            return outcome
        digest, whole, shown = await in_thread(self._parted, outcome.text)
        async with self._database.transaction() as connection:
            await outputs.save(connection, run.project, digest, whole)
        return replace(outcome, text=shown)

    async def whole(self, run: Run, handle: str) -> str | None:
        """The whole output that this handle of the run's project names, None when none was kept."""
        async with self._database.reading() as connection:
            return await outputs.get(connection, run.project, handle)

    def _parted(self, text: str) -> tuple[str, str, str]:
        whole = shorten(self._recorder.redacted(text), KEPT_CHARACTERS)
        digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:DIGEST_DIGITS]
        return digest, whole, shown_of(whole, digest)
