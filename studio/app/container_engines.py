"""The container engine's door: how it is now."""

from __future__ import annotations

from studio.domain.engines import EngineView
from studio.sandbox.engine_watch import EngineWatch
from studio.workflow.acts import Acts, act


class ContainerEngines:
    """The container engine that this data folder's runs use, as the process that runs them finds it."""

    def __init__(self, acts: Acts, watch: EngineWatch) -> None:
        self.acts = acts
        self._watch = watch

    @act
    async def view(self) -> EngineView:
        """How it was when it was last looked at, which is never longer ago than a few seconds."""
        return await self._watch.known()

    @act
    async def look(self) -> EngineView:
        """Looks now; what is parked for want of it goes on by itself when it is back."""
        await self._watch.look()
        return await self._watch.known()
