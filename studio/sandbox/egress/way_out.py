"""The way out: one connection of a sandbox, from what it wants to its end in the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from studio.base.log import logger
from studio.base.text import shorten, shown
from studio.contracts.clock import Clock
from studio.contracts.outside import Address, Outside
from studio.domain.errors import EngineError, LimitReached, Refused, StoreError
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Destination, Passed, host_name
from studio.sandbox.egress.addresses import PRIVATE, THIS_MACHINE, trouble_with
from studio.sandbox.egress.carrying import Carried, Meter, Said
from studio.sandbox.egress.judging import Judge, Judged
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.egress.pace import Pace

log = logger("sandbox")

_CONNECT_SECONDS = 15.0
_IDLE_SECONDS = 300.0
_QUICK_SECONDS = 1.0
_PER_MINUTE = 600
_MOST_ADDRESSES = 3
_PORTS = 1 << 16
_LONGEST = 100
_NAME_IT = "where your package mirror is too: if it is one more name of that, put it on the project's list"


class NotReached(Exception):
    """A host is not reached; `status` is the HTTP code that says how, the text why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reached:
    """A connection to a host, and the count of what goes through it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    carried: Carried


class WayOut:
    """Lets the programs of one run out, or not; `most_bytes` is what they may move in all, 0 for no ceiling."""

    def __init__(
        self,
        project: ProjectId,
        run: RunId,
        judge: Judge,
        ledger: ConnectionLedger,
        outside: Outside,
        clock: Clock,
        most_bytes: int,
    ) -> None:
        self._project = project
        self._run = run
        self._judge = judge
        self._ledger = ledger
        self._outside = outside
        self._meter = Meter(most_bytes)
        self._pace = Pace(clock, _PER_MINUTE)

    @asynccontextmanager
    async def to(self, wanted: Destination, how: str, said: Said) -> AsyncIterator[Reached]:
        """A connection to a host, for the time of the block, which is broken off when nothing moves for long.

        Raises NotReached, which stands in the ledger like all else. Gives up when the program hangs up meanwhile.
        """
        judged = await self._allowed(wanted, how, said)
        reader, writer, address = await self._connected(wanted, how, judged)
        carried, reason, ending = Carried(self._meter), judged.reason, "broken off by Studio"
        number = 0
        try:
            # What cannot be written down is not let through.
            number = await self._ledger.begin(self._project, self._run, wanted, how, reason, str(address))
            async with asyncio.timeout(_IDLE_SECONDS) as limit:
                carried.watch(lambda: limit.reschedule(asyncio.get_running_loop().time() + _IDLE_SECONDS))
                yield Reached(reader, writer, carried)
            ending = ""
        except StoreError as error:
            raise NotReached(503, "Studio's ledger of connections cannot be written") from error
        except NotReached as error:
            ending = f"broken off: {error.reason}"
            raise
        except TimeoutError:
            ending = f"broken off, as nothing moved for {_IDLE_SECONDS:g} s"
        except Refused as error:
            ending = f"broken off: {error.sentence}"
        except (OSError, EngineError):
            ending = "broken off by one side"
        finally:
            writer.close()
            if number:
                await self._note_end(number, "; ".join(filter(None, (reason, ending))), carried)

    async def named(self, host: str, port: str, how: str) -> Destination:
        """What a program asks for as a host. Raises NotReached for what is no name, an address for example."""
        if not port.isascii() or not port.isdigit() or len(port) > 5 or not 0 < int(port) < _PORTS:
            raise NotReached(400, "that is no port")
        name = host_name(host)
        if name is None:
            reason = "a host is reached by its name, not by an address"
            if not self._pace.may():
                raise NotReached(403, reason)
            raise await self.refuse(Destination(shown(shorten(host, _LONGEST)), int(port)), how, 403, reason)
        return Destination(name, int(port))

    async def refuse(
        self, wanted: Destination, how: str, status: int, reason: str, passed: Passed = Passed.REFUSED
    ) -> NotReached:
        """Notes what was not let through, and gives what is to be raised."""
        try:
            await self._ledger.refuse(self._project, self._run, wanted, how, passed, reason)
        except StoreError as error:
            log.warning("connection_not_noted", error=str(error))
        return NotReached(status, reason)

    async def _allowed(self, wanted: Destination, how: str, said: Said) -> Judged:
        if not self._pace.may():
            # Not in the ledger: what comes as a flood would push out all else.
            raise NotReached(429, f"a run may try {self._pace.most} connections in a minute")
        try:
            self._meter.require_room()
        except LimitReached as error:
            raise await self.refuse(wanted, how, 403, error.sentence) from error
        judging = asyncio.ensure_future(self._judge.judge(self._project, self._run, wanted))
        leaving = asyncio.ensure_future(said.hang_up())
        try:
            await asyncio.wait({judging, leaving}, return_when=asyncio.FIRST_COMPLETED)
            # Who has said all waits for the answer all the same, for as long as nobody is asked.
            await asyncio.wait({judging}, timeout=None if not leaving.done() else _QUICK_SECONDS)
            if not judging.done():
                raise await self.refuse(wanted, how, 403, "the program hung up before it was decided")
            judged = judging.result()
        finally:
            for task in (judging, leaving):
                task.cancel()
            await asyncio.wait({judging, leaving})
        if not judged.passed:
            raise await self.refuse(wanted, how, 403, judged.reason)
        return judged

    async def _addresses(self, wanted: Destination, how: str, judged: Judged) -> tuple[Address, ...]:
        """The addresses of an allowed host, every one of which may be reached."""
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                addresses = await self._outside.resolve(wanted.host)
        except (OSError, UnicodeError) as error:  # also TimeoutError
            raise await self.refuse(wanted, how, 502, "its name is not known on this machine", Passed.FAILED) from error
        for address in addresses:
            trouble = trouble_with(address, is_own=judged.is_own)
            if trouble == PRIVATE and await self._is_a_mirrors(address, wanted.port):
                trouble = "" if judged.is_named else f"{PRIVATE}, {_NAME_IT}"
            if trouble or self._outside.is_here(address):
                raise await self.refuse(wanted, how, 403, f"it may not be reached: {trouble or THIS_MACHINE}")
        return addresses

    async def _is_a_mirrors(self, address: Address, port: int) -> bool:
        """Whether an address in a private network is that of a host which this machine's own configuration names.

        A mirror often serves several names there. So may hosts that are none of its own, as one address can stand
        before all that a company runs: only a name that a person chose leads to it.
        """
        own = {each.host for each in await self._judge.own(self._project) if each.port == port}
        for host in own:
            with suppress(OSError, UnicodeError):
                async with asyncio.timeout(_CONNECT_SECONDS):
                    if address in await self._outside.resolve(host):
                        return True
        return False

    async def _connected(
        self, wanted: Destination, how: str, judged: Judged
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Address]:
        """A connection to an address that was looked at: the name is not looked up again."""
        status, reason = 502, "it takes no connection there"
        for address in (await self._addresses(wanted, how, judged))[:_MOST_ADDRESSES]:
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    return *await self._outside.connect(address, wanted.port), address
            except TimeoutError:
                status, reason = 504, "it does not answer"
            except OSError:
                status, reason = 502, "it takes no connection there"
        raise await self.refuse(wanted, how, status, reason, Passed.FAILED)

    async def _note_end(self, number: int, ending: str, carried: Carried) -> None:
        try:
            await self._ledger.end(number, ending, carried.sent, carried.received)
        except StoreError as error:
            log.warning("connection_end_not_noted", error=str(error))
