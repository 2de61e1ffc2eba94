"""Programs in real containers and the way out that they are given, or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import NetworkMode, Passed
from studio.domain.projects import Project
from studio.sandbox.egress.egress import Egress
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.images import Images
from studio.sandbox.sandboxes import Sandboxes
from studio.store import connections, projects
from studio.store.database import Database
from tests.fixtures.outside import PlainJudge, ScriptedOutside

pytestmark = pytest.mark.docker

_FETCH = "curl -sS -m 20 -o - -w ' %{http_code}' http://"
_BURST = """
import asyncio
async def fetch():
    reader, writer = await asyncio.open_connection("127.0.0.1", 3128)
    writer.write(b"GET http://files.example.org/ HTTP/1.0\\r\\n\\r\\n")
    return (await reader.read()).endswith(b"hello there")
async def main():
    print(sum(await asyncio.gather(*(fetch() for _ in range(200)))))
asyncio.run(main())
"""
_PYTHON = "python3 -c \"import urllib.request as r; print(r.urlopen('http://files.example.org/', timeout=20).read())\""


async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello there")
    await writer.drain()


class Outdoors:
    """A project's sandboxes with a way out, and what is played of the network."""

    def __init__(self, sandboxes: Sandboxes, judge: PlainJudge, outside: ScriptedOutside) -> None:
        self.project = ProjectId.new()
        self.sandboxes = sandboxes
        self.judge = judge
        self.outside = outside


@pytest.fixture
async def database(sandbox_paths: Paths) -> AsyncIterator[Database]:
    opened = await Database.open(sandbox_paths.database)
    yield opened
    await opened.close()


@pytest.fixture
async def outdoors(
    engine: DockerEngine, images: Images, sandbox_paths: Paths, sandboxes: Sandboxes, database: Database
) -> AsyncIterator[Outdoors]:
    """Ends before `sandboxes`, which looks for what is left behind."""
    judge, outside, clock = PlainJudge("files.example.org:80"), ScriptedOutside(), SystemClock()
    egress = Egress(judge, ConnectionLedger(database, clock), outside, clock, 0)
    made = Outdoors(Sandboxes(engine, images, sandbox_paths, clock, egress=egress), judge, outside)
    async with database.transaction() as connection:
        await projects.add(connection, Project(made.project, "shop", sandbox_paths.home, clock.now()))
    yield made
    await made.sandboxes.close_all()


async def test_programs_reach_listed_hosts_by_the_proxy_they_are_told_of_and_nothing_else(
    outdoors: Outdoors, workspace: Path, database: Database
) -> None:
    sandbox = await outdoors.sandboxes.open(outdoors.project, RunId.new(), workspace)
    async with outdoors.outside.host("files.example.org", 80, page):
        by_curl = await sandbox.exec(f"{_FETCH}files.example.org/", timeout=60)
        by_python = await sandbox.exec(_PYTHON, timeout=60)
        other = await sandbox.exec(f"{_FETCH}other.example.net/", timeout=60)
        around = await sandbox.exec(
            "curl -sS -m 5 --noproxy '*' http://files.example.org/; cat /proc/net/dev", timeout=60
        )

    assert by_curl.output.endswith("hello there 200")
    assert "hello there" in by_python.output
    assert other.output.endswith(" 403")
    assert "Could not resolve host" in around.output
    assert [line.partition(":")[0].strip() for line in around.output.splitlines() if ":" in line][-1] == "lo"
    async with database.reading() as connection:
        found = await connections.newest(connection, outdoors.project)
    assert [attempt.passed for attempt in found] == [Passed.REFUSED, Passed.ALLOWED, Passed.ALLOWED]


async def test_much_goes_through_whole_while_others_use_the_way_out_too(outdoors: Outdoors, workspace: Path) -> None:
    async def much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (8 << 20))
        for _ in range(8):
            writer.write(b"x" * (1 << 20))
            await writer.drain()

    sandbox = await outdoors.sandboxes.open(outdoors.project, RunId.new(), workspace)
    async with outdoors.outside.host("files.example.org", 80, much):
        line = "for i in 1 2 3; do curl -sS -m 60 http://files.example.org/ | wc -c & done; wait"
        heard = await sandbox.exec(line, timeout=90)

    assert heard.output.split() == [str(8 << 20)] * 3


async def test_more_connections_at_once_than_are_served_wait_and_none_is_dropped(
    outdoors: Outdoors, workspace: Path
) -> None:
    (workspace / "burst.py").write_text(_BURST)
    sandbox = await outdoors.sandboxes.open(outdoors.project, RunId.new(), workspace)
    async with outdoors.outside.host("files.example.org", 80, page):
        heard = await sandbox.exec("python3 burst.py", timeout=90)

    assert heard.output == "200\n"


async def test_the_way_out_stands_again_after_a_program_killed_what_carries_it(
    outdoors: Outdoors, workspace: Path
) -> None:
    sandbox = await outdoors.sandboxes.open(outdoors.project, RunId.new(), workspace)
    # Of the two supervisors the one that listens was started last.
    await sandbox.exec("kill -9 $(pgrep -n -f 'python3 -I -S')", timeout=30)
    waits = "until (</dev/tcp/127.0.0.1/3128) 2>/dev/null; do sleep 0.05; done"
    assert (await sandbox.exec(waits, timeout=30)).exit_code == 0

    async with outdoors.outside.host("files.example.org", 80, page):
        assert (await sandbox.exec(f"{_FETCH}files.example.org/", timeout=60)).output.endswith(" 200")


async def test_a_project_without_a_network_has_no_way_out_and_hears_of_none(
    outdoors: Outdoors, workspace: Path
) -> None:
    outdoors.judge.network = NetworkMode.NONE
    sandbox = await outdoors.sandboxes.open(outdoors.project, RunId.new(), workspace)

    assert await sandbox.listening_ports() == ()
    assert (await sandbox.exec("env | grep -i proxy", timeout=30)).exit_code == 1
