"""The inbox: what waits for a person, and their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.checkpoints import LEFT, Checkpoint, CheckpointKind
from studio.domain.errors import UserError
from studio.domain.events import CheckpointOpened, Recorded
from studio.domain.ids import CallId, CheckpointId, ProjectId, RunId
from studio.domain.rules import Scope, kind_of
from studio.ui.bridge import Bridge
from studio.ui.inbox.items import InboxItems
from studio.ui.inbox.panel import InboxPanel
from studio.ui.inbox.view import InboxView
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors

NOW = datetime(2026, 1, 1, tzinfo=UTC)
APPROVAL = Checkpoint(
    CheckpointId("k1"), ProjectId("p1"), RunId("r1"), CallId("c1"), CheckpointKind.APPROVAL,
    "Run a command", "pip install hypothesis", "00", NOW,
)  # fmt: skip
CHOICE = replace(
    APPROVAL, id=CheckpointId("k2"), kind=CheckpointKind.CHOICE, title="Which?", act="", options=("red", "green")
)


class ScriptedCheckpoints:
    def __init__(self, *open_ones: Checkpoint) -> None:
        self.open_ones = list(open_ones)
        self.decisions: list[tuple[str, str, str]] = []
        self.refusal: UserError | None = None

    async def waiting(self) -> tuple[Checkpoint, ...]:
        return tuple(self.open_ones)

    async def approve(self, id: str, note: str, scope: Scope = Scope.ONCE) -> None:
        self._decide("approve" if scope is Scope.ONCE else f"approve for {scope.value}", id, note)

    async def deny(self, id: str, note: str) -> None:
        self._decide("deny", id, note)

    async def answer(self, id: str, text: str) -> None:
        self._decide("answer", id, text)

    def _decide(self, word: str, id: str, text: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.decisions.append((word, id, text))
        self.open_ones = [checkpoint for checkpoint in self.open_ones if checkpoint.id != id]


class Doors(QuietDoors):
    def __init__(self, *open_ones: Checkpoint) -> None:
        super().__init__()
        self.checkpoints = ScriptedCheckpoints(*open_ones)


@pytest.fixture
def doors() -> Doors:
    return Doors(APPROVAL, CHOICE)


@pytest.fixture
def panel(qtbot: QtBot, doors: Doors) -> Iterator[InboxPanel]:
    async def build() -> Any:
        return doors

    bridge = Bridge(build)
    made = InboxPanel(bridge, Theme("dark"), bridge)
    bridge.events_arrived.connect(made.apply)
    qtbot.addWidget(made.widget)
    made.widget.show()
    with qtbot.waitSignal(made.count_changed):
        bridge.start()
    made.view.pause.end()
    yield made
    assert bridge.stop()


def test_the_items_keep_the_rules_of_qt(qtbot: QtBot) -> None:
    items = InboxItems()
    QAbstractItemModelTester(items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    items.show((APPROVAL, CHOICE))
    assert items.rowCount() == 2
    items.show(())
    assert items.rowCount() == 0


def test_a_row_names_the_run_that_asks(qtbot: QtBot) -> None:
    items = InboxItems()
    items.show((APPROVAL, CHOICE))
    items.name_projects({ProjectId("p1"): "shop"})
    assert [items.index(row).data().split("\n")[1] for row in range(2)] == [
        "shop · r1 · pip install hypothesis",
        "shop · r1",
    ]


def test_an_approval_shows_the_exact_act_and_goes_when_approved(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    view = panel.view
    assert view.act.toPlainText() == "pip install hypothesis"
    assert not view.answer.isVisible()
    view.words.setText("this once")
    with qtbot.waitSignal(panel.count_changed, check_params_cb=lambda count: count == 1):
        view.approve.click()
    assert doors.checkpoints.decisions == [("approve", "k1", "this once")]


def test_a_key_denies(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    with qtbot.waitActive(panel.view):
        panel.view.activateWindow()
    panel.view.list.setFocus()
    with qtbot.waitSignal(panel.count_changed):
        QTest.keyClick(panel.view.list, Qt.Key.Key_N)
    assert doors.checkpoints.decisions == [("deny", "k1", "")]


def test_keys_for_yes_and_no_do_nothing_to_a_choice(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    with qtbot.waitActive(panel.view):
        panel.view.activateWindow()
    panel.view.select("k2")
    panel.view.list.setFocus()
    with qtbot.assertNotEmitted(panel.view.approved), qtbot.assertNotEmitted(panel.view.denied):
        QTest.keyClick(panel.view.list, Qt.Key.Key_Y)
        QTest.keyClick(panel.view.list, Qt.Key.Key_N)


def test_a_question_that_was_decided_elsewhere_leaves_no_other_one_under_the_finger(
    qtbot: QtBot, panel: InboxPanel, doors: Doors
) -> None:
    with qtbot.waitActive(panel.view):
        panel.view.activateWindow()
    panel.view.list.setFocus()
    doors.checkpoints.open_ones = [replace(APPROVAL, id=CheckpointId("k3")), CHOICE]
    with qtbot.waitSignal(panel.count_changed):
        panel.refresh()
    with qtbot.assertNotEmitted(panel.view.approved):
        QTest.keyClick(panel.view.list, Qt.Key.Key_Y)
    assert not panel.view.approve.isVisible()
    panel.view.select("k3")
    panel.view.pause.end()
    with qtbot.waitSignal(panel.count_changed, check_params_cb=lambda count: count == 1):
        QTest.keyClick(panel.view.list, Qt.Key.Key_Y)
    assert doors.checkpoints.decisions == [("approve", "k3", "")]


def test_a_new_question_leaves_the_one_on_show_where_it_is(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    panel.view.select("k2")
    doors.checkpoints.open_ones.insert(0, replace(APPROVAL, id=CheckpointId("k0")))
    with qtbot.waitSignal(panel.count_changed):
        panel.refresh()
    assert panel.view.list.currentIndex().row() == 2
    assert panel.view.title.text() == CHOICE.title


def test_the_next_question_comes_up_once_this_one_is_answered(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    with qtbot.waitSignal(panel.count_changed):
        panel.view.approve.click()
        panel.view.approve.click()
    assert doors.checkpoints.decisions == [("approve", "k1", "")]
    assert panel.view.title.text() == CHOICE.title
    panel.view.pause.end()
    assert panel.view.answer.isEnabled()


@pytest.mark.parametrize("way", ["click", "key", "space"])
def test_a_question_that_just_came_up_takes_no_answer_meant_for_the_former_one(
    way: str, qtbot: QtBot, panel: InboxPanel, doors: Doors
) -> None:
    view = panel.view
    doors.checkpoints.open_ones[1] = replace(APPROVAL, id=CheckpointId("k3"), act="rm -rf danger")
    with qtbot.waitSignal(panel.count_changed):
        panel.refresh()
    with qtbot.waitActive(view):
        view.activateWindow()
    pressed = {"click": view.approve, "key": view.list, "space": view.approve}[way]

    def press() -> None:
        if way == "click":
            QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
        else:
            QTest.keyClick(view.window().focusWidget(), Qt.Key.Key_Y if way == "key" else Qt.Key.Key_Space)

    pressed.setFocus()
    with qtbot.waitSignal(panel.count_changed):
        press()
    assert view.act.toPlainText() == "rm -rf danger"
    with qtbot.assertNotEmitted(view.approved):
        press()
    view.pause.end()
    assert view.approve.isEnabled()
    assert not view.approve.hasFocus()
    if way == "space":
        with qtbot.assertNotEmitted(view.approved):
            press()
    assert doors.checkpoints.decisions == [("approve", "k1", "")]


def test_the_pause_before_an_answer_ends_by_itself(qtbot: QtBot, panel: InboxPanel) -> None:
    panel.view.pause.begin()
    assert not panel.view.approve.isEnabled()
    qtbot.waitUntil(panel.view.approve.isEnabled)


def test_a_long_act_is_shown_in_whole_lines_as_far_as_a_third_of_the_panel(
    qtbot: QtBot, panel: InboxPanel, doors: Doors
) -> None:
    panel.view.resize(260, 720)
    act = panel.view.act
    line = act.fontMetrics().lineSpacing()
    for lines, is_whole in ((2, True), (6, True), (60, False)):
        text = "\n".join(f"line {number}" for number in range(lines))
        doors.checkpoints.open_ones = [replace(APPROVAL, id=CheckpointId(f"k{lines}"), act=text)]
        with qtbot.waitSignal(panel.count_changed):
            panel.refresh()
        panel.view.select(f"k{lines}")
        assert act.verticalScrollBar().isVisible() is not is_whole
        assert not act.horizontalScrollBar().isVisible()
        assert act.height() >= lines * line if is_whole else 200 < act.height() < 300


def test_an_option_answers_a_choice(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    panel.view.select("k2")
    panel.view.pause.end()
    assert not panel.view.approve.isVisible()
    green = next(button for button in panel.view.findChildren(QPushButton) if button.text() == "green")
    with qtbot.waitSignal(panel.count_changed):
        green.click()
    assert doors.checkpoints.decisions == [("answer", "k2", "green")]


def test_a_sign_in_an_option_is_shown_and_gives_it_no_key(panel: InboxPanel) -> None:
    panel.items.show((replace(CHOICE, options=("ask R&D",)),))
    panel.view.select("k2")
    [made] = [button for button in panel.view.findChildren(QPushButton) if button.accessibleName() == "ask R&D"]
    assert made.text() == "ask R&&D"
    assert made.shortcut().isEmpty()


def test_an_answer_that_is_refused_says_why_and_can_be_given_again(
    qtbot: QtBot, panel: InboxPanel, doors: Doors
) -> None:
    doors.checkpoints.refusal = UserError("It was decided already.")
    with qtbot.waitSignal(panel.deciding_failed):
        panel.view.approve.click()
    assert panel.view.approve.isEnabled()


def test_the_words_in_the_empty_field_are_seen_whole_in_a_narrow_panel(qtbot: QtBot, panel: InboxPanel) -> None:
    panel.view.resize(260, 600)
    field = panel.view.words
    assert field.width() < 260
    assert field.fontMetrics().horizontalAdvance(field.placeholderText()) <= field.width() - 26


def test_a_new_question_appears_by_itself(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    doors.checkpoints.open_ones.append(replace(APPROVAL, id=CheckpointId("k3")))
    opened = CheckpointOpened("k3", "approval", "c1", "Run a command", "ls")
    with qtbot.waitSignal(panel.count_changed, check_params_cb=lambda count: count == 3):
        doors.feed.tell(Recorded(1, NOW, ProjectId("p1"), RunId("r1"), opened))


def test_nothing_waiting_says_so(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    doors.checkpoints.open_ones.clear()
    with qtbot.waitSignal(panel.count_changed):
        panel.refresh()
    assert panel.view.empty.isVisible()


KINDS = (kind_of("install: npm install …"), kind_of("run: npm run build …"))


def _words(panel: InboxPanel) -> list[str]:
    return [label.text() for label in panel.view.offer.findChildren(QLabel) if not label.isHidden()]


def _show(qtbot: QtBot, panel: InboxPanel, doors: Doors, asked: Checkpoint) -> None:
    doors.checkpoints.open_ones = [asked]
    panel.view.let_go()
    with qtbot.waitSignal(panel.count_changed):
        panel.refresh()
    panel.view.pause.end()
    panel.view.select(asked.id)
    panel.view.pause.end()


def test_what_a_rule_would_let_through_is_read_before_it_is_made(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    _show(qtbot, panel, doors, replace(APPROVAL, id=CheckpointId("k7"), kinds=KINDS))
    shown = {text for kind in KINDS for text in (kind.text, kind.sentence)}
    qtbot.waitUntil(lambda: shown <= set(_words(panel)))


@pytest.mark.parametrize(
    ("key", "decision"), [(Qt.Key.Key_R, "approve for run"), (Qt.Key.Key_P, "approve for project")]
)
def test_a_key_approves_all_of_a_kind(
    qtbot: QtBot, panel: InboxPanel, doors: Doors, key: Qt.Key, decision: str
) -> None:
    _show(qtbot, panel, doors, replace(APPROVAL, id=CheckpointId("k7"), kinds=KINDS))
    with qtbot.waitActive(panel.view):
        panel.view.activateWindow()
    panel.view.list.setFocus()
    with qtbot.waitSignal(panel.count_changed):
        QTest.keyClick(panel.view.list, key)
    assert doors.checkpoints.decisions == [(decision, "k7", "")]


def test_where_no_rule_can_be_made_none_is_offered(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    assert not panel.view.offer.run.isVisible()
    assert "No rule can be made of this: its like is asked about each time." in _words(panel)
    with qtbot.waitActive(panel.view):
        panel.view.activateWindow()
    panel.view.list.setFocus()
    with qtbot.assertNotEmitted(panel.view.kind_approved):
        QTest.keyClick(panel.view.list, Qt.Key.Key_P)


def test_a_question_about_a_way_round_a_denial_says_what_was_denied(
    qtbot: QtBot, panel: InboxPanel, doors: Doors
) -> None:
    _show(qtbot, panel, doors, replace(APPROVAL, id=CheckpointId("k8"), denied_before="git push\u202e origin"))
    assert any(word.endswith(r"in this run: git push\u202e origin") for word in _words(panel))


def test_the_inbox_says_how_often_people_were_asked_in_the_last_hour(
    qtbot: QtBot, panel: InboxPanel, doors: Doors
) -> None:
    doors.policies.questions = 4
    with qtbot.waitSignal(panel.count_changed):
        panel.refresh()
    qtbot.waitUntil(lambda: panel.view.asked.text() == "Asked in the last hour: 4")


def test_an_approval_says_what_the_agent_said_when_it_asked(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    assert not panel.view.why.isVisible()
    _show(qtbot, panel, doors, replace(APPROVAL, id=CheckpointId("k9"), why="The tests need <b>left-pad</b>.\nSo:"))
    assert panel.view.why.words.text() == "The agent said: The tests need <b>left-pad</b>. So:"
    assert panel.view.why.words.textFormat() is Qt.TextFormat.PlainText


def test_all_rules_of_the_project_that_asks_are_one_press_away(qtbot: QtBot, panel: InboxPanel, doors: Doors) -> None:
    assert panel.view.offer.rules.isEnabled()  # it answers nothing, so that no pause holds it
    with qtbot.waitSignal(panel.rules_requested, check_params_cb=lambda project: project == "p1"):
        QTest.mouseClick(panel.view.offer.rules, Qt.MouseButton.LeftButton)


def test_a_host_is_allowed_for_its_project_without_an_offer_of_a_rule(
    qtbot: QtBot, panel: InboxPanel, doors: Doors
) -> None:
    asks = replace(APPROVAL, id=CheckpointId("k9"), kind=CheckpointKind.NETWORK, act="files.example.org:443")
    doors.checkpoints.open_ones = [asks]
    with qtbot.waitSignal(panel.count_changed):
        panel.refresh()
    panel.view.select("k9")
    panel.view.pause.end()
    assert panel.view.approve.text() == "Allow in this run"
    assert not panel.view.offer.isVisible()
    with qtbot.waitSignal(panel.count_changed):
        panel.view.for_project.click()

    assert doors.checkpoints.decisions == [("approve for project", "k9", "")]


ASKED = "Let this run reach files.example.org?"


def test_a_long_question_and_its_answers_fit_a_narrow_panel(qtbot: QtBot) -> None:
    title = "Fetch images of registry.example?"
    beside = (
        "This project's files name registry.example/team/nosuch:1, which is not on this machine: the container engine "
        "would ask for it from this machine's own network. The run waits 60 s for an answer, then goes on without."
    )
    act = "fetching images of registry.example"
    asked = replace(APPROVAL, kind=CheckpointKind.NETWORK, title=f"{title} {beside}", act=act)
    items, theme = InboxItems(), Theme("dark")
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.dress(app)
    view = InboxView(items, theme)
    qtbot.addWidget(view)
    view.show()
    items.show((asked,))
    qtbot.waitUntil(lambda: view.title.text() == title)

    def is_narrow() -> bool:
        view.resize(250, 740)
        return view.width() == 250

    qtbot.waitUntil(is_narrow)
    assert view.beside.text() == beside
    qtbot.waitUntil(lambda: view.title.height() >= view.title.heightForWidth(view.title.width()))
    qtbot.waitUntil(lambda: view.beside.height() >= view.beside.heightForWidth(view.beside.width()))
    for answer in (view.approve, view.for_project, view.deny):
        assert answer.width() >= answer.sizeHint().width(), answer.text()


@pytest.mark.parametrize("title", [f"{ASKED} It leaves. {LEFT}", f"{LEFT} {ASKED} It leaves."])
def test_a_row_says_first_what_was_asked_and_then_that_nobody_waits_any_more(title: str) -> None:
    asked = replace(APPROVAL, kind=CheckpointKind.NETWORK, title=title, act="files.example.org:443")
    items = InboxItems()
    items.show((asked,))

    assert items.data(items.index(0)).splitlines() == [ASKED, f"{asked.run} · nobody waits any more"]
