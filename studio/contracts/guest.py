"""What a room may ask of the inside of a sandbox without knowing the sandbox room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GuestOutput:
    """How a short program inside the sandbox ended. `stdout` and `stderr` are bounded by the caller's cap."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Guest(Protocol):
    """The inside of one running sandbox, at `/workspace`. Nothing it says is trusted."""

    async def run(
        self, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60.0, max_bytes: int = 1 << 20
    ) -> GuestOutput:
        """Runs a program without a shell. Raises EngineError when it cannot be run, times out or says too much."""
        ...

    async def run_to_file(
        self, argv: tuple[str, ...], target: Path, *, timeout: float = 300.0, max_bytes: int = 1 << 30
    ) -> GuestOutput:
        """As `run`, but writes stdout to the host file `target`, which it makes anew with mode 0600."""
        ...
