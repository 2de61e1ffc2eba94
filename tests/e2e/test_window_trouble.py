"""What goes wrong is said in the window in one sentence with the next action, and loses nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from studio.ui.main_window import MainWindow
from tests.fixtures.handed import handed
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.window import LONG, chat, click_shown, open_window, review_whole_branch, scripted, send, texts

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
docker = pytest.mark.docker

WRITE = {"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


@pytest.fixture
def writes(tmp_path: Path) -> dict[str, str]:
    """An agent that changes a.txt and needs not be asked."""
    replies = scripted(tmp_path, {"text": "I write.", "calls": [WRITE]}, handed("Written."))
    return {**replies, "STUDIO_APPROVAL_MODE": "auto"}


class _Refuses(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = b'{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def _refusing_provider() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refuses) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@docker
def test_a_wrong_key_is_named_in_the_chat_and_the_message_stays(qtbot: QtBot, tmp_path: Path, repository: Path) -> None:
    with _refusing_provider() as url:
        wrong = {"ANTHROPIC_API_KEY": "wrong", "ANTHROPIC_BASE_URL": url}
        more = {**wrong, "STUDIO_DEFAULT_MODEL": "anthropic/claude-sonnet-4-6"}
        with open_window(qtbot, tmp_path / "home", repository, more) as window:
            send(qtbot, window, "Mend it")
            qtbot.waitUntil(lambda: "ANTHROPIC_API_KEY" in texts(window), timeout=LONG)
            assert "key" in texts(window)
            assert "Mend it" in texts(window)


@docker
def test_a_provider_that_is_down_is_said_in_the_chat_and_the_message_stays(
    qtbot: QtBot, tmp_path: Path, repository: Path
) -> None:
    down = {"OLLAMA_HOST": "http://127.0.0.1:9", "STUDIO_DEFAULT_MODEL": "ollama/qwen3"}
    with open_window(qtbot, tmp_path / "home", repository, down) as window:
        send(qtbot, window, "Mend it")
        qtbot.waitUntil(lambda: "ollama serve" in texts(window), timeout=LONG)
        assert "Mend it" in texts(window)
        qtbot.waitUntil(lambda: not chat(window).page().parked.isHidden(), timeout=LONG)


def test_a_missing_container_engine_is_said_in_the_chat_and_the_message_stays(
    qtbot: QtBot, tmp_path: Path, repository: Path, writes: dict[str, str]
) -> None:
    none = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    with open_window(qtbot, tmp_path / "home", repository, {**writes, **none}) as window:
        send(qtbot, window, "Mend it")
        qtbot.waitUntil(lambda: "No container engine answers" in texts(window), timeout=LONG)
        assert "unset DOCKER_HOST" in texts(window)
        assert "Mend it" in texts(window)
        assert chat(window).page().composer.input.isEnabled()


def test_a_missing_container_engine_is_said_above_all_without_a_message_and_leads_to_what_is_needed(
    qtbot: QtBot, tmp_path: Path, repository: Path, writes: dict[str, str]
) -> None:
    none = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    with open_window(qtbot, tmp_path / "home", repository, {**writes, **none}) as window:
        qtbot.waitUntil(window.status.bar.isVisible, timeout=LONG)
        window.status.view.items["container_engine"].click()
        assert window.frame.current_middle == "home"


@docker
def test_a_merge_into_files_with_changes_is_refused_and_keeps_them(
    qtbot: QtBot, tmp_path: Path, repository: Path, writes: dict[str, str]
) -> None:
    with open_window(qtbot, tmp_path / "home", repository, writes) as window:
        _have_it_written(qtbot, window)
        (repository / "a.txt").write_text("mine\n")
        head = git(repository, "rev-parse", "HEAD")
        sentence = _refused_merge(qtbot, window)
        assert "a.txt" in sentence
        assert "ommit" in sentence
        assert (repository / "a.txt").read_text() == "mine\n"
        assert git(repository, "rev-parse", "HEAD") == head

        git(repository, "checkout", "--quiet", "a.txt")
        review = window.panels.review
        with qtbot.waitSignal(review.merged, timeout=LONG):
            click_shown(qtbot, review.view.merge)
        assert (repository / "a.txt").read_text() == "two\n"


@docker
def test_a_detached_head_asks_for_the_branch_to_merge_into(
    qtbot: QtBot, tmp_path: Path, repository: Path, writes: dict[str, str]
) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    with open_window(qtbot, tmp_path / "home", repository, writes) as window:
        _have_it_written(qtbot, window)
        review = window.panels.review
        assert review.view.merge.text() == "Merge"
        assert "from a detached HEAD" in review.view.about.text()
        assert "detached" in _refused_merge(qtbot, window)
        click_shown(qtbot, review.view.other)
        dialog = review.view.findChild(QInputDialog)
        assert dialog is not None
        dialog.setTextValue("main")
        with qtbot.waitSignal(review.merged, timeout=LONG):
            dialog.accept()
        assert git(repository, "show", "main:a.txt") == "two"
        assert (repository / "a.txt").read_text() == "one\n"


def _have_it_written(qtbot: QtBot, window: MainWindow) -> None:
    """Has the agent change a.txt, and looks at the change."""
    send(qtbot, window, "Write it")
    review_whole_branch(qtbot, window)


def _refused_merge(qtbot: QtBot, window: MainWindow) -> str:
    """Presses Merge and gives what the review says to it."""
    view = window.panels.review.view
    click_shown(qtbot, view.merge)
    qtbot.waitUntil(view.error.isVisible, timeout=LONG)
    assert view.merge.isEnabled()
    return view.error.sentence.text()
