"""An app that fails, on its page or in its server, is told to the agent before its next step, with file and line."""

from __future__ import annotations

import asyncio
import json

import pytest

from studio.app.studio import Studio
from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.events import FailuresTold, PreviewFailed, RunRoused
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import RunState
from studio.domain.stacks import frames_of
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, first_event, turn_ended
from tests.fixtures.scripts import DONE, Script, call

pytestmark = pytest.mark.docker

PORT = 8123
SERVER = """from http.server import SimpleHTTPRequestHandler, HTTPServer

class Shop(SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/total":
            self.total()
        super().do_GET()

    def total(self):
        return 3 / 0

HTTPServer(("127.0.0.1", 8123), Shop).serve_forever()
"""
CART = "export const three = 3;\nexport function total() {\n  throw new TypeError('no total');\n}\n"
# Column 20 of the only line of the bundle is the third line of the source, at its third column.
MAP = {"version": 3, "sources": ["../src/cart.js"], "names": [], "mappings": "AAAA,mBAEE"}
START = call("preview_start", command="exec python3 server.py", port=PORT)


@pytest.fixture
def project_files() -> dict[str, str]:
    return {
        "server.py": SERVER,
        "index.html": "<script src=/dist/app.js></script>",
        "src/cart.js": CART,
        "dist/app.js": "var e=3;function t(){throw new TypeError('no total')}t()\n//# sourceMappingURL=app.js.map\n",
        "dist/app.js.map": json.dumps(MAP),
    }


@pytest.fixture
async def served(studio_here: Studio, project: Project, script: Script) -> RunId:
    """A run whose agent has started the app, and is done for now."""
    model = script(START, DONE, DONE, DONE)
    sent = await studio_here.chats.send(project.id, "Serve it", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)
    return sent.run


async def _told(studio: Studio, project: Project, run: RunId) -> list[str]:
    """What the agent is told when it goes on."""
    await turn_ended(studio, await studio.chats.send(project.id, "Go on", run=run))
    return [event.told for event in await events_of(studio, run) if isinstance(event, FailuresTold)]


async def test_an_error_of_the_page_is_led_back_through_its_source_map(
    studio_here: Studio, project: Project, served: RunId
) -> None:
    stack = "TypeError: no total\n    at t (http://localhost:4000/dist/app.js:1:22)\n    at http://localhost:4000/dist/app.js:1:55"
    thrown = ConsoleEntry(
        ConsoleLevel.ERROR, "Uncaught TypeError: no total", "", ConsoleKind.ERROR, stack=frames_of(stack)
    )
    await studio_here.consoles.report(served, (thrown,), port=PORT)

    failed = await first_event(studio_here, served, PreviewFailed)
    assert (failed.path, failed.line, failed.source) == ("src/cart.js", 3, "src/cart.js:3:3")
    assert "> 3 |   throw new TypeError('no total');" in failed.lines

    [told] = await _told(studio_here, project, served)
    assert "Uncaught error at src/cart.js:3:3" in told
    assert "> > 3 |   throw new TypeError('no total');" in told


async def test_an_exception_of_the_server_is_told_with_its_line(
    studio_here: Studio, project: Project, served: RunId
) -> None:
    preview = await studio_here.previews.open(served, PORT)
    _, writer = await asyncio.open_connection("127.0.0.1", int(preview.url.rsplit(":", 1)[1].strip("/")))
    writer.write(b"GET /total HTTP/1.0\r\n\r\n")
    failed = await first_event(studio_here, served, PreviewFailed)
    writer.close()

    assert (failed.failure, failed.path, failed.line) == ("log", "server.py", 10)
    assert failed.text == "ZeroDivisionError: division by zero"
    [told] = await _told(studio_here, project, served)
    assert "> > 10 |         return 3 / 0" in told
    replayed = await studio_here.replays.replay(served)
    assert replayed.same, replayed


@pytest.mark.parametrize(
    "project_files",
    [{"server.py": SERVER, ".studio/roles/engineer.toml": 'name = "engineer"\nwakes_on_errors = true\n'}],
)
async def test_an_agent_at_rest_is_set_to_work_by_its_app_where_its_role_says_so(
    studio_here: Studio, project: Project, served: RunId
) -> None:
    before = len(await studio_here.chats.log(served))
    preview = await studio_here.previews.open(served, PORT)
    _, writer = await asyncio.open_connection("127.0.0.1", int(preview.url.rsplit(":", 1)[1].strip("/")))
    writer.write(b"GET /total HTTP/1.0\r\n\r\n")

    roused = await first_event(studio_here, served, RunRoused)
    writer.close()

    assert "ZeroDivisionError: division by zero" in roused.told
    while (await studio_here.chats.run(served)).state is not RunState.IDLE:
        await asyncio.sleep(0.05)
    kinds = [recorded.event.kind for recorded in (await studio_here.chats.log(served))[before:]]
    assert kinds.index("run_roused") < kinds.index("turn_started") < kinds.index("usage_recorded")
    replayed = await studio_here.replays.replay(served)
    assert replayed.same, replayed
