"""The preview panel: from a listening port to a page, and every state on the way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from studio.domain.errors import EngineError, UserError
from studio.domain.events import Recorded, SnapshotTaken
from studio.domain.ids import RunId
from studio.domain.previews import Launch, PreviewStage, PreviewState
from studio.ui.bridge import Bridge
from studio.ui.preview.browser import Browser
from studio.ui.preview.panel import PreviewPanel
from studio.ui.preview.scripts import World
from studio.ui.theme import Theme
from tests.ui.preview.conftest import PROJECT, RUN, Previewing, PreviewsDoor

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")


def snapshot() -> Recorded:
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    return Recorded(1, moment, PROJECT, RUN, SnapshotTaken("t1", 1, "c2", "c1", ("a.html",)))


def test_the_app_of_a_run_is_shown_with_its_run_and_address(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    browser = previewing.open()
    assert browser.title() == "shop"
    view = previewing.panel.view
    assert (view.bar.branch.text(), view.bar.address.text()) == ("r1", f"{previewing.app.url}/")
    assert not view.bar.port.isVisible()


def test_a_page_that_is_shown_stays_in_sight_when_it_is_asked_for_again(previewing: Previewing) -> None:
    previewing.serve("one")
    previewing.open()
    looked = previewing.door.asked

    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: previewing.door.asked > looked, timeout=20_000)

    assert previewing.panel.view.shows_page()
    assert previewing.app.seen.count("/") == 1


def test_a_page_that_could_not_be_looked_at_comes_back_when_it_is_tried_again(previewing: Previewing) -> None:
    previewing.serve("one")
    previewing.open()
    view = previewing.panel.view
    previewing.door.error = UserError("It cannot be looked at.", "")
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: not view.shows_page(), timeout=20_000)

    previewing.door.error = None
    previewing.panel.open()

    previewing.qtbot.waitUntil(view.shows_page, timeout=20_000)


def test_reloading_asks_the_app_again(previewing: Previewing) -> None:
    previewing.serve("one")
    previewing.open()
    previewing.panel.view.bar.reload.click()
    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/") == 2, timeout=20_000)


def test_a_usual_port_is_taken_first_and_others_can_be_chosen(previewing: Previewing) -> None:
    previewing.serve("app", 5173)
    previewing.door.listening = (4000, 5173)
    previewing.door.urls[4000] = f"{previewing.other.url}/"
    previewing.open()
    view = previewing.panel.view
    assert view.bar.port.currentText() == "5173"
    view.bar.port.setCurrentIndex(view.bar.port.findData(4000))
    view.bar.port.activated.emit(view.bar.port.currentIndex())
    previewing.qtbot.waitUntil(lambda: "/" in previewing.other.seen, timeout=20_000)


def test_an_app_that_is_not_served_yet_is_started_by_the_same_click(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    previewing.door.comes_up = previewing.door.listening
    previewing.door.listening = ()
    browser = previewing.open()

    assert browser.title() == "shop"
    assert previewing.door.started == [""]


def test_where_no_way_to_start_is_seen_the_command_can_be_typed(previewing: Previewing) -> None:
    door, view = previewing.door, previewing.panel.view
    door.unstartable = UserError("No way to start an app is seen.", "Type the command that starts it.")
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: "Type the command" in view.state.text.text())

    previewing.serve("<title>shop</title>")
    door.unstartable, door.comes_up, door.listening = None, door.listening, ()
    view.page_state.command.setEditText("./serve --now")
    view.page_state.start.click()

    previewing.qtbot.waitUntil(view.shows_page, timeout=20_000)
    assert door.started[-1] == "./serve --now"


def test_an_app_that_ends_says_why_shows_its_words_and_is_started_again(previewing: Previewing) -> None:
    door, view = previewing.door, previewing.panel.view
    said = "Error: listen EADDRINUSE: address already in use :::3000\n"
    door.state = PreviewState(PreviewStage.ENDED, command="npm start", kind="Express", said=said, exit_code=1)
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: previewing.title() == "The Express app has ended with exit code 1")

    assert view.state.text.text() == "The port it wants is taken by something else."
    assert view.page_state.output.toPlainText() == said.strip()
    view.state.button.click()
    previewing.qtbot.waitUntil(lambda: door.started == ["npm start"])


def test_an_app_that_is_starting_is_waited_for_and_then_shown(previewing: Previewing) -> None:
    door = previewing.door
    door.state = PreviewState(PreviewStage.STARTING, process="p1", command="npm run dev", kind="Vite", said="building")
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: previewing.title().startswith("Starting the Vite app"))

    previewing.serve("<title>shop</title>", 5173)

    previewing.qtbot.waitUntil(previewing.panel.view.shows_page, timeout=20_000)


def test_an_app_that_dies_under_its_page_is_noticed(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    previewing.door.listening = ()
    previewing.door.state = PreviewState(PreviewStage.ENDED, said="boom", exit_code=137)

    previewing.panel.standing.tick()

    previewing.qtbot.waitUntil(lambda: previewing.title() == "The app has ended with exit code 137")
    assert "ran out of memory" in previewing.panel.view.state.text.text()


def test_an_app_that_sleeps_keeps_its_page_and_is_woken_when_it_is_shown_again(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    browser = previewing.open()
    panel, view = previewing.panel, previewing.panel.view
    previewing.door.asleep = True
    panel.standing.tick()
    previewing.qtbot.waitUntil(lambda: "Nobody used its container" in view.message.text())
    assert view.shows_page()

    view.hide()
    view.show()

    previewing.qtbot.waitUntil(lambda: not previewing.door.asleep and view.message.text() == "")
    assert browser.title() == "shop"


def test_an_error_of_the_app_is_said_above_its_page_and_can_be_given_to_the_agent(previewing: Previewing) -> None:
    offered: list[str] = []
    previewing.panel.words_offered.connect(lambda _run, words: offered.append(words))
    previewing.app.status = 503
    previewing.serve("<h1>down</h1>")
    previewing.open()
    view = previewing.panel.view
    previewing.qtbot.waitUntil(
        lambda: view.message.text() == "The app answered / with 503 Service Unavailable.", timeout=20_000
    )

    assert view.shows_page()
    view.notice_action.click()
    assert offered == [
        "Find the cause of this in the preview, and mend it:\n> The app answered / with 503 Service Unavailable.\n"
    ]


def test_a_script_that_fails_is_said_above_the_page(previewing: Previewing) -> None:
    previewing.serve("<script>shop.open()</script>")
    previewing.open()

    previewing.qtbot.waitUntil(
        lambda: "Uncaught ReferenceError: shop is not defined" in previewing.panel.view.message.text(), timeout=20_000
    )


def test_an_app_that_was_stopped_has_not_failed(previewing: Previewing) -> None:
    previewing.door.state = PreviewState(
        PreviewStage.ENDED, kind="Express", said="GET / 200", exit_code=143, stopped=True
    )
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()

    previewing.qtbot.waitUntil(lambda: previewing.title() == "The Express app was stopped")


def test_a_page_stays_while_the_engine_is_away_and_is_looked_at_again(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    failed: list[object] = []
    previewing.panel.standing.failed.connect(failed.append)
    previewing.door.error = EngineError("No container engine answers.")
    previewing.panel.standing.tick()
    previewing.qtbot.waitUntil(lambda: not previewing.panel.standing._is_asking, timeout=20_000)
    assert previewing.panel.view.shows_page()

    previewing.door.error = None
    previewing.panel.standing.tick()
    with previewing.qtbot.waitSignal(previewing.panel.standing.changed, timeout=20_000):
        pass
    assert failed == []


def test_a_snapshot_reloads_a_page_that_does_not_do_so_itself(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    previewing.panel.apply([snapshot()])

    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/") == 2, timeout=20_000)


def test_a_page_is_loaded_once_more_when_its_server_takes_a_moment_to_see_a_change(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.door.state = PreviewState(PreviewStage.STARTING, process="p1", kind="FastAPI", late=True)
    previewing.open()
    previewing.panel.apply([snapshot()])

    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/") == 3, timeout=20_000)


def test_a_snapshot_leaves_a_page_alone_in_which_somebody_types(previewing: Previewing) -> None:
    previewing.serve("<input id='name' autofocus><script>document.getElementById('name').focus()</script>")
    browser = previewing.open()
    typed: list[str] = []
    browser.run("document.getElementById('name').value = 'Ada'", World.STUDIO, typed.append)
    previewing.qtbot.waitUntil(lambda: typed == ["Ada"], timeout=20_000)

    previewing.panel.apply([snapshot()])

    view = previewing.panel.view
    previewing.qtbot.waitUntil(lambda: "because you type in it" in view.message.text(), timeout=20_000)
    view.notice_action.click()
    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/") == 2, timeout=20_000)


def test_a_snapshot_is_left_to_a_dev_server_that_reloads_its_page(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.door.state = PreviewState(PreviewStage.STARTING, reloads=True)
    browser = previewing.open()
    previewing.panel.apply([snapshot()])
    browser.run("fetch('/fence'), ''", World.PAGE, lambda _: None)
    previewing.wait_seen("/fence")

    assert previewing.app.seen.count("/") == 1


def test_a_page_whose_script_failed_is_loaded_again_though_its_dev_server_changes_it_by_itself(
    previewing: Previewing,
) -> None:
    previewing.serve("<script>names.join()</script>")
    previewing.door.state = PreviewState(PreviewStage.STARTING, reloads=True)
    previewing.open()
    view = previewing.panel.view
    previewing.qtbot.waitUntil(lambda: "A script of the page failed" in view.message.text(), timeout=20_000)

    previewing.panel.apply([snapshot()])

    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/") == 2, timeout=20_000)


def test_a_server_that_does_not_watch_its_files_is_started_again_and_its_page_shown(
    previewing: Previewing,
) -> None:
    previewing.serve("app")
    previewing.door.state = PreviewState(PreviewStage.STARTING, process="p1", command="npm start", watches=False)
    previewing.open()
    previewing.panel.view.bar.address.setText("/about")
    previewing.panel.view.bar.address.returnPressed.emit()
    previewing.qtbot.waitUntil(lambda: previewing.panel.host.place() == "/about", timeout=20_000)

    previewing.panel.apply([snapshot()])

    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/about") == 2, timeout=20_000)
    assert previewing.door.started == ["npm start again"]


def test_a_path_can_be_typed_and_gone_back_from(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    bar = previewing.panel.view.bar
    bar.address.setText("about?x=1")
    bar.address.returnPressed.emit()
    previewing.wait_seen("/about?x=1")
    previewing.qtbot.waitUntil(lambda: bar.address.text() == f"{previewing.app.url}/about?x=1", timeout=20_000)

    previewing.qtbot.waitUntil(bar.back.isEnabled, timeout=20_000)
    bar.back.click()

    previewing.qtbot.waitUntil(lambda: bar.address.text() == f"{previewing.app.url}/", timeout=20_000)
    previewing.qtbot.waitUntil(bar.forward.isEnabled, timeout=20_000)


def test_an_address_elsewhere_is_not_gone_to(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    bar = previewing.panel.view.bar
    bar.address.setText(previewing.other.url)
    bar.address.returnPressed.emit()

    assert "nothing but its own app" in previewing.panel.view.message.text()
    assert previewing.other.seen == []


def test_an_app_that_does_not_answer_can_be_tried_again(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    previewing.app.shutdown()
    previewing.app.socket.close()
    previewing.panel.reload()
    previewing.qtbot.waitUntil(lambda: "did not answer" in previewing.title(), timeout=20_000)


def test_a_container_that_is_not_up_is_explained(previewing: Previewing) -> None:
    previewing.door.error = EngineError("The container engine does not answer.", "Start Docker.")
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: "Start Docker." in previewing.panel.view.state.text.text())


def test_without_an_engine_no_other_command_is_offered(previewing: Previewing) -> None:
    previewing.door.error = EngineError("The container engine does not answer.", "Start Docker.")
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: "Start Docker." in previewing.panel.view.state.text.text())

    assert not previewing.panel.view.offers_commands()


def test_an_agent_can_be_asked_about_an_app_that_does_not_start(previewing: Previewing) -> None:
    previewing.door.state = PreviewState(
        PreviewStage.ENDED, process="p1", command="./serve", said="serve: no such file", exit_code=127
    )
    offered: list[tuple[str, str]] = []
    previewing.panel.words_offered.connect(lambda run, words: offered.append((run, words)))
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    ask = previewing.panel.view.page_state.ask
    previewing.qtbot.waitUntil(ask.isVisible)
    ask.click()

    assert offered[0][0] == RUN
    assert "> serve: no such file" in offered[0][1]


def test_another_command_can_be_chosen_while_one_takes_long_and_what_is_typed_stays(previewing: Previewing) -> None:
    door, view = previewing.door, previewing.panel.view
    door.state = PreviewState(PreviewStage.STARTING, process="p1", command="npm run dev", seconds=90.0)
    door.found = (Launch("Vite", "ready && npm run dev", "", line="npm run dev"),)
    previewing.panel.show_run(PROJECT, RUN)
    previewing.panel.open()
    previewing.qtbot.waitUntil(lambda: view.page_state.command.count() == 1)
    assert view.page_state.command.currentText() == "npm run dev"

    view.page_state.command.setEditText("npm run dev -- --host")
    with previewing.qtbot.waitSignal(previewing.panel.standing.changed, timeout=20_000):
        pass
    assert view.page_state.command.currentText() == "npm run dev -- --host"


def test_a_crashed_page_leaves_studio_standing_and_can_be_loaded_again(previewing: Previewing) -> None:
    previewing.serve("app")
    browser = previewing.open()
    browser.crashed.emit()
    assert "crashed" in previewing.title()
    previewing.panel.view.state.button.click()
    previewing.qtbot.waitUntil(previewing.panel.view.shows_page, timeout=20_000)


def test_another_run_hides_the_page_of_the_one_before(previewing: Previewing) -> None:
    previewing.serve("app")
    previewing.open()
    previewing.panel.show_run(PROJECT, RunId("r2"), "studio/r2-other")
    assert not previewing.panel.view.shows_page()
    assert previewing.panel.view.bar.address.text() == ""


def test_no_run_says_what_is_needed(previewing: Previewing) -> None:
    assert previewing.title() == "No run is selected"
    assert not previewing.panel.view.state.button.isVisible()


def test_root_gets_a_sentence_and_the_address_for_another_browser_and_no_engine(
    qtbot: QtBot, bridge: Bridge, door: PreviewsDoor
) -> None:
    panel = PreviewPanel(bridge, Theme("dark"), environment={}, root=True)
    qtbot.addWidget(panel.widget)
    panel.show_run(PROJECT, RUN)
    door.listening, door.urls = (8000,), {8000: "http://127.0.0.1:40123/"}
    panel.open()
    qtbot.waitUntil(lambda: "root" in panel.view.state.title.text())
    assert "http://127.0.0.1:40123/" in panel.view.state.text.text()
    assert panel.view.bar.address.text() == "http://127.0.0.1:40123/"
    assert not panel.view.bar.reload.isEnabled()
    panel.view.bar.outside.click()
    box = panel.view.findChild(QMessageBox)
    assert box is not None
    assert "http://127.0.0.1" in box.text()
    box.reject()
    assert panel.view.findChild(Browser) is None


def test_a_load_that_was_stopped_leaves_the_page_that_is_shown(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    previewing.open()
    previewing.app.held = "/slow"
    host, ended = previewing.panel.host, list[bool]()
    host.go("/slow")
    previewing.wait_seen("/slow")
    # The engine tells of the end of a load a little after it; by now the first one has been told of.
    host.loaded.connect(lambda answered, _status: ended.append(answered))

    host.go("/#pears")
    previewing.qtbot.waitUntil(lambda: ended != [], timeout=20_000)

    assert ended == [False]
    assert previewing.panel.view.shows_page()
    assert host.place() == "/#pears"

    starts: list[bool] = []
    host.started.connect(lambda: starts.append(True))
    previewing.panel.reload()
    previewing.qtbot.waitUntil(lambda: len(ended) == 2, timeout=20_000)
    assert (starts, ended[1]) == ([True], True)
