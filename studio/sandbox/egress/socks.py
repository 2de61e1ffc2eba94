"""The SOCKS protocol, version 5, as far as a sandbox may use it: a connection to a host by its name."""

from __future__ import annotations

from ipaddress import ip_address

from studio.sandbox.egress.carrying import Said, carry
from studio.sandbox.egress.way_out import NotReached, WayOut
from studio.sandbox.listener import Caller

VERSION = 5
HOW = "socks"

_NO_SECRET, _NONE_FITS = 0, 0xFF
_CONNECT = 1
_BY_IPV4, _BY_NAME, _BY_IPV6 = 1, 3, 4
_SUCCEEDED, _NOT_ALLOWED, _UNREACHABLE, _NO_COMMAND, _NO_ADDRESS = 0, 2, 4, 7, 8


async def serve_socks(said: Said, caller: Caller, way: WayOut) -> None:
    """One conversation from its first byte to its end. Raises EOFError, EngineError."""
    _, count = await said.exactly(2)
    offered = await said.exactly(count)
    if _NO_SECRET not in offered:
        await caller.write(bytes((VERSION, _NONE_FITS)))
        return
    await caller.write(bytes((VERSION, _NO_SECRET)))
    _, command, _, kind = await said.exactly(4)
    if kind == _BY_NAME:
        host = (await said.exactly((await said.exactly(1))[0])).decode("latin-1")
    elif kind in (_BY_IPV4, _BY_IPV6):
        host = str(ip_address(await said.exactly(4 if kind == _BY_IPV4 else 16)))
    else:
        await caller.write(_answer(_NO_ADDRESS))
        return
    port = int.from_bytes(await said.exactly(2), "big")
    if command != _CONNECT:
        await caller.write(_answer(_NO_COMMAND))
    else:
        await _connect(host, str(port), said, caller, way)


async def _connect(host: str, port: str, said: Said, caller: Caller, way: WayOut) -> None:
    try:
        # An address tells nobody whom it belongs to.
        wanted = await way.named(host, port, HOW)
        async with way.to(wanted, HOW, said) as reached:
            await caller.write(_answer(_SUCCEEDED))
            await carry(said, caller, reached.reader, reached.writer, reached.carried, wanted.host)
    except NotReached as error:
        await caller.write(_answer(_NOT_ALLOWED if error.status < 500 else _UNREACHABLE))


def _answer(code: int) -> bytes:
    """An answer; the address in it is never used, and stays empty."""
    return bytes((VERSION, code, 0, _BY_IPV4, 0, 0, 0, 0, 0, 0))
