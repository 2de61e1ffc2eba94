"""What a hostile app serves as source maps costs no more than its bounds: work, memory, and a minute's reading."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from typing import cast

import pytest

from studio.adapters.clock import SystemClock
from studio.agents.maps import BYTES_A_MINUTE, Maps, named_map
from studio.base.aio import Threads
from studio.domain.source_maps import MAP_BYTES, Original, SourceMap
from studio.sandbox.box import Sandbox
from studio.sandbox.own_requests import OwnRequests
from tests.fixtures.growth import LINEAR, growth

PORT = 5173
SMALL = json.dumps({"version": 3, "sources": ["a.ts"], "names": [], "mappings": "AAGA"})


class LaterClock(SystemClock):
    """A clock that can be put forward."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class App:
    """An app on loopback, in place of one in a container, that serves what it is told to."""

    def __init__(self) -> None:
        self.serves: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.host, self.port = "127.0.0.1", 0
        self.own_requests = OwnRequests(SystemClock())

    async def tunnel(self, port: int) -> App:
        return self

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        self.asked.append(path)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + self.serves[path])
        await writer.drain()
        writer.close()


@pytest.fixture
async def app() -> AsyncIterator[App]:
    made = App()
    server = await asyncio.start_server(made.answer, made.host, 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads(1, "source-maps")
    yield made
    made.close()


@pytest.mark.parametrize(
    "piece", ["//#sourceMappingURL=", "sourceMappingURL", "//# ", "//#sourceMappingURL=a b\n", "\xff"]
)
def test_to_look_for_the_map_of_a_hostile_script_costs_no_more_than_its_length(piece: str) -> None:
    def look(script: str) -> None:
        for _ in range(20):
            assert not named_map(script.encode("latin-1"))

    assert growth(look, piece, 500, after=" b") < LINEAR


def test_the_last_map_that_a_script_names_is_its_own() -> None:
    script = 'a("//# sourceMappingURL=no.map")\n//# sourceMappingURL=old.map\n//@sourceMappingURL=app.js.map \r\n//!\n'

    assert named_map(script.encode()) == "app.js.map"
    assert named_map(script.encode().replace(b"//@", b"//")) == "old.map"


async def test_maps_that_take_much_memory_push_each_other_out(app: App, threads: Threads) -> None:
    heavy = b'{"version":3,"sources":["a.ts"],"mappings":"' + b"AAAA," * 2000 + b'AAAA"}'
    weight = SourceMap.parse(heavy.decode()).weight
    maps = Maps(cast(Sandbox, app), threads, SystemClock(), kept_bytes=2 * weight)
    for name in ("one", "two", "three"):
        app.serves[f"/{name}.js"] = f"x\n//# sourceMappingURL={name}.map".encode()
        app.serves[f"/{name}.map"] = heavy

    for name in ("one", "two", "three", "three", "one"):
        assert await maps.of(f"/{name}.js", PORT) is not None

    assert app.asked.count("/three.map") == 1
    assert app.asked.count("/one.map") == 2


async def test_an_app_with_ever_new_scripts_is_read_in_bounds_and_again_a_minute_later(
    app: App, threads: Threads
) -> None:
    clock = LaterClock()
    maps = Maps(cast(Sandbox, app), threads, clock)
    app.serves = {f"/{number}.js": b"x" * MAP_BYTES for number in range(20)}
    app.serves |= {"/late.js": b"x\n//# sourceMappingURL=late.map", "/late.map": SMALL.encode()}

    for number in range(20):
        assert await maps.of(f"/{number}.js", PORT) is None
    assert len(app.asked) == BYTES_A_MINUTE // MAP_BYTES
    assert await maps.of("/late.js", PORT) is None

    clock.ahead = 61.0
    late = await maps.of("/late.js", PORT)
    assert late is not None
    assert late.original(1, 1) == Original("a.ts", 4, 1)


@pytest.mark.parametrize(
    "said",
    [
        '"mappings": "' + "AAAA," * 30_000 + 'AAAA"',
        '"mappings": "' + ";" * 150_000 + '"',
        '"sourceRoot": "' + "r" * 1900 + '", "sources": [' + '"a",' * 50_000 + '"a"]',
        '"names": [' + '"abcdefghijklmnopqrstuvwxyz",' * 50_000 + '"a"]',
        '"sections": [' + '{"offset": {"line": 1, "column": 1}, "map": {"mappings": ""}},' * 900 + "{}]",
    ],
)
def test_a_map_takes_a_few_times_its_length_of_memory_and_says_so(said: str) -> None:
    tracemalloc.start()
    found = SourceMap.parse(f"{{{said}}}")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.weight < 6 * len(said) + 4 * MAP_BYTES
    assert kept < 1.5 * found.weight + 100_000


@pytest.mark.parametrize("piece", ["[],", "{},", "1,", '"",', '"\\"",', '{"a":{"b":1}},'])
def test_a_map_of_very_many_values_is_not_read(piece: str) -> None:
    with pytest.raises(ValueError, match="too many values"):
        SourceMap.parse(f'{{"names": [{piece * (1_500_000 // len(piece))}1]}}')


def test_a_map_that_is_too_large_is_not_read() -> None:
    with pytest.raises(ValueError, match="too large"):
        SourceMap.parse(SMALL + " " * MAP_BYTES)
