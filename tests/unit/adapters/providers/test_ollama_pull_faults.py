"""A pull from a server that misbehaves: each way ends in one clear sentence, and in bounded memory and time."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from ollama import ProgressResponse

from studio.adapters.providers import ollama
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.ollama_pull import PullReader
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.pulls import PullProgress, PullStep
from tests.fixtures.hostile_provider import (
    Behaviour,
    answering,
    endless,
    hostile,
    resetting,
    stalling,
    streaming,
    streaming_chunks,
)

LINES = b"".join(
    json.dumps(line).encode() + b"\n"
    for line in (
        {"status": "pulling manifest"},
        {"status": "pulling 1", "digest": "sha256:1", "total": 4_000_000_000, "completed": 1_000_000_000},
    )
)
HALF = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n" + LINES
STOPPED = "stopped answering while it fetched ollama/qwen3; 1.0 GB of 4.0 GB came."


async def failing(
    behaviour: Behaviour, said: Callable[[PullProgress], None] = lambda _progress: None, seconds: float = 60.0
) -> ProviderError:
    """The error with which a pull ends, of which nothing may come for so long."""
    async with hostile(behaviour) as server:
        config = ProviderConfig("ollama", server.url, max_bytes=50_000, fetching_seconds=seconds)
        model = ollama.make(config)
        try:
            with pytest.raises(ProviderError) as caught:
                await model.pull("qwen3", said)
        finally:
            await model.close()
    return caught.value


@pytest.mark.parametrize(
    ("behaviour", "fault", "says"),
    [
        (stalling(LINES), ProviderFault.TIMED_OUT, STOPPED),
        (streaming(LINES), ProviderFault.BROKEN_STREAM, STOPPED),
        (streaming_chunks(LINES), ProviderFault.BROKEN_STREAM, STOPPED),
        (resetting(HALF), ProviderFault.BROKEN_STREAM, STOPPED),
        (streaming(LINES + b'{"status": 5}\n'), ProviderFault.BROKEN_STREAM, STOPPED),
        (streaming(LINES + b"[]\n"), ProviderFault.BROKEN_STREAM, STOPPED),
        (streaming(b"\x00\xff{not json\n\n"), ProviderFault.BROKEN_STREAM, "it fetched ollama/qwen3; nothing came."),
        (endless(b"a" * 5000), ProviderFault.BROKEN_STREAM, "it fetched ollama/qwen3; nothing came."),
        (answering(401), ProviderFault.AUTH, "refused the key (401)"),
        (answering(400, b'{"error": "invalid model name"}'), ProviderFault.BAD_REQUEST, "(400: invalid model name)"),
        (answering(307, b"", {"location": "http://x/"}), ProviderFault.BAD_REQUEST, "answered with a redirect (307)"),
    ],
    ids=[
        *("unplugged", "cut", "chunk-missing", "reset", "odd-line", "no-object", "garbage", "endless-line"),
        *("401", "bad-name", "redirect"),
    ],
)
async def test_a_pull_that_goes_wrong_ends_with_what_happened(
    behaviour: Behaviour, fault: ProviderFault, says: str
) -> None:
    error = await failing(behaviour, seconds=2.0 if fault is ProviderFault.TIMED_OUT else 60.0)
    assert says in error.sentence
    assert (error.fault, error.may_have_cost) == (fault, False)
    assert error.action


async def test_many_short_lines_are_no_endless_one() -> None:
    told: list[PullProgress] = []
    line = json.dumps({"status": "pulling 1", "digest": "sha256:1", "total": 9, "completed": 1}).encode() + b"\n"
    error = await failing(streaming(line * 2_000), told.append)
    assert len(told) == 2_000
    assert "1 bytes of 9 bytes came" in error.sentence


def test_what_is_no_size_counts_nothing() -> None:
    reader = PullReader(1.0)
    told = reader.take(ProgressResponse(status="pulling 1", digest="a", total=10, completed=99))
    assert told == PullProgress(PullStep.FETCHING, 10, 10)
    told = reader.take(ProgressResponse(status="pulling 2", digest="b", total=-5, completed=1 << 60))
    assert told == PullProgress(PullStep.FETCHING, 10, 10)
