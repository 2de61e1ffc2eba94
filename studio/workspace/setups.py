"""What setup commands made, kept so that the next workspace with the same lockfiles need not run them again."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from studio.base.aio import in_thread
from studio.contracts.containers import Mount
from studio.contracts.guest import Guest
from studio.domain.errors import GitError
from studio.workspace.cache_mark import CacheMark

PLACE = "/studio/setup"
"""Where a container sees what is kept, which it cannot change."""

KEPT = 3
"""How many different setups of a project are kept, the newest."""

BYTES_MAX = 2 << 30
"""How large one part of what is kept may be."""

_SECONDS = 600.0
_SCRATCH = ".part.tar"

# Files that git ignores, save those that were put in from the checkout: they are each workspace's own.
_LIST = r"""
set -eu
cat > "${TMPDIR:-/tmp}/studio-left-out"
GIT_DIR=.git git -c core.fsmonitor=false ls-files --others --ignored --exclude-standard --directory -z \
    > "${TMPDIR:-/tmp}/studio-made"
"""
_FILES = r"""exec tar -cf - --anchored --no-wildcards --exclude-from="${TMPDIR:-/tmp}/studio-left-out" \
    --null --files-from="${TMPDIR:-/tmp}/studio-made"
"""
_HOME = r'exec tar -cf - -C "$HOME" .'
_PARTS = {"files": _FILES, "home": _HOME}
"""What is kept, by its name, and how it is written; the last one there says that all is."""
_TAKE = r'mkdir -p "$2" && exec tar -xf "$1" -C "$2"'
_TAKE_HOME = r'mkdir -p "$HOME" && exec tar -xf "$1" -C "$HOME"'


class Setups:
    """The kept setups of one project, below a folder of the host that containers can only read.

    They are made of tar files that a container wrote and a container unpacks; the host never looks into one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._showing = threading.Lock()
        self.cache = CacheMark(folder)

    def mount(self) -> Mount:
        """The mount by which containers see them. Blocks."""
        self._folder.mkdir(parents=True, exist_ok=True)
        # Whoever runs inside is another user when the person is root.
        os.chmod(self._folder, 0o755)
        return Mount(self._folder, PLACE, read_only=True)

    async def has(self, key: str) -> bool:
        """Whether a setup is kept whole under this key."""
        return await in_thread(self._is_whole, key)

    async def keep(self, key: str, guest: Guest, left_out: tuple[str, ...]) -> None:
        """Keeps what the setup made in the workspace and the home of `guest`, except the files `left_out`.

        Raises EngineError, GitError; nothing is kept then. Where several keep the same at once, the last one's stays.
        """
        stdin = "".join(f"{path}\n" for path in left_out).encode("utf-8", "surrogateescape")
        _require((await guest.run(("sh", "-c", _LIST), stdin=stdin, timeout=_SECONDS)).exit_code)
        await in_thread(self.mount)
        whose = secrets.token_hex(8)
        scratch = {part: self._folder / f"{key}.{part}.{whose}{_SCRATCH}" for part in _PARTS}
        try:
            for part, script in _PARTS.items():
                made = await guest.run_to_file(
                    ("sh", "-c", script), scratch[part], timeout=_SECONDS, max_bytes=BYTES_MAX
                )
                _require(made.exit_code)
            await in_thread(self._show, key, scratch)
        finally:
            for path in scratch.values():
                await in_thread(path.unlink, missing_ok=True)

    async def take(self, key: str, guest: Guest, *, only_home: bool) -> None:
        """Unpacks a kept setup in `guest`. Raises EngineError, GitError."""
        if not only_home:
            took = await guest.run(("sh", "-c", _TAKE, "sh", f"{PLACE}/{key}.files.tar", "."), timeout=_SECONDS)
            _require(took.exit_code)
        took = await guest.run(("sh", "-c", _TAKE_HOME, "sh", f"{PLACE}/{key}.home.tar"), timeout=_SECONDS)
        _require(took.exit_code)
        await in_thread(self._touch, key)

    def _path(self, key: str, part: str) -> Path:
        return self._folder / f"{key}.{part}.tar"

    def _is_whole(self, key: str) -> bool:
        return all(self._path(key, part).exists() for part in _PARTS)

    def _show(self, key: str, scratch: Mapping[str, Path]) -> None:
        """Puts both parts into place, once both are whole; they are of the same setup."""
        with self._showing:
            for part, path in scratch.items():
                os.chmod(path, 0o644)
                path.replace(self._path(key, part))
            self._forget_old()

    def _touch(self, key: str) -> None:
        for part in _PARTS:
            os.utime(self._path(key, part))

    def _forget_old(self) -> None:
        whole = sorted(self._folder.glob("*.home.tar"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in whole[KEPT:]:
            key = old.name.removesuffix(".home.tar")
            for part in reversed(_PARTS):
                self._path(key, part).unlink(missing_ok=True)
        for scratch in self._folder.glob(f"*{_SCRATCH}"):
            # Who was killed left it there: nobody else leaves one alone for so long.
            with suppress(FileNotFoundError):
                if time.time() - scratch.stat().st_mtime > 2 * _SECONDS:
                    scratch.unlink()


def _require(exit_code: int) -> None:
    if exit_code != 0:
        raise GitError("What the setup made cannot be kept or taken: tar or git failed inside the sandbox.")
