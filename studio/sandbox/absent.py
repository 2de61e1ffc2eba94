"""What stands in a run's place for a sandbox on a machine that can run none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.contracts.guest import GuestOutput
from studio.domain.errors import EngineError, EngineGone, NoSandbox
from studio.domain.ids import RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.console import Console
from studio.sandbox.own_requests import OwnRequests
from studio.sandbox.screen import Screen


class _NoRequests(OwnRequests):
    """None: of an app that cannot run Studio asks nothing."""

    def __init__(self) -> None:
        """There is nothing to keep."""

    def told(self, path: str, writer: str) -> bool:
        """Never: what a line tells of is somebody else's."""
        return False


class AbsentSandbox(Sandbox):
    """Runs nothing: whatever would use a sandbox raises the NoSandbox that says why there is none.

    It is never broken, as it never was up.
    """

    def __init__(self, run: RunId, missing: NoSandbox) -> None:
        # Nothing of what a sandbox is made of is there: `__getattr__` answers for it.
        self.id = run
        self.container = self.image = self.weaker = ""
        self.milliseconds = 0.0
        self.console, self.screen = Console(), Screen()
        self.own_requests = _NoRequests()
        self.pod = self.carrier = None
        self.holds_processes = False
        self.disk_bytes = None
        self.missing = missing

    def __getattr__(self, name: str) -> Any:
        """Raises NoSandbox for each part that a sandbox has and this one lacks."""
        if name.startswith("__") or name == "missing":
            raise AttributeError(name)
        raise self.missing

    @property
    def containers(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def broken(self) -> None:
        """Nothing that could break."""
        return None

    @property
    def busy(self) -> bool:
        """Never."""
        return False

    @property
    def has_way_out(self) -> bool:
        """Never."""
        return False

    def fail(self, reason: str | EngineError) -> None:
        """Holds nothing that could fail."""

    def lose(self, gone: EngineGone) -> None:
        """Holds nothing that could be lost."""

    async def give_up_if_full(self) -> None:
        """Holds nothing."""

    async def hang_up(self) -> None:
        """Holds nothing."""

    async def run(self, argv: tuple[str, ...], **how: Any) -> GuestOutput:
        """Raises NoSandbox."""
        raise self.missing

    async def run_to_file(self, argv: tuple[str, ...], target: Path, **how: Any) -> GuestOutput:
        """Raises NoSandbox, and makes no file."""
        raise self.missing
