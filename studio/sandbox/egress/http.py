"""HTTP as a proxy is asked it: a tunnel to a host (CONNECT), or a request for a whole address (http://…)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from contextlib import suppress

import h11

from studio.base.text import shorten
from studio.domain.network import Destination
from studio.sandbox.egress.carrying import Said, carry, given_up
from studio.sandbox.egress.way_out import NotReached, Reached, WayOut
from studio.sandbox.inside.frames import PIECE
from studio.sandbox.listener import Caller

CONNECT, PLAIN = "connect", "http"

_HEAD_BYTES = 1 << 16
_HEAD_SECONDS = 60.0
_HTTP = 80
_NOT_PASSED_ON = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer upgrade".split()
)
"""Headers between one hop and the next."""

_WHOLE = re.compile(r"http://(?:[^/?#@]*@)?(?P<host>[^/?#@:]*)(?::(?P<port>\d*))?(?P<path>[/?][^#]*)?(?:#.*)?", re.I)

_HELP = "Studio's operator decides which hosts the sandbox reaches: studio sandbox network."


async def serve_http(said: Said, caller: Caller, way: WayOut) -> None:
    """One conversation from its first byte to its end, request by request. Raises EngineError."""
    client = _Client(said, caller)
    with suppress(h11.ProtocolError, TimeoutError):
        while await _serve_one(client, way):
            client.wire.start_next_cycle()


async def _serve_one(client: _Client, way: WayOut) -> bool:
    """Serves one request, and says whether another one may follow."""
    try:
        async with asyncio.timeout(_HEAD_SECONDS):
            request = await client.event()
        if not isinstance(request, h11.Request):
            return False
        if request.method == b"CONNECT":
            host, _, port = request.target.decode("latin-1").rpartition(":")
            await _tunnel(client, way, await way.named(host, port, CONNECT))
            return False
        host, port, path = _whole(request.target)
        wanted = await way.named(host, port, PLAIN)
        async with way.to(wanted, PLAIN, client.said) as reached:
            await _pass_on(client, request, wanted, path, reached)
    except NotReached as error:
        await client.refuse(error.status, error.reason)
    except h11.RemoteProtocolError as error:
        await client.refuse(error.error_status_hint, "that is no request which Studio understands")
        return False
    return client.wire.our_state is h11.DONE and client.wire.their_state is h11.DONE


async def _tunnel(client: _Client, way: WayOut, wanted: Destination) -> None:
    await client.event()  # the end of the request, which has no body
    async with way.to(wanted, CONNECT, client.said) as reached:
        await client.send(h11.Response(status_code=200, headers=[], reason=b"Connected"))
        client.said.give_back(client.wire.trailing_data[0])
        await carry(client.said, client.caller, reached.reader, reached.writer, reached.carried, wanted.host)


async def _pass_on(client: _Client, request: h11.Request, wanted: Destination, path: str, reached: Reached) -> None:
    """Sends one request on, and its answer back; each request is a connection of its own, as each is judged."""
    server = _Server(reached)
    host = wanted.host if wanted.port == _HTTP else str(wanted)
    headers = [(b"Host", host.encode("ascii")), *_passed_on(request.headers, b"host"), (b"Connection", b"close")]
    await server.send(h11.Request(method=request.method, target=path, headers=headers))

    async def out() -> None:
        while not isinstance(event := await client.event(), h11.EndOfMessage):
            await server.send(event)
        await server.send(event)

    async def back() -> None:
        while True:
            event = await server.event()
            if isinstance(event, h11.Response):
                passed = _passed_on(event.headers)
                event = h11.Response(status_code=event.status_code, headers=passed, reason=event.reason)
            await client.send(event)
            if isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                return

    sending, receiving = asyncio.ensure_future(out()), asyncio.ensure_future(back())
    try:
        # A host may answer before it has heard all, and then hears no more.
        done, _ = await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
        if receiving not in done:
            sending.result()
        await receiving
    finally:
        await given_up(sending, receiving)


class _Client:
    """The program in the sandbox."""

    def __init__(self, said: Said, caller: Caller) -> None:
        self.said = said
        self.caller = caller
        self.wire = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_BYTES)

    async def event(self) -> h11.Event:
        """What it says next. Raises h11.RemoteProtocolError."""
        while (event := self.wire.next_event()) is h11.NEED_DATA:
            self.wire.receive_data(await self.said.read())
        if event is h11.PAUSED:
            raise h11.RemoteProtocolError("a request before the answer to the last one", error_status_hint=400)
        assert not isinstance(event, type)
        return event

    async def send(self, event: h11.Event) -> None:
        """Says something to it."""
        data = self.wire.send(event)
        if data:
            await self.caller.write(data)

    async def refuse(self, status: int, reason: str) -> None:
        """Says why not, in the first line, which clients show, and in words; a request half told ends with it."""
        if self.wire.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        short = shorten(f"Studio refused: {reason}", 200).encode("ascii", "replace")
        text = f"Studio refused this: {reason}.\n{_HELP}\n".encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
        headers.append(("Connection", "close"))
        await self.send(h11.Response(status_code=status, headers=headers, reason=short))
        await self.send(h11.Data(data=text))
        await self.send(h11.EndOfMessage())
        await self.caller.end()


class _Server:
    """The host outside."""

    def __init__(self, reached: Reached) -> None:
        self._reached = reached
        self._wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)

    async def event(self) -> h11.Event:
        """What it says next. Raises NotReached for what is no answer, OSError, LimitReached."""
        try:
            while (event := self._wire.next_event()) is h11.NEED_DATA:
                data = await self._reached.reader.read(PIECE)
                self._reached.carried.receive(len(data))
                self._wire.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise NotReached(502, "what it answers is no HTTP") from error
        assert not isinstance(event, type)
        return event

    async def send(self, event: h11.Event) -> None:
        """Says something to it. Raises OSError, LimitReached."""
        data = self._wire.send(event)
        if data:
            self._reached.carried.send(len(data))
            self._reached.writer.write(data)
            await self._reached.writer.drain()


def _passed_on(headers: Iterable[tuple[bytes, bytes]], *but: bytes) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name not in _NOT_PASSED_ON and name not in but]


def _whole(target: bytes) -> tuple[str, str, str]:
    """The host and the port that a whole address leads to, and what is asked for there, letter by letter."""
    match = _WHOLE.fullmatch(target.decode("latin-1"))
    if match is None:
        raise NotReached(400, "a proxy is asked for http://… or CONNECT")
    path = match["path"] or "/"
    return match["host"], match["port"] or str(_HTTP), path if path.startswith("/") else f"/{path}"
