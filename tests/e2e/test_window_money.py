"""Models and money in the window: paste a key, try it, set a budget, pull the plug, and read where the money went."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.router.tries import CALLS
from studio.ui.chat.entries import AgentSaid
from studio.ui.main_window import MainWindow
from tests.fixtures.handed import HANDED
from tests.fixtures.plug import KEY, Cut, Plugged, Reply, provider
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import LONG, chat, click_shown, open_window, send, texts

# The offscreen platform says this of dialogs and of a window that comes to the front.
pytestmark = [pytest.mark.docker, pytest.mark.qt_log_ignore("propagateSizeHints", r"raise\(\)", extend=True)]

HAIKU, NANO = "claude-haiku-4-5", "gpt-4.1-nano"
TABLE = f'[tiers]\nstrong = ["anthropic/{HAIKU}", "openai/{NANO}"]\n'


def writing(name: str, cut: Cut = Cut.NOT) -> Reply:
    return Reply(f"I write {name}.", (("write", {"path": f"{name}.txt", "content": f"{name}\n"}),), cut=cut)


HANDING = Reply("All written.", tuple((each["name"], each["arguments"]) for each in HANDED["calls"]))


@pytest.fixture
def first() -> Iterator[Plugged]:
    tried = (Reply(calls=(("report_file", CALLS[0]),)), Reply("1\n2\n3\n4"))
    cut = (writing("severed", Cut.INSIDE), Reply(cut=Cut.BEFORE))
    with provider(*tried, writing("one"), *cut, HANDING, models=(HAIKU,)) as served:
        yield served


@pytest.fixture
def following() -> Iterator[Plugged]:
    with provider(writing("two"), models=(NANO,)) as served:
        yield served


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, first: Plugged, following: Plugged) -> Iterator[MainWindow]:
    """The window on a repository and a routing table; nobody gave the key of the first provider yet."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "models.toml").write_text(TABLE)
    more = {**following.environment("openai"), "ANTHROPIC_BASE_URL": first.url}
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    with open_window(qtbot, home, repository, more) as made:
        yield made


def test_from_a_pasted_key_to_where_the_money_went(
    window: MainWindow, qtbot: QtBot, first: Plugged, following: Plugged
) -> None:
    give_a_key(window, qtbot)
    set_a_budget(window, qtbot)

    send(qtbot, window, "Write them")
    qtbot.waitUntil(lambda: "All written." in texts(window), timeout=LONG)
    told = texts(window)
    assert f"Going on with {NANO}." in told
    assert "severed.txt" not in told
    items = chat(window).items
    said = [entry for row in range(items.rowCount()) if isinstance(entry := items.entry(row), AgentSaid)]
    assert [entry.header for entry in said[:3]] == [f"Engineer · {HAIKU}", f"Engineer · {NANO}", f"Engineer · {HAIKU}"]
    assert first.replies == following.replies == []

    read_where_it_went(window, qtbot)


def give_a_key(window: MainWindow, qtbot: QtBot) -> None:
    """Pastes the key of the first provider, sees its model and tries it."""
    window.settings.open_providers()
    page = window.settings.providers
    assert page is not None
    qtbot.waitUntil(lambda: "anthropic" in page.view.rows, timeout=LONG)
    row = page.view.row("anthropic")
    click_shown(qtbot, row.paste)
    assert page.dialog is not None
    QTest.keyClicks(page.dialog.field, KEY)
    QTest.keyClick(page.dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: row.found.text() == f"1 model: {HAIKU}.", timeout=LONG)
    click_shown(qtbot, row.test)
    qtbot.waitUntil(lambda: f"{HAIKU} called the tool as it was told." in row.found.text(), timeout=LONG)


def set_a_budget(window: MainWindow, qtbot: QtBot) -> None:
    """Gives everything five dollars a month."""
    window.settings.open_budgets()
    page = window.settings.budgets
    assert page is not None
    qtbot.waitUntil(lambda: page.view.empty.title.text() == "No budget yet", timeout=LONG)
    click_shown(qtbot, page.view.empty.button)
    assert page.dialog is not None
    page.dialog.ceiling.setValue(5)
    click_shown(qtbot, page.dialog.save)
    qtbot.waitUntil(lambda: len(page.view.budgets) == 1, timeout=LONG)
    assert window.settings.window is not None
    window.settings.window.close()


def read_where_it_went(window: MainWindow, qtbot: QtBot) -> None:
    """Opens the page of usage from the cost in the status bar."""
    window.status.view.items["cost"].click()
    usage = window.panels.usage
    qtbot.waitUntil(lambda: usage.view is not None and usage.view.items.rowCount() == 2, timeout=LONG)
    assert usage.view is not None
    items = usage.view.items
    rows = [[str(items.data(items.index(row, column))) for column in range(items.columnCount())] for row in range(2)]
    # A test is two calls; a stream that was cut had used something, too.
    assert [row[:3] for row in rows] == [[f"anthropic/{HAIKU}", "5", "2"], [f"openai/{NANO}", "1", "0"]]
    budgets, failures = (usage.view.lists[name].texts() for name in ("Budgets", "Failed calls"))
    assert [(whom, "of $5.00" in stands) for whom, stands in budgets] == [("Company per month", True)]
    assert [(what, tries[:2]) for what, tries in failures] == [(f"anthropic/{HAIKU}: broken stream", "2,")]
