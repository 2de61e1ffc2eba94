"""Carrying: keeps a folder of this machine and one of a container the same, where no mount can."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from studio.base.aio import Tasks, in_thread
from studio.base.log import logger
from studio.base.text import shown, sized
from studio.domain.errors import EngineError
from studio.sandbox.carrying.far_tree import FarTree
from studio.sandbox.carrying.plan import Known, planned
from studio.sandbox.carrying.sending import BATCH_BYTES, batches, send
from studio.sandbox.carrying.tree import Tree, read_sign
from studio.sandbox.inside.carry import Sign
from studio.sandbox.inside.watch import Watch
from studio.sandbox.link import Link
from studio.sandbox.sleep import Sleep, only_watching

log = logger("sandbox")

FILE_MAX = 512 << 20
"""A larger file stays where it is."""

AGAIN_SECONDS = 1.0
"""How often changes are carried that nobody waits for: a process behind writes, a person saves."""

_OVERHEAD = 4096
_REST = 4
"""Between two times that nobody waits for there passes so many times what one took."""

_NAMED = 5


class Carrier:
    """The files of one sandbox whose engine does not see this machine's folders; `most` bytes come home at the most.

    `far` starts the other half, in the container of `link`, which sleeps by `sleep`.
    `state` is a file in which it keeps what was the same on both sides when it was carried last. `left_out` says what
    is too large to be brought home, `lay_in_read_only` lays in anew what the container only reads.
    """

    def __init__(
        self, link: Link, sleep: Sleep, tree: Tree, far: Callable[[], Awaitable[FarTree]], state: Path, most: int
    ) -> None:
        self._link = link
        self._sleep = sleep
        self._tree = tree
        self._start_far = far
        self._state = state
        self._most = most
        self._carrying = asyncio.Lock()
        self._tasks = Tasks()
        self._far: FarTree | None = None
        self._watch: Watch | None = None
        self._watched = (0, 0)
        self._known: Known = {}
        self._here: dict[str, Sign] = {}
        self._there: dict[str, Sign] = {}
        self._closed = False
        self._told = ""
        self.left_out = ""
        self.lay_in_read_only: Callable[[], Awaitable[None]] = _nothing

    @property
    def busy(self) -> bool:
        """Whether files are on their way."""
        return self._carrying.locked()

    async def start(self, *, empty: bool) -> None:
        """Makes both sides the same, and keeps them so. With `empty` there is nothing there yet: all goes there.

        Raises EngineError.
        """
        if empty:
            await in_thread(self._state.unlink, missing_ok=True)
        self._known = await in_thread(_load, self._state)
        await self.bring_home()
        self._tasks.spawn(self._keep_up(), f"carrying files of {self._state.parent.name}")

    async def lay_in(self) -> None:
        """Brings there what was changed here, before something runs that reads it. Raises EngineError."""
        if await self._is_changed_here():
            await self.bring_home()

    async def bring_home(self) -> None:
        """Brings what was changed there home, and what was changed here there. Raises EngineError."""
        async with self._carrying:
            try:
                await self._carry()
            except TimeoutError as error:
                raise EngineError("The sandbox's files could not be carried in time.", retryable=True) from error

    def news(self) -> str:
        """What is to be said of files that are too large, unless it was said already."""
        told, self._told = self._told, self.left_out
        return self.left_out if self.left_out != told else ""

    async def close(self) -> None:
        """Brings home what can be, and carries no more."""
        if self._closed:
            return
        self._closed = True
        await self._tasks.close()
        if self._link.broken is None and not self._sleep.asleep:
            with suppress(EngineError):
                await self.bring_home()
        if self._far is not None:
            with suppress(EngineError):
                await self._far.close()
        if self._watch is not None:
            await in_thread(self._watch.close)

    async def _is_changed_here(self) -> bool:
        touched = await in_thread(self._is_touched)
        if touched:
            self._here = {}
        return touched

    def _is_touched(self) -> bool:
        which = self._tree.which()
        if self._watch is None or which != self._watched:
            if self._watch is not None:
                self._watch.close()
            self._watch, self._watched = Watch(str(self._tree.root)), which
        return self._watch.touched()

    async def _carry(self) -> None:
        if await self._is_changed_here() or not self._here:
            self._here = await in_thread(self._tree.scan)
        await self._look_there()
        plan = await in_thread(planned, self._known, self._here, self._there)
        if not plan.there and not plan.home:
            return
        try:
            if plan.there:
                await self._send(plan.there)
            await self._bring(plan.home)
        finally:
            await in_thread(_save, self._state, self._known)

    async def _look_there(self) -> None:
        try:
            changed, gone = await self._asked()
        except EngineError:
            if self._link.broken is not None:
                raise
            # Anything inside may have ended the program: that alone is no reason to give the sandbox up.
            self._far = None
            changed, gone = await self._asked()
        self._there.update(changed)
        for path in gone:
            self._there.pop(path, None)

    async def _asked(self) -> tuple[dict[str, Sign], tuple[str, ...]]:
        if self._far is None:
            self._far, self._there = await self._start_far(), {}
        said = await self._far.look()
        if not self._far.whole:
            raise EngineError(
                "The sandbox holds more files than can be copied from its engine's machine.",
                "Delete what is not needed in its terminal, or use an engine on this machine.",
            )
        return said

    async def _send(self, changes: Mapping[str, Sign | None]) -> None:
        assert self._far is not None
        async for path, signs in send(self._far, self._tree, self._state.parent, changes):
            if signs is None:
                self._there.pop(path, None)
                self._known.pop(path, None)
            else:
                self._there[path] = signs[1]
                self._known[path] = signs

    async def _bring(self, home: Mapping[str, Sign | None]) -> None:
        gone = sorted((path for path, sign in home.items() if sign is None), reverse=True)
        made = {path: sign for path, sign in sorted(home.items()) if sign is not None and sign[0] != "f"}
        await in_thread(self._make_here, gone, made)
        wanted = [(path, sign) for path, sign in sorted(home.items()) if sign is not None and sign[0] == "f"]
        for batch in batches(self._fitting(wanted)):
            await self._fetch(batch)

    def _make_here(self, gone: Sequence[str], made: Mapping[str, Sign]) -> None:
        for path in gone:
            if self._tree.sign(path) == self._here.get(path):  # else somebody has just saved it
                self._tree.remove(path)
                self._note(path, None)
        for path, sign in made.items():
            if self._tree.sign(path) == self._here.get(path) and self._tree.make(path, sign):
                self._note(path, sign)

    async def _fetch(self, batch: Sequence[tuple[str, Sign]]) -> None:
        assert self._far is not None
        with tempfile.TemporaryFile(dir=self._state.parent) as file:
            most = sum(sign[2] + _OVERHEAD for _, sign in batch) + BATCH_BYTES
            await self._far.give([path for path, _ in batch], file, most)
            await in_thread(file.seek, 0)
            asked = [(path, self._here.get(path)) for path, _ in batch]
            try:
                taken = await in_thread(self._tree.unpack, file, asked, FILE_MAX)
            except ValueError as error:
                raise EngineError(f"The sandbox's files cannot be carried: {error}.", retryable=True) from error
            await in_thread(self._note_all, taken)

    def _note_all(self, taken: Mapping[str, Sign]) -> None:
        for path, theirs in taken.items():
            self._there[path] = theirs
            self._note(path, theirs)

    def _note(self, path: str, theirs: Sign | None) -> None:
        mine = self._tree.sign(path)
        if mine is None:
            self._here.pop(path, None)
        else:
            self._here[path] = mine
        if mine is None or theirs is None:
            self._known.pop(path, None)
        else:
            self._known[path] = (mine, theirs)

    def _fitting(self, wanted: Sequence[tuple[str, Sign]]) -> list[tuple[str, Sign]]:
        """Those that may come home; the others are named in `left_out`."""
        room = self._most - sum(mine[2] for mine, _ in self._known.values())
        fit: list[tuple[str, Sign]] = []
        left: list[str] = []
        for path, sign in wanted:
            if sign[2] > FILE_MAX or sign[2] > room:
                left.append(path)
            else:
                room -= sign[2]
                fit.append((path, sign))
        names = ", ".join(shown(path) for path in left[:_NAMED])
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        said = f"Too large to be copied home from the container engine's machine: {names}{more}." if left else ""
        if said and said != self.left_out:
            log.warning("files_not_carried", files=names, count=len(left), most=sized(self._most))
        self.left_out = said
        return fit

    async def _keep_up(self) -> None:
        """Carries what nobody waits for, while the sandbox is awake."""
        with only_watching():
            while self._link.broken is None:
                began = time.monotonic()
                if not self._sleep.asleep and not self._carrying.locked():
                    try:
                        await self.bring_home()
                    except EngineError as error:
                        # Whoever uses the sandbox next is told.
                        log.info("files_not_carried_yet", error=str(error))
                await asyncio.sleep(max(AGAIN_SECONDS, _REST * (time.monotonic() - began)))


async def _nothing() -> None:
    """Nothing is laid in."""


def _load(state: Path) -> Known:
    try:
        saved = json.loads(state.read_text("utf-8", "surrogatepass"))
        pairs = {path: (read_sign(mine), read_sign(theirs)) for path, (mine, theirs) in saved.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {path: (mine, theirs) for path, (mine, theirs) in pairs.items() if mine is not None and theirs is not None}


def _save(state: Path, known: Known) -> None:
    part = state.with_suffix(".part")
    part.write_text(json.dumps(known), "utf-8")
    part.replace(state)
