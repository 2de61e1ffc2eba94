"""The frames of a container's log are taken apart as they come, however they are cut."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.log_stream import LINE_CHARACTERS, LogFrames, follow
from studio.contracts.container_log import LoggedLine
from studio.domain.errors import EngineError

NOON = b"2026-08-01T12:00:00.250000999Z "


def frame(text: bytes, stream: int = 1) -> bytes:
    piece = NOON + text
    return bytes([stream, 0, 0, 0]) + len(piece).to_bytes(4, "big") + piece


def test_lines_come_whole_with_time_and_stream_however_they_are_cut() -> None:
    frames = LogFrames()
    lines: list[LoggedLine] = []

    for byte in frame(b"listening\n") + frame("Gr\u00fc\u00dfe\n".encode(), 2):
        lines += frames.feed(bytes([byte]))

    assert [(line.text, line.is_error) for line in lines] == [("listening", False), ("Gr\u00fc\u00dfe", True)]
    assert lines[0].time == datetime(2026, 8, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def test_a_long_line_that_comes_in_pieces_is_one_and_kept_short() -> None:
    frames = LogFrames()

    first = frames.feed(frame(b"a" * 16_384) + frame(b"between\n", 2))
    rest = frames.feed(frame(b"b" * 100 + b"\n"))

    assert [line.text for line in first] == ["between"]
    assert [line.text for line in rest] == ["a" * LINE_CHARACTERS]


def test_what_ends_without_a_line_end_is_given_once_nothing_more_comes() -> None:
    frames = LogFrames()

    assert frames.feed(frame(b"killed")) == ()
    assert [line.text for line in frames.finish()] == ["killed"]
    assert frames.finish() == ()


@pytest.mark.parametrize("strange", [b"\x01\0\0\0\xff\xff\xff\xff", b"\x01\0\0\0\0\0\0\x09no time x"])
def test_what_is_no_log_is_said_to_be_none(strange: bytes) -> None:
    with pytest.raises(ValueError, match=r"too long|isoformat"):
        LogFrames().feed(strange)


async def test_an_engine_that_refuses_says_why(tmp_path: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.0 404 Not Found\r\n\r\n{"message":"No such container: gone"}')
        writer.close()

    server = await asyncio.start_unix_server(refuse, tmp_path / "e.sock")
    with pytest.raises(EngineError, match="No such container: gone"):
        await follow(Endpoint(f"unix://{tmp_path}/e.sock"), "1.41", "gone", 10)
    server.close()
