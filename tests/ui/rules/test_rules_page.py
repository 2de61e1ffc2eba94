"""The page of rules, on a real core: what is let through and forbidden is seen, written, removed and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.domain.errors import StoreError
from studio.domain.projects import Project
from studio.domain.roles import RoleList
from studio.domain.rules import Effect
from studio.ui.bridge import Bridge
from studio.ui.rules.adding import AddRuleDialog
from studio.ui.rules.panel import RulesPanel
from studio.ui.theme import Theme
from tests.fixtures.command_line import CommandLine
from tests.fixtures.quiet_doors import QuietDoors
from tests.fixtures.repositories import make_repository
from tests.ui.rules.conftest import SECONDS, Page

# The offscreen platform says this of every dialog, whatever the program does.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

ALL = ["curl …", "network", "git push …", "delete: rm …", "install: npm install …"]


def dialog_of(page: Page) -> AddRuleDialog:
    """The dialog, opened by its button."""
    QTest.mouseClick(page.view.add, Qt.MouseButton.LeftButton)
    assert page.panel.dialog is not None
    return page.panel.dialog


def type_rule(page: Page, dialog: AddRuleDialog, text: str) -> None:
    """Types what the rule is to be about and waits for what is said of it."""
    dialog.text.clear()
    QTest.keyClicks(dialog.text, text)
    page.until(lambda: any(not shown.isHidden() for shown in (dialog.refusal, dialog.kinds)))


def test_what_is_forbidden_stands_first_also_what_a_role_forbids(page: Page, shop: Project) -> None:
    QAbstractItemModelTester(page.panel.items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert page.texts() == ALL
    assert page.texts(0) == ["Forbids"] * 3 + ["Lets through"] * 2
    assert page.texts(2) == ["Every role", "Engineer", "Engineer", "Every role", "Every role"]
    assert set(page.texts(3)) == {"shop"}
    assert [text.endswith("· operator") for text in page.texts(4)] == [True, False, False, True, True]
    assert page.texts(5) == ["never", "", "", "never", "never"]


def test_the_chosen_rule_is_told_in_sentences(page: Page, shop: Project) -> None:
    page.view.table.selectRow(4)
    assert page.view.story.text() == (
        "Commands that begin with “npm install”, whatever follows, as long as each adds or removes software, whatever "
        "its name. No question is asked for every role in shop. Written by hand."
    )
    assert page.view.story.textFormat() is Qt.TextFormat.PlainText


def test_a_key_removes_the_chosen_rule_and_another_one_puts_it_back(page: Page, shop: Project) -> None:
    before = page.saved()
    page.view.table.selectRow(3)
    page.view.table.setFocus()
    QTest.keyClick(page.view.table, Qt.Key.Key_Delete)
    page.until(lambda: "delete: rm …" not in page.texts())
    assert page.view.undone.text() == "Removed: delete: rm … asks again."
    chosen = page.view.chosen
    assert chosen is not None
    assert chosen.kind.text == "install: npm install …"  # what stands in its place

    QTest.keyClick(page.view.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    page.until(lambda: page.texts() == ALL)
    assert page.saved() == before
    assert not page.view.undo.isVisible()


def test_what_a_roles_file_forbids_is_changed_there(page: Page, shop: Project) -> None:
    page.view.table.selectRow(1)
    assert not page.view.remove.isEnabled()
    assert ".studio/roles of the repository: change it there and commit it." in page.view.story.text()
    page.view.table.setFocus()
    QTest.keyClick(page.view.table, Qt.Key.Key_Delete)
    assert page.texts() == ALL


def test_any_word_of_a_rule_finds_it(page: Page, shop: Project) -> None:
    QTest.keyClicks(page.view.filter, "software THROUGH")
    assert page.texts() == ["install: npm install …"]
    QTest.keyClick(page.view.filter, Qt.Key.Key_Down)
    page.view.filter.setText("nothing like this")
    assert page.view.empty.title.text() == "No rule matches"
    QTest.mouseClick(page.view.empty.button, Qt.MouseButton.LeftButton)
    assert page.texts() == ALL


def test_a_rule_is_seen_before_it_is_saved_and_is_chosen_afterwards(page: Page, shop: Project) -> None:
    dialog = dialog_of(page)
    assert not dialog.save.isEnabled()
    type_rule(page, dialog, "make test && npm install x")
    assert dialog.kinds.text() == "run: make test …\ninstall: npm install …"
    assert "whatever follows, as long as each runs code of the project" in dialog.sentences.text()
    assert dialog.covered.text() == "No agent has run a command in this project yet to hold it against."
    QTest.keyClick(dialog.text, Qt.Key.Key_Return)
    page.until(lambda: "run: make test …" in page.texts())
    assert page.panel.dialog is None
    assert page.texts().count("install: npm install …") == 1
    chosen = page.view.chosen
    assert chosen is not None
    assert chosen.kind.text in ("run: make test …", "install: npm install …")


def test_a_rule_that_would_be_too_wide_cannot_be_saved(page: Page, shop: Project) -> None:
    dialog = dialog_of(page)
    type_rule(page, dialog, "npm")
    assert dialog.refusal.text() == (
        "A rule for “npm” alone would be too wide: what it is to do is not said. "
        "Add the word that says it, as in “npm install” or “make test”."
    )
    assert not dialog.save.isEnabled()
    QTest.keyClick(dialog.text, Qt.Key.Key_Return)
    assert len(page.saved()) == 3


def test_a_text_that_changed_is_not_saved_before_it_is_seen_what_it_does(page: Page, shop: Project) -> None:
    dialog = dialog_of(page)
    type_rule(page, dialog, "make test")
    page.until(dialog.save.isEnabled)
    QTest.keyClicks(dialog.text, "s")
    assert not dialog.save.isEnabled()
    page.until(lambda: dialog.kinds.text() == "run: make tests …")
    assert dialog.save.isEnabled()


def test_what_is_saved_already_is_not_saved_again(page: Page, shop: Project) -> None:
    dialog = dialog_of(page)
    type_rule(page, dialog, "npm install other")
    assert "All of this is saved already." in dialog.caution.text()
    assert not dialog.save.isEnabled()


def test_commands_are_forbidden_by_class_and_a_word_that_is_nearly_one_is_asked_about(
    page: Page, shop: Project
) -> None:
    dialog = dialog_of(page)
    dialog.deny.click()
    type_rule(page, dialog, "instal")
    assert dialog.caution.text() == "Did you mean the class install? “instal” is taken for a program of that name."
    QTest.keyClicks(dialog.text, "l")
    page.until(lambda: dialog.kinds.text() == "install")
    page.until(dialog.save.isEnabled)
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    page.until(lambda: "install" in page.texts())
    assert [rule.kind.text for rule in page.saved() if rule.effect is Effect.DENY] == ["curl …", "install"]


def test_the_policy_of_a_role_says_what_becomes_of_each_class(page: Page, shop: Project) -> None:
    page.view.role.setCurrentIndex(page.view.role.findData("engineer"))
    page.view.role.activated.emit(page.view.role.currentIndex())
    table = page.view.policy.table

    def row(number: int) -> list[str]:
        cells = [table.item(number, column) for column in range(table.columnCount())]
        return [cell.text() for cell in cells if cell is not None]

    page.until(lambda: "forbidden (role)" in row(3))
    assert table.horizontalHeaderItem(1).text() == "Ask first (new chats)"  # type: ignore[union-attr]
    assert row(0) == ["read: only reads", "runs", "runs", "is not run"]
    assert row(3)[1:] == ["forbidden (role)"] * 3
    assert row(4)[1:] == ["asks you (1 rule)", "runs", "is not run"]
    assert row(8)[1:] == ["asks you", "asks you", "is not run"]


def test_a_rule_that_another_process_saves_or_removes_is_seen_without_a_restart(
    page: Page, shop: Project, tmp_path: Path
) -> None:
    other = CommandLine(tmp_path / "home")
    denied = other("rules", "deny", "git clean", "--project", "shop", "--json")
    assert denied.code == 0, denied.err
    page.until(lambda: "git clean …" in page.texts())
    assert other("rules", "remove", denied.document["id"]).code == 0
    page.until(lambda: page.texts() == ALL)


def test_a_rule_that_is_gone_by_now_is_said_to_be(page: Page, shop: Project) -> None:
    page.view.hide()  # so that it does not hear of it
    gone = page.saved()[0]
    page.ask(lambda studio: studio.policies.remove(gone.id))
    page.view.show()
    page.view.table.selectRow(4)
    QTest.mouseClick(page.view.remove, Qt.MouseButton.LeftButton)
    page.until(page.view.error.isVisible)
    assert page.view.error.sentence.text().startswith(f"There is no rule {gone.id}.")
    page.until(lambda: "install: npm install …" not in page.texts())


def test_a_project_without_rules_says_how_one_is_made(page: Page, tmp_path: Path) -> None:
    bare = make_repository(tmp_path / "bare", {"a.txt": "one\n"})
    page.show(page.ask(lambda studio: studio.projects.add(bare)))
    page.until(lambda: page.view.empty.title.text() == "No rule yet")
    assert page.view.asked.text() == "Nobody was asked in the last 24 hours."
    QTest.mouseClick(page.view.empty.button, Qt.MouseButton.LeftButton)
    assert page.panel.dialog is not None


def test_without_a_project_there_is_nothing_to_write_a_rule_for(page: Page) -> None:
    page.view.show()
    page.panel.show_project(None)
    page.until(lambda: page.view.empty.title.text() == "No project yet")
    assert not page.view.add.isEnabled()


class Broken(QuietDoors):
    """Doors that do not answer until they are mended."""

    def __init__(self) -> None:
        super().__init__()
        self.roles: Any = self

    async def list(self, project: object = None) -> RoleList:
        raise StoreError("The database does not answer.", "Try again soon.")


def test_rules_that_cannot_be_read_are_asked_for_again(qtbot: QtBot, theme: Theme) -> None:
    async def build() -> Any:
        return Broken()

    bridge = Bridge(build)
    panel = RulesPanel(bridge, theme, bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.show()
    panel.show_project(None)
    assert panel.view.empty.title.text() == "Loading…"
    bridge.start()
    empty = panel.view.empty
    qtbot.waitUntil(lambda: empty.title.text() == "The rules could not be read", timeout=SECONDS)
    assert empty.text.text() == "The database does not answer. Try again soon."
    with qtbot.waitSignal(panel.view.again_requested):
        QTest.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    assert bridge.stop()


def test_everything_on_the_page_has_a_name(page: Page, shop: Project) -> None:
    view = page.view
    for widget in (
        view.project,
        view.role,
        view.filter,
        view.table,
        view.policy.table,
        view.add,
        view.remove,
        view.undo,
    ):
        assert widget.accessibleName()
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in view.findChildren(QLabel) if label.text())
