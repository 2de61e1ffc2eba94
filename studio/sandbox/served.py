"""What an app serves: one file of it, fetched through its tunnel in bounds, and from nowhere else."""

from __future__ import annotations

import asyncio
import re

from studio.sandbox.tunnel import Tunnel

_HEAD_BYTES = 64 * 1024
_PIECE = 64 * 1024
_OK = re.compile(rb"HTTP/1\.[01] 200\b")
_PATH = re.compile(r"/(?!/)[^\s\x00-\x20\x7f]{0,4000}")


async def served(tunnel: Tunnel, path: str, most: int, seconds: float) -> bytes | None:
    """What the app behind the tunnel gives for `path`; None for anything but a whole answer within `most` bytes.

    Redirects are not followed. It is asked in HTTP 1.0, so that what comes is neither packed nor in pieces.
    """
    if not _PATH.fullmatch(path):
        return None
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(tunnel.host, tunnel.port, limit=_HEAD_BYTES)
            tunnel.own_requests.note(path)
            asked = f"GET {path} HTTP/1.0\r\nHost: localhost:{tunnel.port}\r\nAccept: */*\r\n\r\n"
            writer.write(asked.encode("utf-8", "replace"))
            head = await reader.readuntil(b"\r\n\r\n")
            data = bytearray()
            while piece := await reader.read(_PIECE):
                data += piece
                if len(data) > most:
                    return None
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):  # also TimeoutError
        return None
    finally:
        if writer is not None:
            writer.close()
    return bytes(data) if _OK.match(head) else None
