"""A project's compose file gives each run a database of its own, and its agent is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.app.studio import Studio
from studio.base.aio import in_thread
from studio.domain.events import ServicesStarted, ServicesTold, ToolAnswered
from studio.domain.ids import RunId
from studio.domain.tools import ApprovalMode
from studio.sandbox import labels
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, turn_ended
from tests.fixtures.postgres_image import postgres_image
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, Script, call, shell

__all__ = ["postgres_image"]

pytestmark = pytest.mark.docker

COMPOSE = """
services:
  db:
    image: IMAGE
    environment: {POSTGRES_PASSWORD: "${PASSWORD}", POSTGRES_DB: shop}
    volumes: ["data:/var/lib/postgresql/data", "./db:/docker-entrypoint-initdb.d"]
    ports: ["5432:5432"]
  web:
    build: .
    environment: {SHOP_DATABASE: "db:5432"}
    volumes: [".:/app"]
    depends_on: [db]
  spy:
    image: IMAGE
    network_mode: host
volumes:
  data:
"""

# A server of the database speaks first in nothing: what answers to a wish for TLS with one letter is one.
ASK = (
    "import os, socket; s = socket.create_connection(os.environ['SHOP_DATABASE'].split(':')); "
    "s.sendall(bytes.fromhex('0000000804d2162f')); print(s.recv(1))"
)


async def test_a_run_has_the_database_of_its_compose_file_until_it_is_discarded(
    studio_here: Studio, engine: DockerEngine, postgres_image: str, script: Script, tmp_path: Path
) -> None:
    files = {
        "compose.yaml": COMPOSE.replace("IMAGE", postgres_image),
        ".env": "PASSWORD=secret\n",
        "db/init.sql": "create table orders (what text);\n",
    }
    project = await studio_here.projects.add(make_repository(tmp_path / "shop", files))
    model = script(shell(f'python3 -c "{ASK}"'), call("process_output", process="db"), call("process_output"), DONE)

    sent = await studio_here.chats.send(project.id, "Look at the database", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)

    events = await events_of(studio_here, sent.run)
    (came,) = (event for event in events if isinstance(event, ServicesStarted))
    assert came.services[0] == "db is ready on localhost:5432."
    assert came.services[1].startswith("web is left to the sandbox: It is made of the project's own files")
    assert came.services[2].startswith("spy is left out: “network_mode” asks for a network that no sandbox has.")
    (told,) = (event for event in events if isinstance(event, ServicesTold))
    assert "> db is ready on localhost:5432." in told.told
    asked, log, listed = (event for event in events if isinstance(event, ToolAnswered))
    assert asked.text.startswith("b'N'")
    assert "database system is ready to accept connections" in log.text
    assert "db is ready" in listed.text

    planned = await in_thread(CommandLine(studio_here.paths.home), "sandbox", "plan", project.name)
    assert "web is left to the sandbox: It is made of the project's own files" in planned.out
    assert "Environment: SHOP_DATABASE" in planned.out
    assert f"Beside each: db from {postgres_image} on localhost:5432, keeps /var/lib/postgresql/data" in planned.out
    assert "✗ spy is left out: “network_mode”" in planned.out

    shown = await in_thread(CommandLine(studio_here.paths.home), "runs", "log", sent.run)
    assert "> db is ready on localhost:5432." in shown.out

    await studio_here.review.discard(sent.run)
    worn = {"studio.run": sent.run}
    assert (await engine.containers(worn), await engine.volumes(worn)) == ((), ())


NOTES = """
services:
  notes:
    image: IMAGE
    entrypoint: [sh, -c, "echo started >> /data/lines; cd /data; exec python3 -m http.server 9000 --bind 127.0.0.1"]
    volumes: ["notes:/data"]
    ports: ["9000:9000"]
volumes:
  notes:
"""


async def test_new_runs_begin_with_a_copy_of_what_a_person_kept_of_one(
    studio_here: Studio, engine: DockerEngine, postgres_image: str, script: Script, tmp_path: Path
) -> None:
    files = {"compose.yaml": NOTES.replace("IMAGE", postgres_image)}
    project = await studio_here.projects.add(make_repository(tmp_path / "shop", files))
    studio = CommandLine(studio_here.paths.home)
    read = shell("curl --silent localhost:9000/lines")

    async def read_by_a_new_run() -> tuple[RunId, str]:
        sent = await studio_here.chats.send(
            project.id, "Read the notes", model=script(read, DONE), approval=ApprovalMode.AUTO
        )
        await turn_ended(studio_here, sent)
        (answer,) = (event for event in await events_of(studio_here, sent.run) if isinstance(event, ToolAnswered))
        return sent.run, answer.text

    first, lines = await read_by_a_new_run()
    assert lines.count("started") == 1
    kept = await in_thread(studio, "sandbox", "data", project.name, "keep", first)
    assert kept.out.startswith(f"Services of new runs of shop begin with a copy of what those of {first} kept at ")

    second, lines = await read_by_a_new_run()
    assert lines.count("started") == 2
    (came,) = (event for event in await events_of(studio_here, second) if isinstance(event, ServicesStarted))
    begun = "Its data began as a copy of what is kept for new runs."
    assert came.services == (f"notes is ready on localhost:9000. {begun}",)

    forgotten = await in_thread(studio, "sandbox", "data", project.name, "forget")
    assert forgotten.out == "Services of new runs of shop begin empty.\n"
    assert await engine.volumes({labels.PROJECT: project.id, labels.DATA: ""}) == ()
    _, lines = await read_by_a_new_run()
    assert lines.count("started") == 1
