"""Carrying: keeps a folder of this machine and one of a container the same, where no mount can."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from studio.base.aio import Tasks, in_thread, to_end
from studio.base.log import logger
from studio.domain.errors import EngineError
from studio.sandbox.carrying.agreement import Agreement
from studio.sandbox.carrying.failures import NoRoomThere, not_carried, too_many
from studio.sandbox.carrying.far_tree import ENTRIES_MAX, FarTree, Told
from studio.sandbox.carrying.news import News
from studio.sandbox.carrying.plan import Plan, planned
from studio.sandbox.carrying.room import FILE_MAX, fitting
from studio.sandbox.carrying.sending import BATCH_BYTES, batches, send, sorted_out
from studio.sandbox.carrying.tree import Tree
from studio.sandbox.inside.signs import Sign
from studio.sandbox.inside.watch import Watch
from studio.sandbox.link import Link
from studio.sandbox.sleep import Sleep, only_watching

log = logger("sandbox")

AGAIN_SECONDS = 1.0
"""How often changes are carried that nobody waits for: a process behind writes, a person saves."""

CLOSE_SECONDS = 15.0
"""So long a sandbox that ends is given to bring home what is not here yet; else that stays in its volume."""

_OVERHEAD = 4096
_REST = 4
"""Between two times that nobody waits for there passes so many times what one took."""


class Carrier:
    """The files of one sandbox whose engine does not see this machine's folders; `most` bytes come home at the most.

    `far` starts the other half, in the container of `link`, which sleeps by `sleep`. Only by its `agreement` with that
    very volume is anything deleted here. `news` are of files that are not carried as they are, `lay_in_read_only` lays
    in anew what the container only reads.
    """

    def __init__(
        self,
        link: Link,
        sleep: Sleep,
        tree: Tree,
        far: Callable[[], Awaitable[FarTree]],
        agreement: Agreement,
        most: int,
        news: News,
    ) -> None:
        self._link = link
        self._sleep = sleep
        self._tree = tree
        self._start_far = far
        self._agreement = agreement
        self._scratch = agreement.file.parent
        self._most = most
        self._carrying = asyncio.Lock()
        self._tasks = Tasks()
        self._far: FarTree | None = None
        self._watch: Watch | None = None
        self._watched = (0, 0)
        self._is_stale = True
        self._room = 0
        self._here: dict[str, Sign] = {}
        self._there: dict[str, Sign] = {}
        self._unread: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
        self._closed = False
        self.news = news
        self.lay_in_read_only: Callable[[], Awaitable[None]] = _nothing

    @property
    def busy(self) -> bool:
        """Whether files are on their way."""
        return self._carrying.locked()

    async def start(self) -> None:
        """Makes both sides the same, and keeps them so. Raises EngineError."""
        try:
            await to_end(lambda: self._agreement.begin(self._tree.which()))
        except OSError as error:
            raise not_carried(error) from error
        await self.bring_home()
        self._tasks.spawn(self._keep_up(), f"carrying files of {self._scratch.name}")

    async def lay_in(self) -> None:
        """Brings there what was changed here, before something runs that reads it. Raises EngineError."""
        async with self._carrying:
            await to_end(self._look_for_touches)
            if self._is_stale:
                await self._carry_whole()

    async def bring_home(self) -> None:
        """Brings what was changed there home, and what was changed here there. Raises EngineError."""
        async with self._carrying:
            await self._carry_whole()

    async def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Brings home what can be in that time, and carries no more; a sandbox that sleeps is woken for that."""
        if self._closed:
            return
        self._closed = True
        await self._tasks.close()
        if self._link.broken is None:
            try:
                async with asyncio.timeout(seconds):
                    await self.bring_home()
                    await self._note_all_home()
            except (EngineError, TimeoutError) as error:
                log.warning("files_not_brought_home", run=self._scratch.name, error=str(error))
        if self._far is not None:
            with suppress(EngineError):
                await self._far.close()
        if self._watch is not None:
            await in_thread(self._watch.close)

    def _look_for_touches(self) -> None:
        try:
            which = self._tree.which()
        except EngineError:
            self._watched = (0, 0)  # what comes in its place may look like it
            raise
        if self._watch is None or which != self._watched:
            if self._watch is not None:
                self._watch.close()
                self._agreement.forget(which)
            self._watch, self._watched = Watch(str(self._tree.root)), which
        # Kept until it was looked at whole: who asked may have been cancelled meanwhile.
        self._is_stale = self._watch.touched() or self._is_stale

    async def _carry_whole(self) -> None:
        try:
            if await self._carry():
                await self._carry()  # what was moved beside is new on its side
            self.news.look(self._here, self._there)
        except BaseException as error:
            self._is_stale = True  # or the next command would run on what is there without a word
            await self._drop_far()  # what it was saying is half heard
            if isinstance(error, TimeoutError):
                raise EngineError("The sandbox's files could not be carried in time.", retryable=True) from error
            if isinstance(error, OSError):
                raise not_carried(error) from error
            raise

    async def _carry(self) -> bool:
        """Makes both sides the same; whether something may have been moved beside, which goes over the next time."""
        await to_end(self._look_for_touches)
        if self._is_stale:
            found = await in_thread(self._tree.scan)
            self._here, self._unread = found.signs, (frozenset(found.unread), self._unread[1])
            self._is_stale = False
        await self._look_there()
        known, unread = self._agreement.known, self._unread[0] | self._unread[1]
        is_first = self._agreement.is_first
        plan = await to_end(planned, known, self._here, self._there, unread, is_first=is_first)
        if plan.there or plan.home:
            self.news.move(plan.beside)
            try:
                try:
                    if plan.there:
                        await self._send(plan)
                except NoRoomThere:
                    await self._bring(plan)
                    raise
                await self._bring(plan)
            finally:
                await to_end(self._agreement.save, home=False)
        self._agreement.is_first = False
        return bool(plan.beside)

    async def _look_there(self) -> None:
        try:
            said = await self._asked()
        except EngineError:
            if self._link.broken is not None:
                raise
            # Anything inside may have ended the program: that alone is no reason to give the sandbox up.
            await self._drop_far()
            said = await self._asked()
        await to_end(self._hear, said)

    async def _drop_far(self) -> None:
        """Asks another one from now on."""
        far, self._far = self._far, None
        if far is not None and self._link.broken is None:
            await far.close()

    async def _note_all_home(self) -> None:
        known, here, there = self._agreement.known, self._here, self._there
        if not self._unread[1] and not (await to_end(planned, known, here, there)).home:
            await to_end(self._agreement.save, home=True)

    async def _asked(self) -> Told:
        if self._far is None:
            self._far, self._there = await self._start_far(), {}
        said = await self._far.look()
        if not said.whole:
            raise too_many()
        return said

    def _hear(self, said: Told) -> None:
        for path in said.gone:
            self._there.pop(path, None)
        self._there.update(said.changed)
        self._unread = (self._unread[0], frozenset(said.unread))
        if len(self._there) > ENTRIES_MAX:
            raise too_many()

    async def _send(self, plan: Plan) -> None:
        assert self._far is not None
        async for path, signs in send(self._far, self._tree, self._scratch, plan.there, plan.beside):
            if signs is None:
                self._there.pop(path, None)
                self._agreement.known.pop(path, None)
            else:
                self._there[path] = signs[1]
                self._agreement.known[path] = signs

    async def _bring(self, plan: Plan) -> None:
        gone, made, wanted = await in_thread(sorted_out, plan.home)
        await to_end(self._make_here, gone, made, plan.beside)
        found = await in_thread(fitting, wanted, self._here, self._most)
        self.news.leave_out(found.left)
        self._room = found.room
        for batch in batches(found.fit):
            await self._fetch(batch, plan.beside)

    def _make_here(
        self, gone: Sequence[tuple[str, Sign]], made: Sequence[tuple[str, Sign]], beside: Mapping[str, str]
    ) -> None:
        for path, _ in gone:
            if self._tree.sign(path) == self._here.get(path):  # else somebody has just saved it
                self._tree.remove(path)
                self._note(path, None)
        for path, sign in made:
            is_as_it_was = self._tree.sign(path) == self._here.get(path)
            if is_as_it_was and self._tree.make(path, sign, beside.get(path, "")):
                self._note(path, sign)

    async def _fetch(self, batch: Sequence[tuple[str, Sign]], beside: Mapping[str, str]) -> None:
        assert self._far is not None
        spare = max(0, min(BATCH_BYTES, self._room))
        with tempfile.TemporaryFile(dir=self._scratch) as file:
            most = sum(sign[2] + _OVERHEAD for _, sign in batch) + BATCH_BYTES
            await self._far.give([path for path, _ in batch], file, most)
            await in_thread(file.seek, 0)
            asked = [(path, self._here.get(path), sign[2]) for path, sign in batch]
            try:
                taken = await to_end(self._tree.unpack, file, asked, FILE_MAX, spare, beside)
            except ValueError as error:
                raise not_carried(error) from error
        self._room -= sum(max(0, taken[path][2] - sign[2]) for path, sign in batch if path in taken)
        await to_end(self._note_all, taken)

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
            self._agreement.known.pop(path, None)
        else:
            self._agreement.known[path] = (mine, theirs)

    async def _keep_up(self) -> None:
        """Carries what nobody waits for, while the sandbox is awake."""
        with only_watching():
            while self._link.broken is None:
                began = time.monotonic()
                if not self._sleep.asleep and not self._carrying.locked():
                    try:
                        await self.bring_home()
                    except Exception as error:
                        # Whoever uses the sandbox next is told, and what nobody waits for is tried again.
                        log.info("files_not_carried_yet", error=repr(error))
                await asyncio.sleep(max(AGAIN_SECONDS, _REST * (time.monotonic() - began)))


async def _nothing() -> None:
    """Nothing is laid in."""
