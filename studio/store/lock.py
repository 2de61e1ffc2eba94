"""Lock: one engine for each data folder."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from studio.domain.clock import from_text, to_text
from studio.domain.errors import StoreError

RETRY_SECONDS = 0.2
"""Longer than a `holder` of another process keeps the lock to see whether it is free."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds the lock; None where its note cannot be read (it is about to write it).

    A `brief` one changes something and goes; any other runs the engine.
    """

    pid: int | None
    started: datetime | None
    brief: bool = False


class EngineLock:
    """Held by one process; the system frees it when that process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path, mode=0o600, thread_local=False)
        self._held = False
        # A look takes the lock for a moment, which another thread must not mistake for having it.
        self._turn = threading.Lock()
        self._note = path.with_name(f"{path.name}.json")

    def acquire(self, *, brief: bool = False) -> bool:
        """Takes the lock and notes who holds it and for how long; False when another has it. May block for a moment.

        Raises StoreError when the folder cannot be written or cannot lock files.
        """
        with self._turn:
            if not self._held and self._take(RETRY_SECONDS):
                self._write_note(brief)
                self._held = True
            return self._held

    def _write_note(self, brief: bool) -> None:
        note = {"pid": os.getpid(), "started": to_text(datetime.now(UTC)), "brief": brief}
        scratch = self._note.with_name(f"{self._note.name}.new")
        scratch.write_text(json.dumps(note), "utf-8")
        os.replace(scratch, self._note)

    def holder(self) -> Holder | None:
        """Who holds the lock now; None when nobody does. Raises StoreError."""
        with self._turn:
            if not self._held and self._take(0):
                self._lock.release()
                return None
        try:
            note = json.loads(self._note.read_text("utf-8"))
            return Holder(int(note["pid"]), from_text(note["started"]), bool(note.get("brief")))
        except (FileNotFoundError, ValueError, KeyError):
            return Holder(None, None)

    def release(self) -> None:
        """Frees the lock; without effect when it is not held."""
        with self._turn:
            if self._held:
                self._held = False
                self._note.unlink(missing_ok=True)
                self._lock.release()

    def _take(self, seconds: float) -> bool:
        try:
            self._lock.acquire(timeout=seconds, poll_interval=0.01)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            raise StoreError(
                f"Studio cannot lock its data folder: {error}.",
                "Make it a folder on a local disk that you may write to.",
            ) from error
        return True
