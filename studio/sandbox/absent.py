"""What stands in a run's place for a sandbox on a machine that can run none."""

from __future__ import annotations

from typing import Any

from studio.contracts.guest import GuestOutput
from studio.domain.errors import NoSandbox
from studio.domain.ids import RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.console import Console
from studio.sandbox.screen import Screen


class AbsentSandbox(Sandbox):
    """Runs nothing: what would raises the NoSandbox that says why. It is never broken, as it never was up."""

    def __init__(self, run: RunId, missing: NoSandbox) -> None:
        self.id = run
        self.container = self.image = self.weaker = ""
        self.milliseconds = 0.0
        self.console, self.screen = Console(), Screen()
        self.pod = None
        self.missing = missing

    @property
    def broken(self) -> None:
        """Nothing that could break."""
        return None

    async def give_up_if_full(self) -> None:
        """Holds nothing."""

    async def run(self, argv: tuple[str, ...], **how: Any) -> GuestOutput:
        """Raises NoSandbox."""
        raise self.missing
