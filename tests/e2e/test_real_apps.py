"""Apps as their own scaffolds make them are shown by one click, and mended by an agent from what they say."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import find_endpoint
from studio.base.paths import shared_cache
from studio.domain.events import Delta, FailuresTold, PreviewFailed, Recorded
from studio.domain.tools import ApprovalMode
from studio.sandbox.images import Images, image_sources
from studio.ui.main_window import MainWindow
from studio.ui.preview.browser import Browser
from tests.fixtures.postgres_image import made as made_image
from tests.fixtures.real_apps import RealApp
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, open_window, say, scripted, send, texts

pytestmark = [
    pytest.mark.docker,
    pytest.mark.qt_log_ignore("propagateSizeHints", "RHI", "QRhi", "GPUInfo", "dbus", "^js:", extend=True),
]


MENDED = {"text": "Mended."}
COMPOSE = """
services:
  db:
    image: IMAGE
    environment: {POSTGRES_PASSWORD: pears, POSTGRES_DB: shop}
    volumes: ["data:/var/lib/postgresql/data", "./db:/docker-entrypoint-initdb.d"]
volumes:
  data:
"""
FRUIT = "create table fruit (name text); insert into fruit values ('pear'), ('apple');\n"


@pytest.fixture
def postgres_image(tmp_path: Path) -> Iterator[str]:
    """The tag of a database's image, made beside any loop that a window has; what it kept goes with the test."""

    async def made() -> str:
        engine = DockerEngine(find_endpoint(os.environ))
        try:
            return await made_image(engine, Images(engine, image_sources(), shared_cache(), os.environ))
        finally:
            await engine.close()

    async def clear() -> None:
        engine = DockerEngine(find_endpoint(os.environ))
        try:
            for volume in await engine.volumes({"studio.home": str(tmp_path / "home")}):
                await engine.remove_volume(volume.name)
        finally:
            await engine.close()

    yield asyncio.run(made())
    asyncio.run(clear())


class Previewed:
    """A window on a run of an app, and what a person sees in its preview."""

    def __init__(self, window: MainWindow, qtbot: QtBot, files: Path) -> None:
        self.window, self.qtbot, self.files = window, qtbot, files
        self._seen: list[Recorded] = []
        window._bridge.events_arrived.connect(self._hear)

    def click_preview(self) -> None:
        """The one click."""
        preview = self.window.panels.preview
        with self.qtbot.waitSignal(preview.preview_opened, timeout=LONG):
            QTest.mouseClick(self.window.frame.title.preview, Qt.MouseButton.LeftButton)

    def wait_for(self, text: str) -> None:
        """Waits until the page shows this text."""
        self._until(lambda shown: text in shown)

    def change(self, path: str, old: str, new: str) -> None:
        """Changes a file of the workspace, as an editor does."""
        file = self.files / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def go(self, path: str) -> None:
        """Types a path into the address."""
        address = self.window.panels.preview.view.bar.address
        address.setText(path)
        address.returnPressed.emit()

    def wait_failed(self, text: str) -> PreviewFailed:
        """Waits until a failure that says this is noted."""
        self.qtbot.waitUntil(lambda: self._failed(text) is not None, timeout=LONG)
        found = self._failed(text)
        assert found is not None
        return found

    def reload_until_failed(self, text: str) -> PreviewFailed:
        """Loads the page again and again, as its server takes a moment to see that its files have changed."""
        preview = self.window.panels.preview

        def failed() -> bool:
            if preview.host.browser is not None and not preview.host.browser.page().isLoading():
                preview.reload()
            return self._failed(text) is not None

        self.qtbot.waitUntil(failed, timeout=LONG)
        return self.wait_failed(text)

    def wait_said_by(self, service: str, text: str) -> None:
        """Waits until the console says that a service wrote this."""
        items = self.window.panels.console.items
        self.qtbot.waitUntil(
            lambda: any(entry.writer == service and text in entry.text for entry in items.rows), timeout=LONG
        )

    def wait_notice(self, text: str) -> None:
        """Waits until the line above the page says this."""
        message = self.window.panels.preview.view.message
        self.qtbot.waitUntil(lambda: message.text().startswith(text), timeout=LONG)

    def mend(self) -> str:
        """Asks the agent to mend it, and gives what it was told of the app before it began."""
        send(self.qtbot, self.window, "Mend it")
        self.qtbot.waitUntil(lambda: "Mended." in texts(self.window), timeout=LONG)
        return "\n".join(item.event.told for item in self._seen if isinstance(item.event, FailuresTold))

    def _failed(self, text: str) -> PreviewFailed | None:
        events = (item.event for item in self._seen if isinstance(item.event, PreviewFailed))
        return next((event for event in events if text in event.text), None)

    def _hear(self, items: list[Recorded | Delta]) -> None:
        self._seen += (item for item in items if isinstance(item, Recorded))

    def _until(self, seen: Callable[[str], bool]) -> None:
        browser = self.window.panels.preview.host.browser
        assert isinstance(browser, Browser)
        read = [""]

        def met(text: str) -> None:
            read[0] = text

        def look() -> bool:
            browser.page().toPlainText(met)
            return seen(read[0])

        self.qtbot.waitUntil(look, timeout=LONG)


@contextmanager
def previewing(
    qtbot: QtBot, tmp_path: Path, app: RealApp | None, repository: Path, *replies: Mapping[str, object]
) -> Iterator[Previewed]:
    """A window on a run whose workspace has what the app needs; its agent has greeted."""
    scripting = scripted(tmp_path, {"text": "Ready."}, *replies)
    auto = {"STUDIO_APPROVAL_MODE": ApprovalMode.AUTO.value}
    home = tmp_path / "home"
    with open_window(qtbot, home, repository, {**scripting, **auto}) as window:
        run = say(qtbot, window, "Have a look")
        files = home / "workspaces" / run / "files"
        qtbot.waitUntil(lambda: "Ready." in texts(window), timeout=LONG)
        if app is not None:
            app.install(files)
        yield Previewed(window, qtbot, files)


def edit(path: str, old: str, new: str) -> dict[str, object]:
    """An agent's mending."""
    return {"text": "I mend it.", "calls": [{"name": "edit", "arguments": {"path": path, "old": old, "new": new}}]}


def test_a_vite_app_reloads_itself_and_its_agent_mends_what_its_page_meets(
    qtbot: QtBot, tmp_path: Path, vite_app: RealApp
) -> None:
    mending = edit("src/App.jsx", "{pears.count}", "Three pears")
    with previewing(qtbot, tmp_path, vite_app, vite_app.repository(tmp_path / "shop"), mending, MENDED) as shop:
        shop.click_preview()
        shop.wait_for("Vite + React")

        shop.change("src/App.jsx", "<h1>Vite + React</h1>", "<h1>{pears.count}</h1>")
        failed = shop.wait_failed("ReferenceError: pears is not defined")
        assert (failed.path, failed.line) == ("src/App.jsx", 19)
        assert "> 19 |       <h1>{pears.count}</h1>" in failed.lines

        assert "pears is not defined" in shop.mend()
        shop.wait_for("Three pears")


def test_an_express_app_is_started_again_once_its_agent_has_mended_its_server(
    qtbot: QtBot, tmp_path: Path, express_app: RealApp
) -> None:
    users = "routes/users.js"
    broken = (express_app.folder / users).read_text().replace("'respond with a resource'", "pears.join()")
    repository = express_app.repository(tmp_path / "shop", **{users: broken})
    mending = edit(users, "pears.join()", "'three pears'")
    with previewing(qtbot, tmp_path, express_app, repository, mending, MENDED) as shop:
        shop.click_preview()
        shop.wait_for("Welcome to Express")

        shop.go("/users")
        failed = shop.wait_failed("ReferenceError: pears is not defined")
        assert (failed.path, failed.line) == (users, 6)
        shop.wait_notice("The app answered /users with 500 Internal Server Error.")

        assert "pears is not defined" in shop.mend()
        shop.wait_for("three pears")


def test_a_fastapi_app_with_a_database_is_mended_from_what_its_server_says(
    qtbot: QtBot, tmp_path: Path, fastapi_app: RealApp, postgres_image: str
) -> None:
    texts = {"compose.yaml": COMPOSE.replace("IMAGE", postgres_image), "db/init.sql": FRUIT}
    repository = fastapi_app.repository(tmp_path / "shop", **texts)
    mending = edit("main.py", "select nome", "select name")
    with previewing(qtbot, tmp_path, fastapi_app, repository, mending, MENDED) as shop:
        shop.click_preview()
        shop.wait_for("apple, pear")

        shop.change("main.py", "select name", "select nome")
        failed = shop.reload_until_failed('column "nome" does not exist')
        assert (failed.path, failed.line) == ("main.py", 13)
        shop.wait_said_by("db", 'column "nome" does not exist')

        assert "nome" in shop.mend()
        shop.wait_for("apple, pear")


def test_a_static_site_is_loaded_again_once_its_agent_has_mended_its_script(qtbot: QtBot, tmp_path: Path) -> None:
    page = "<!doctype html><title>Shop</title><h1>Shop</h1><script src=cart.js></script>"
    script = "const cart = ['pear'];\n\ndocument.querySelector('h1').textContent = cart.first().name;\n"
    repository = make_repository(tmp_path / "shop", {"index.html": page, "cart.js": script})
    mending = edit("cart.js", "cart.first().name", "'One ' + cart[0]")
    with previewing(qtbot, tmp_path, None, repository, mending, MENDED) as shop:
        shop.click_preview()
        failed = shop.wait_failed("TypeError: cart.first is not a function")
        assert (failed.path, failed.line) == ("cart.js", 3)
        shop.wait_notice("A script of the page failed: Uncaught TypeError: cart.first is not a function")

        assert "cart.first is not a function" in shop.mend()
        shop.wait_for("One pear")
