"""What a model reads when it starts the app, when that does not come up, and when it looks at its page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from studio.agents.live import LiveRuns
from studio.app.previews import Previews
from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.errors import UserError
from studio.domain.ids import CallId, ProjectId, RunId
from studio.domain.images import image_of
from studio.domain.messages import ToolCall
from studio.domain.pages import act_of
from studio.domain.previews import PreviewStage
from studio.domain.tools import ToolOutcome
from studio.sandbox.box import Sandbox
from studio.sandbox.sandboxes import Sandboxes
from studio.store.database import Database
from studio.tools.hands import Hands
from studio.tools.page import NOT_SHOWN
from studio.tools.preview import NOT_SEEN
from studio.tools.runner import run_call
from studio.tools.table import TOOLS
from studio.workspace.files import Folder
from studio.workspace.pictures import Pictures
from tests.fixtures.acts import HereAndNow
from tests.fixtures.images import png

pytestmark = pytest.mark.docker

SERVE = "exec python3 -m http.server 8123"


@pytest.fixture
def hands(sandbox: Sandbox, workspace: Path) -> Hands:
    return Hands(Folder(workspace), sandbox, lambda text: None)


async def call(hands: Hands, name: str, **arguments: object) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), name, dict(arguments)), hands)


async def fetched(url: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    page = await reader.read()
    writer.close()
    return page


async def test_an_app_that_comes_up_is_told_with_both_its_addresses(hands: Hands, workspace: Path) -> None:
    (workspace / "index.html").write_text("<p>Three pears</p>")

    started = await call(hands, "preview_start", command=SERVE)

    assert started.ok, started.text
    assert started.summary == "port 8123: 200 OK"
    assert "Inside the container it is http://localhost:8123/." in started.text
    outside = started.text.partition("preview opens it at ")[2].partition("/,")[0]
    assert b"Three pears" in await fetched(outside)
    assert outside.endswith(f":{(await hands.sandbox.tunnel(8123)).port}")


async def test_an_app_that_ends_is_answered_with_its_code_and_its_words(hands: Hands) -> None:
    failed = await call(hands, "preview_start", command="echo 'no module named shop' >&2; exit 3", port=8123)

    assert not failed.ok
    assert failed.text.startswith("The app ended before it opened port 8123.\nno module named shop\n")
    assert "has ended with exit code 3" in failed.text


async def test_an_app_on_another_port_is_answered_with_that_port(hands: Hands) -> None:
    failed = await call(hands, "preview_start", command=SERVE, port=3000, wait_seconds=10)

    assert not failed.ok
    assert "has not opened port 3000 within 10 seconds. Open instead: 8123. It still runs." in failed.text


async def test_the_same_command_again_finds_the_app_that_runs(hands: Hands) -> None:
    await call(hands, "preview_start", command=SERVE)

    again = await call(hands, "preview_start", command=SERVE)

    assert (again.ok, again.text.startswith("The app runs already and listens on port 8123")) == (True, True)
    assert len(await hands.sandbox.processes.list()) == 1


async def test_a_port_that_something_else_holds_is_answered_with_what_runs(hands: Hands) -> None:
    await call(hands, "preview_start", command=SERVE)

    refused = await call(hands, "preview_start", command="npm run dev", port=8123)

    assert not refused.ok
    assert "Port 8123 is open already inside, by something else." in refused.text
    assert f"({SERVE}). Stop the one in the way" in refused.text


async def test_an_app_that_speaks_no_http_is_said_to_give_no_answer(hands: Hands) -> None:
    say = "import socket as s; l = s.create_server(('', 8124))\nwhile 1: l.accept()[0].sendall(b'hello ' * 999)"

    started = await call(hands, "preview_start", command=f'exec python3 -c "{say}"')

    assert (started.ok, started.summary) == (True, "port 8124: no HTTP")


async def test_a_console_that_no_window_heard_is_said_to_be_unheard(hands: Hands) -> None:
    unheard = await call(hands, "console")

    assert not unheard.ok
    assert "No window has shown this app" in unheard.text


async def test_the_console_is_read_by_level_source_and_since_a_mark(hands: Hands) -> None:
    ready = ConsoleEntry(ConsoleLevel.INFO, "ready", kind=ConsoleKind.SERVICE, method="db")
    entries = [ready, ConsoleEntry(ConsoleLevel.ERROR, "x is not defined", "/a.js:3")]
    hands.sandbox.console.report(entries)

    grave = await call(hands, "console", level="error")

    assert grave.text == "error: x is not defined (/a.js:3)\n[1 entry. Ask with since=2 for what comes after.]"
    assert (await call(hands, "console", source="services")).text.startswith("info [service db]: ready\n")
    assert (await call(hands, "console", since=2)).summary == "0 entries, 0 errors"
    assert "level" in (await call(hands, "console", level="loud")).text


@pytest.fixture
def seeing(hands: Hands, tmp_path: Path) -> Hands:
    """Hands that may ask a window, of which none answers."""
    return replace(hands, pictures=Pictures(tmp_path / "pictures"), ask_window=lambda request: None)


@pytest.fixture
async def previews(sandboxes: Sandboxes, tmp_path: Path) -> AsyncIterator[Previews]:
    database = await Database.open(tmp_path / "studio.db")
    yield Previews(HereAndNow(), sandboxes, database, cast(LiveRuns, None))
    await database.close()


async def test_a_page_that_no_window_ever_showed_is_not_asked_for(seeing: Hands) -> None:
    asked: list[str] = []

    unseen = await call(replace(seeing, ask_window=asked.append), "preview_screenshot")

    assert (unseen.ok, unseen.text, asked) == (False, NOT_SEEN, [])


async def test_a_page_that_is_shown_no_more_is_said_to_be_unseen_with_what_to_do(seeing: Hands) -> None:
    seeing.sandbox.console.report([])

    unseen = await call(replace(seeing, seconds_left=0.01), "preview_screenshot")

    assert (unseen.ok, unseen.summary) == (False, "not shown")
    assert "open this run's preview" in unseen.text
    assert "make a picture with it in shell" in unseen.text


async def test_the_picture_that_the_window_gives_is_seen_with_the_result(seeing: Hands, previews: Previews) -> None:
    run, asked = seeing.sandbox.id, asyncio.Queue[str]()
    seeing.sandbox.console.report([])
    looking = asyncio.create_task(call(replace(seeing, ask_window=asked.put_nowait), "preview_screenshot"))

    await previews.answer_screenshot(run, await asked.get(), png(12, 8))

    seen = await looking
    assert (seen.ok, seen.images) == (True, (image_of(png(12, 8)),))
    assert seen.text.startswith("The page as the developer's preview shows it now: PNG image, 12×8 pixels.")
    assert seeing.pictures is not None
    assert seeing.pictures.read(seen.images[0]) == png(12, 8)


async def test_an_answer_for_another_run_or_of_no_image_reaches_nobody(
    seeing: Hands, previews: Previews, sandboxes: Sandboxes, workspace: Path
) -> None:
    run, asked = seeing.sandbox.id, asyncio.Queue[str]()
    other = await sandboxes.open(ProjectId.new(), RunId.new(), workspace)
    seeing.sandbox.console.report([])
    looking = asyncio.create_task(call(replace(seeing, ask_window=asked.put_nowait), "preview_screenshot"))
    request = await asked.get()

    await previews.answer_screenshot(other.id, request, png(1, 1))
    await previews.answer_screenshot(RunId("gone"), request, png(2, 2))
    await previews.answer_screenshot(run, "another", png(3, 3))
    with pytest.raises(UserError, match="is no PNG, JPEG, GIF or WebP image"):
        await previews.answer_screenshot(run, request, b"<svg onload='x()'/>")
    await previews.answer_screenshot(run, request, png(4, 4))

    assert (await looking).images == (image_of(png(4, 4)),)


async def test_whoever_only_watches_wakes_no_sandbox_and_a_look_does(hands: Hands, previews: Previews) -> None:
    sandbox = hands.sandbox
    await sandbox.sleep.fall_asleep(lambda: False)
    used = sandbox.sleep.used

    watched = await previews.look(sandbox.id, watching=True)
    assert (watched.stage, sandbox.sleep.asleep, sandbox.sleep.used) == (PreviewStage.ASLEEP, True, used)

    looked = await previews.look(sandbox.id)
    assert (looked.stage, sandbox.sleep.asleep) == (PreviewStage.IDLE, False)
    used = sandbox.sleep.used
    await previews.look(sandbox.id, watching=True)
    assert sandbox.sleep.used == used


def page(**said: object) -> str:
    """What a page answers."""
    return json.dumps({"place": "/cart?x=1", "title": "Shop", **said})


async def acting(hands: Hands, previews: Previews, answer: str, name: str, **arguments: object) -> ToolOutcome:
    """What a model reads of a call that a window answers so."""
    asked = asyncio.Queue[tuple[str, str]]()
    hands.sandbox.console.report([])
    able = replace(hands, ask_page=lambda request, words: asked.put_nowait((request, words)))
    waiting = asyncio.create_task(call(able, name, **arguments))
    request, words = await asked.get()
    assert act_of(words) is not None
    if arguments.get("enter"):
        hands.sandbox.console.report([ConsoleEntry(ConsoleLevel.ERROR, "x is not defined", "/a.js:3")])
    await previews.answer_page(hands.sandbox.id, request, answer)
    return await waiting


async def test_a_page_is_read_typed_into_and_its_new_errors_are_counted(seeing: Hands, previews: Previews) -> None:
    outline = ['heading 1 "Cart\u202e"', '  button "Pay" [a1]']

    read = await acting(seeing, previews, page(outline=outline, height=900, window=400), "page_look")
    typed = await acting(
        *(seeing, previews, page(outline=[], done='field "Name"'), "page_type"), ref="a1", text="Ada", enter=True
    )

    assert read.text.splitlines() == [
        'Page: /cart?x=1 "Shop"',
        "500 pixels of it lie below what is in view.",
        'heading 1 "Cart\ufffd"',
        '  button "Pay" [a1]',
    ]
    assert typed.text.startswith('Typed into field "Name".\nPage: /cart?x=1 "Shop"\n1 new errors in its console: see')


async def test_what_is_not_done_or_not_seen_is_said_with_the_next_action(seeing: Hands, previews: Previews) -> None:
    gone = await acting(seeing, previews, page(error="there is no a9 on the page any more"), "page_click", ref="a9")
    kept = await acting(seeing, previews, page(done='button "Save"', kept="/done"), "page_click", ref="a1")
    forged = await acting(seeing, previews, "<h1>hello</h1>", "page_look")
    elsewhere = await call(seeing, "page_go", path="http://127.0.0.1/")

    assert gone.text == (
        "Nothing was done: there is no a9 on the page any more. Look again with page_look for the refs of now."
    )
    assert kept.text.startswith('Clicked button "Save".\n')
    assert "That led to /done, where the page was not let go" in kept.text
    assert forged.text == NOT_SHOWN
    assert not elsewhere.ok
    assert "begins with a slash" in elsewhere.text
