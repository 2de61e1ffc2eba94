"""Which cache volume of a project is in use, and whether anybody has worked with it who may have changed it."""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from studio.base.aio import in_thread

_FILE = "cache.json"
_UNKEPT = 20


@dataclass(frozen=True, slots=True)
class _Mark:
    """The name of the volume, whether it was worked with, and setups that are too large to be kept."""

    name: str
    used: bool = False
    unkept: tuple[str, ...] = ()


class CacheMark:
    """Kept on the host, where no container can write it.

    What lies in a cache is code that tools run, so only a setup that ran before anybody worked with its volume is
    handed to other runs. Without a mark the volume is a new one.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._writing = threading.Lock()

    async def name(self, clean_for: str = "") -> str:
        """The volume in use: another one where it must be clean for the setup of that key, and is not."""
        return await in_thread(self._name, clean_for)

    async def is_clean(self, name: str) -> bool:
        """Whether nobody has worked with that volume yet."""
        mark = await in_thread(self._read)
        return mark is not None and mark.name == name and not mark.used

    async def worked_with(self, name: str) -> None:
        """Notes that somebody is about to work with that volume."""
        await in_thread(self._change, name, "")

    async def not_kept(self, key: str) -> None:
        """Notes that the setup of that key cannot be kept, so no volume is made anew for it."""
        await in_thread(self._change, "", key)

    def _name(self, clean_for: str) -> str:
        with self._writing:
            mark = self._read()
            if mark is None or (clean_for and mark.used and clean_for not in mark.unkept):
                mark = self._write(_Mark(secrets.token_hex(4), unkept=mark.unkept if mark else ()))
            return mark.name

    def _change(self, name: str, key: str) -> None:
        with self._writing:
            mark = self._read()
            if mark is None:
                return
            if key and key not in mark.unkept:
                mark = self._write(replace(mark, unkept=(*mark.unkept, key)[-_UNKEPT:]))
            if mark.name == name and not mark.used:
                self._write(replace(mark, used=True))

    def _read(self) -> _Mark | None:
        try:
            given = json.loads(self._file.read_text("utf-8"))
            return _Mark(str(given["name"]), given["used"] is not False, tuple(map(str, given["unkept"])))
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def _write(self, mark: _Mark) -> _Mark:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(asdict(mark)), "utf-8")
        part.replace(self._file)
        return mark
