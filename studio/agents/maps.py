"""Maps: the source maps that one sandbox's app serves, fetched through its tunnel and read in bounds.

The app is hostile: what it serves is read on a thread of its own, one at a time for all sandboxes, and whoever waits
for a map in vain leaves at most one behind there.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import OrderedDict
from urllib.parse import unquote, urljoin

from studio.base.aio import Threads
from studio.contracts.clock import Clock
from studio.domain.errors import EngineError
from studio.domain.source_maps import MAP_BYTES, SourceMap
from studio.domain.stacks import within_app
from studio.sandbox.box import Sandbox
from studio.sandbox.served import served

SECONDS = 2.0
"""So long an app may take to give scripts and maps for what was said at once."""
KEPT_BYTES = 16 << 20
"""So much the maps of one sandbox may take in memory."""
BYTES_A_MINUTE = 16 << 20
"""So much of one sandbox's scripts and maps is read in a minute: ever new ones would keep a processor busy."""

_KEPT = 50
_MINUTE = 60.0
_NAMED = "sourceMappingURL="
_TRIES = 8
_ADDRESS_CHARACTERS = 4000
_INLINE = re.compile(r"data:application/json[^,]{0,100}?(;base64)?,")


class Maps:
    """The maps of one sandbox's scripts; one that cannot be had is not asked for again."""

    def __init__(self, sandbox: Sandbox, threads: Threads, clock: Clock, kept_bytes: int = KEPT_BYTES) -> None:
        """`threads` is one thread, which all sandboxes share."""
        self._sandbox = sandbox
        self._threads = threads
        self._clock = clock
        self._kept_bytes = kept_bytes
        self._maps: OrderedDict[tuple[int, str], SourceMap | None] = OrderedDict()
        self._read = 0
        self._since = float("-inf")

    async def of(self, address: str, port: int) -> SourceMap | None:
        """The map of the script that the app serves under `address`; None where there is none that can be read."""
        key = (port, address)
        if key not in self._maps:
            if self._has_read_enough():
                return None
            self._maps[key] = None
            self._maps[key] = await self._map(address, port)
        found = self._maps[key]
        self._maps.move_to_end(key)
        self._let_go()
        return found

    async def _map(self, address: str, port: int) -> SourceMap | None:
        script = await self._served(address, port)
        where = await self._threads.run(named_map, script) if script else ""
        if not where:
            return None
        try:
            if where.startswith("data:"):
                return await self._threads.run(_inline_map, where)
            path = within_app(urljoin(address.partition("?")[0], where))
            data = await self._served(path, port)
            return await self._threads.run(_map_of, data) if data else None
        except ValueError:
            return None

    async def _served(self, path: str, port: int) -> bytes | None:
        try:
            data = await served(await self._sandbox.tunnel(port), path, MAP_BYTES, SECONDS)
        except EngineError:
            return None
        self._read += len(data or b"")
        return data

    def _has_read_enough(self) -> bool:
        now = self._clock.monotonic()
        if now - self._since >= _MINUTE:
            self._read, self._since = 0, now
        return self._read >= BYTES_A_MINUTE

    def _let_go(self) -> None:
        """Forgets what was asked for longest ago until the rest is within its bounds."""
        weight = sum(one.weight for one in self._maps.values() if one is not None)
        while len(self._maps) > _KEPT or weight > self._kept_bytes:
            _, oldest = self._maps.popitem(last=False)
            weight -= oldest.weight if oldest is not None else 0


def named_map(script: bytes) -> str:
    """The address of its map that a script ends with, empty when it names none."""
    text = script.decode("utf-8", "replace")
    at = len(text)
    # From the end, and a few times only: the words stand in the text of some scripts as well.
    for _ in range(_TRIES):
        at = text.rfind(_NAMED, 0, at)
        if at < 0:
            return ""
        end = text.find("\n", at)
        where = text[at + len(_NAMED) : end if end >= 0 else len(text)].rstrip()
        if text[max(0, at - 4) : at].removesuffix(" ").endswith(("//#", "//@")) and where.split(None, 1) == [where]:
            return where if where.startswith("data:") or len(where) <= _ADDRESS_CHARACTERS else ""
    return ""


def _inline_map(where: str) -> SourceMap:
    """The map that an address is itself. Raises ValueError."""
    found = _INLINE.match(where)
    if found is None:
        raise ValueError("The address holds no JSON.")
    packed = where[found.end() :]
    try:
        data = base64.b64decode(packed, validate=False) if found[1] else unquote(packed).encode("utf-8", "replace")
    except binascii.Error as error:
        raise ValueError("The source map is not packed as it says.") from error
    return _map_of(data)


def _map_of(data: bytes) -> SourceMap:
    return SourceMap.parse(data.decode("utf-8", "replace"))
