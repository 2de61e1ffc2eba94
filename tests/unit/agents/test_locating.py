"""A place that a browser names is led back to the workspace's file, through a map that the app itself serves."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from studio.adapters.clock import SystemClock
from studio.agents.locating import Locator, lines_around
from studio.agents.maps import Maps
from studio.agents.workspace_paths import WorkspacePaths
from studio.base.aio import Threads, in_thread
from studio.contracts.guest import GuestOutput
from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.domain.stacks import frames_of
from studio.sandbox.box import Sandbox
from studio.sandbox.own_requests import OwnRequests
from studio.workspace.files import Folder

PORT = 5173
LINE_FOUR = {"version": 3, "sources": ["App.jsx"], "names": [], "mappings": "AAGA"}


@dataclass
class App:
    """An app on loopback, in place of one in a container, and where its files lie."""

    folder: Path
    serves: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0
    threads: Threads = field(default_factory=lambda: Threads(1, "source-maps"))
    own_requests: OwnRequests = field(default_factory=lambda: OwnRequests(SystemClock()))

    @property
    def maps(self) -> Maps:
        return Maps(cast(Sandbox, self), self.threads, SystemClock())

    async def tunnel(self, port: int) -> App:
        assert port == PORT
        return self

    def write(self, path: str, text: str = "one\ntwo\nthree\nfour\n") -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def paths(self) -> WorkspacePaths:
        return WorkspacePaths(Folder(self.folder), self, SystemClock())

    async def run(
        self, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60.0, max_bytes: int = 1 << 20
    ) -> GuestOutput:
        """As the inside of the container does: in the folder of the workspace."""
        said = await in_thread(subprocess.run, argv, input=stdin, cwd=self.folder, capture_output=True, check=False)
        return GuestOutput(said.returncode, said.stdout, said.stderr)

    async def run_to_file(
        self, argv: tuple[str, ...], target: Path, *, timeout: float = 300.0, max_bytes: int = 1 << 30
    ) -> GuestOutput:
        raise NotImplementedError

    async def locate(self, stack: str, text: str = "TypeError: no total") -> ConsoleEntry:
        paths = self.paths()
        entry = ConsoleEntry(ConsoleLevel.ERROR, text, stack=frames_of(stack))
        [located] = await Locator(self.maps, paths).locate([entry], PORT)
        return located

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        self.asked.append(path)
        found = self.serves.get(path)
        writer.write(
            b"HTTP/1.1 404 Not Found\r\n\r\n" if found is None else b"HTTP/1.1 200 OK\r\n\r\n" + found.encode()
        )
        await writer.drain()
        writer.close()


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    """Nothing is served yet."""
    made = App(tmp_path)
    server = await asyncio.start_server(made.answer, made.host, 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()
    made.threads.close()


def _inline(source_map: dict[str, object]) -> str:
    packed = base64.b64encode(json.dumps(source_map).encode()).decode()
    return f"code()\n//# sourceMappingURL=data:application/json;base64,{packed}\n"


async def test_a_map_within_the_script_leads_to_the_file_beside_it(app: App) -> None:
    app.write("src/App.jsx")
    app.serves["/src/App.jsx?t=7"] = _inline(LINE_FOUR)

    found = await app.locate("    at App (http://localhost:4000/src/App.jsx?t=7:1:9)")

    assert (found.path, found.line, found.source) == ("src/App.jsx", 4, "src/App.jsx:4:1")


async def test_a_map_beside_the_script_leads_to_the_file_that_it_names(app: App) -> None:
    app.write("web/src/App.jsx")
    app.serves["/assets/app.js"] = "code()\n//# sourceMappingURL=app.js.map"
    app.serves["/assets/app.js.map"] = json.dumps({**LINE_FOUR, "sources": ["../src/App.jsx"]})

    assert (await app.locate("    at t (http://localhost:4000/assets/app.js:1:9)")).path == "web/src/App.jsx"


async def test_without_a_map_the_place_is_that_of_the_script(app: App) -> None:
    app.write("public/app.js")
    app.serves["/app.js"] = "code()"

    assert (await app.locate("    at http://localhost:4000/app.js:3:2")).source == "public/app.js:3:2"


async def test_the_line_of_the_app_counts_and_not_the_librarys(app: App) -> None:
    app.write("src/cart.js")
    stack = "    at lib (http://localhost:4000/node_modules/lib/x.js:1:1)\n    at cart (http://localhost:4000/src/cart.js:2:5)"

    found = await app.locate(stack)

    assert found.source == "src/cart.js:2:5"
    assert "/node_modules/lib/x.js" not in app.asked


async def test_a_place_that_only_the_text_names_counts_when_no_call_is_the_apps(app: App) -> None:
    app.write("src/App.jsx")
    told = "The above error occurred in:\n    at App (http://localhost:4000/src/App.jsx:2:5)"

    found = await app.locate("    at lib (http://localhost:4000/node_modules/react.js:1:1)", told)

    assert found.source == "src/App.jsx:2:5"


async def test_a_file_that_a_compiler_names_counts(app: App) -> None:
    app.write("src/App.jsx")
    told = "Internal server error: Unexpected token (5:3)\n  File: /workspace/src/App.jsx:5:3"

    found = await app.locate("    at parse (/workspace/node_modules/babel/index.js:367:19)", told)

    assert (found.path, found.line) == ("src/App.jsx", 5)


@pytest.mark.parametrize(
    "where",
    ["//evil.example/x.map", "http://evil.example/x.map", "file:///etc/passwd", "/../../etc/passwd", "x y.map"],
)
async def test_a_map_elsewhere_is_never_asked_for(app: App, where: str) -> None:
    app.write("app.js")
    app.serves["/app.js"] = f"code()\n//# sourceMappingURL={where}"

    found = await app.locate("    at http://localhost:4000/app.js:1:1")

    assert found.source == "app.js:1:1"
    assert {path for path in app.asked if path != "/app.js"} <= {"/etc/passwd"}


async def test_two_files_that_fit_as_well_are_none(app: App) -> None:
    app.write("a/cart.js")
    app.write("b/cart.js")

    found = await app.locate("    at http://localhost:4000/cart.js:1:1")

    assert (found.path, found.line, found.source) == ("", 0, "/cart.js:1:1")


@pytest.mark.parametrize(
    "path",
    [".env", ".env.js", ".ssh/config.py", "deploy/.secret/keys.ts", "secrets.txt", "id_rsa", "py", "data.sqlite"],
)
async def test_what_is_hidden_or_no_source_is_no_place_whatever_a_page_says(app: App, path: str) -> None:
    app.write(path)

    found = await app.locate(f"    at f (http://localhost/{path}:2:1)", f"failed in /workspace/{path}:2:1")

    assert (found.path, found.line) == ("", 0)


async def test_a_file_that_the_workspace_keeps_out_of_commits_is_not_read(app: App) -> None:
    subprocess.run(["git", "init", "-q", app.folder], check=True)
    app.write(".gitignore", "local_settings.py\nforced.py\n")
    for path in ("local_settings.py", "forced.py", "new.py"):
        app.write(path, f"name = '{path}'")
    subprocess.run(["git", "add", "-f", "forced.py"], cwd=app.folder, check=True)

    read = [await app.paths().text(path) for path in ("local_settings.py", "forced.py", "new.py")]

    assert read == ["", "name = 'forced.py'", "name = 'new.py'"]


async def test_no_file_is_read_where_git_gives_no_answer(app: App) -> None:
    app.write("app.py")

    assert await app.paths().text("app.py") == ""


def test_the_lines_round_a_place_are_numbered() -> None:
    assert lines_around("one\ntwo\nthree\nfour\n", 2, 1, 1) == "  1 | one\n> 2 | two\n  3 | three"
    assert lines_around("one", 9) == ""


async def test_an_app_that_hangs_keeps_nobody_waiting_a_second_time(app: App) -> None:
    app.write("app.js")
    never = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        app.asked.append("hung")
        await never.wait()
        writer.close()

    server = await asyncio.start_server(hang, app.host, 0)
    app.port = server.sockets[0].getsockname()[1]
    paths = app.paths()
    entry = ConsoleEntry(ConsoleLevel.ERROR, "no", stack=frames_of("    at http://localhost:4000/app.js:3:2"))
    locator = Locator(app.maps, paths)

    [first] = await locator.locate([entry], PORT)
    [second] = await locator.locate([entry], PORT)
    never.set()
    server.close()
    await server.wait_closed()

    assert first.text == "no"
    assert second.source == "app.js:3:2"
    assert app.asked == ["hung"]
