"""Claims: what only one process of a data folder does at a time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from filelock import FileLock, Timeout

from studio.domain.errors import StoreError


class Claims:
    """Claims by name, in a folder of lock files; the system frees those of a process that ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, FileLock] = {}

    def take(self, what: str) -> bool:
        """Claims `what`; False when it is claimed already, here or in another process. Blocks for a moment.

        Raises StoreError when the folder cannot be written or cannot lock files.
        """
        if what in self._held:
            return False
        lock = FileLock(self._folder / f"{_file_of(what)}.lock", mode=0o600, thread_local=False)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            raise StoreError(
                f"Studio cannot lock {self._folder}: {error}.",
                "Make it a folder on a local disk that you may write to.",
            ) from error
        self._held[what] = lock
        return True

    def free(self, what: str) -> None:
        """Gives a claim up; without effect when it is not held here."""
        if (lock := self._held.pop(what, None)) is not None:
            lock.release()


def _file_of(what: str) -> str:
    return hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()[:32]
