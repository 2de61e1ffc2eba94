"""Services beside sandboxes: reached on the same loopback, apart from every other branch, gone with their run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import httpx
import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.domain.ids import ProjectId, RunId
from studio.domain.services import ServiceState
from studio.sandbox.box import Sandbox
from studio.sandbox.plan import SandboxPlan
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.spec.compose import read_compose
from tests.fixtures.postgres_image import postgres_image

__all__ = ["postgres_image"]

pytestmark = pytest.mark.docker

SECONDS = 60
PROJECT = ProjectId.new()

WEB = """
import http.server, os, subprocess

class Orders(http.server.BaseHTTPRequestHandler):
    def ask(self, sql):
        where = ["--host=db", "--username=postgres", "--dbname=shop", "--tuples-only", "--no-align"]
        asked = subprocess.run(["psql", *where, "--command", sql], capture_output=True, text=True)
        said = (asked.stdout or asked.stderr).encode()
        self.send_response(200 if asked.returncode == 0 else 500)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_GET(self):
        self.ask("select what from orders order by what")

    def do_POST(self):
        what = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.ask(f"insert into orders values ('{what}')")

http.server.HTTPServer(("127.0.0.1", 8000), Orders).serve_forever()
"""

SHOP = """
services:
  web:
    image: IMAGE
    entrypoint: ["python3", "/srv/web.py"]
    environment: {PGPASSWORD: secret}
    volumes: ["./web.py:/srv/web.py:ro"]
    ports: ["8000:8000"]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: IMAGE
    environment: {POSTGRES_PASSWORD: secret, POSTGRES_DB: shop}
    volumes: ["data:/var/lib/postgresql/data", "./db:/docker-entrypoint-initdb.d"]
    ports: ["5432:5432"]
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres"]}
volumes:
  data:
"""


class Branches:
    """Runs of one project, each with a sandbox and what a compose file asks for beside it."""

    def __init__(self, sandboxes: Sandboxes, paths: Paths, engine: DockerEngine) -> None:
        self.made: list[RunId] = []
        self._sandboxes = sandboxes
        self._paths = paths
        self._engine = engine

    async def start(self, compose: str, run: RunId | None = None) -> Sandbox:
        """A branch of its own, or one that was closed."""
        run = run or RunId.new()
        self.made.append(run)
        folder, base = self._paths.workspaces / run / "files", self._paths.workspaces / run / "base"
        (base / "db").mkdir(parents=True, exist_ok=True)
        (base / "db" / "init.sql").write_text("create table orders (what text);\n")
        (base / "web.py").write_text(WEB)
        folder.mkdir(exist_ok=True)
        if self._sandboxes.owner is not None:
            os.chown(folder, *self._sandboxes.owner)
        plan = SandboxPlan(services=read_compose("compose.yaml", compose, {}))
        return await self._sandboxes.open(PROJECT, run, folder, (), plan, base)

    async def left_of(self, run: RunId) -> list[str]:
        """What the engine still has with the label of a run."""
        worn = {"studio.run": run}
        return [
            *(one.name for one in await self._engine.containers(worn)),
            *(one.name for one in await self._engine.volumes(worn)),
        ]


@pytest.fixture
async def branches(sandboxes: Sandboxes, sandbox_paths: Paths, engine: DockerEngine) -> AsyncIterator[Branches]:
    """Branches that leave nothing behind."""
    branches = Branches(sandboxes, sandbox_paths, engine)
    yield branches
    for run in branches.made:
        await sandboxes.close(run, "the test is over")
        await sandboxes.forget(run)
    assert await engine.volumes({"studio.home": str(sandbox_paths.home)}) == ()


def states(sandbox: Sandbox) -> dict[str, ServiceState]:
    assert sandbox.pod is not None
    return {view.name: view.state for view in sandbox.pod.views}


async def order(sandbox: Sandbox, what: str) -> None:
    """Posts to the web service from within the sandbox, by its name."""
    done = await sandbox.exec(f"curl --silent --fail --data {what} http://web:8000/", timeout=SECONDS)
    assert done.exit_code == 0, done.output


async def orders(sandbox: Sandbox) -> list[str]:
    """What the web service shows of its database, through a tunnel as a preview has it."""
    tunnel = await sandbox.tunnel(8000)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://{tunnel.host}:{tunnel.port}/")
    assert answer.status_code == 200, answer.text
    return answer.text.split()


async def test_three_branches_of_a_shop_run_at_once_on_the_same_ports_with_their_data_apart(
    branches: Branches, sandboxes: Sandboxes, postgres_image: str
) -> None:
    shop = SHOP.replace("IMAGE", postgres_image)
    three = await asyncio.gather(*(branches.start(shop) for _ in range(3)))

    assert [states(one) for one in three] == [{"db": ServiceState.READY, "web": ServiceState.READY}] * 3
    for one, what in zip(three, ("apples", "pears", "plums"), strict=True):
        await order(one, what)
    assert [await orders(one) for one in three] == [["apples"], ["pears"], ["plums"]]

    gone, closed, _ = three
    await sandboxes.close(gone.id, "discarded")
    await sandboxes.forget(gone.id)
    assert await branches.left_of(gone.id) == []

    await sandboxes.close(closed.id, "done for today")
    again = await branches.start(shop, closed.id)
    assert await orders(again) == ["pears"]
    assert await orders(three[2]) == ["plums"]
