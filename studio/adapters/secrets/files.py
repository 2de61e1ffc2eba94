"""Files of the vault: read and written so that a kill at any moment leaves a whole one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from studio.domain.errors import VaultError

PRIVATE = 0o600
LOCK_SECONDS = 10.0

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


def make_folder(folder: Path) -> None:
    """Makes the folder, closed to other people."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error


def read(path: Path) -> bytes | None:
    """What a file holds, None when there is none. Raises VaultError."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | _NOFOLLOW), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error


def write(path: Path, data: bytes) -> None:
    """Puts a new file, readable by its owner only, in place of the old one in one stroke. Raises VaultError.

    It must not run twice at the same time for one path.
    """
    scratch = path.with_name(f".{path.name}.new")
    try:
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, PRIVATE), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unusable(path, error) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Makes the folder if need be, and keeps every other writer out of it. Raises VaultError."""
    make_folder(folder)
    # A lock of its own each time: one object would let a second thread of this process in.
    lock = FileLock(folder / "lock", mode=PRIVATE)
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout as error:
        raise VaultError("Another process is writing secrets and does not end.", "Try again.") from error
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def require_private(path: Path) -> None:
    """Raises VaultError when other people may read a file."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise VaultError(
            f"{path} can be read by other people of this machine, so what it locks is not secret.",
            f"Close it (chmod 600 {path}), and set anew what may have been read.",
        )


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # elsewhere a folder cannot be opened
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(path: Path, error: OSError) -> VaultError:
    return VaultError(f"{path} cannot be used: {error.strerror}.", "Look at who owns it and whether the disk is full.")
