"""A slower network between a page and its app: what passes, in which order, and what a person sees of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket
from pytestqt.qtbot import QtBot

from studio.domain.ids import RunId
from studio.ui.preview.pace import FULL, OFFLINE, PACES, SLOW_3G, Line, Pace
from studio.ui.preview.relay import Relay
from studio.ui.preview.scripts import World
from tests.ui.preview.conftest import PROJECT, Previewing

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")

# As slow as any of them, and yet over in a moment.
QUICK = Pace("Quick", down=2_000_000, up=1_000_000, milliseconds=20)


class Talk:
    """A server behind a relay, and the two ends of one connection through it."""

    def __init__(self, qtbot: QtBot, relay: Relay, server: QTcpServer) -> None:
        self._qtbot = qtbot
        self.relay = relay
        self.engine = QTcpSocket()
        self.engine.connectToHost("127.0.0.1", relay.port)
        qtbot.waitUntil(server.hasPendingConnections)
        self.app = server.nextPendingConnection()

    def carried(self, source: QTcpSocket, sink: QTcpSocket, data: bytes) -> bytes:
        source.write(data)
        got = bytearray()

        def whole() -> bool:
            got.extend(sink.readAll().data())
            return len(got) >= len(data)

        self._qtbot.waitUntil(whole, timeout=20_000)
        return bytes(got)


@pytest.fixture
def server() -> Iterator[QTcpServer]:
    made = QTcpServer()
    assert made.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost), 0)
    yield made
    made.close()


@pytest.fixture
def relay(server: QTcpServer) -> Iterator[Relay]:
    made = Relay()
    made.lead_to("127.0.0.1", server.serverPort())
    yield made
    made.lead_nowhere()


@given(st.integers(1_000, 1_000_000), st.lists(st.tuples(st.integers(1, 20_000), st.floats(0, 1)), max_size=40))
def test_a_line_never_carries_more_than_its_rate(rate: int, sent: list[tuple[int, float]]) -> None:
    line, now, bytes_sent = Line(), 100.0, 0
    line.run_at(rate)
    for count, pause in sent:
        now += pause
        bytes_sent += count
        assert line.carry(count, now) >= 100.0 + bytes_sent / rate - 1e-6


def test_connections_share_one_line() -> None:
    line = Line()
    line.run_at(1000)
    first, second = line.carry(500, 0.0), line.carry(500, 0.0)
    assert (first, second) == (0.5, 1.0)
    assert line.wait(0.0) > 0


@pytest.mark.parametrize("pace", [FULL, QUICK])
def test_what_both_sides_say_arrives_whole_and_in_order(
    qtbot: QtBot, relay: Relay, server: QTcpServer, pace: Pace
) -> None:
    """As a WebSocket does: both talk on one connection that stays open."""
    relay.set_pace(pace)
    talk = Talk(qtbot, relay, server)
    data = bytes(range(256)) * 1500
    assert talk.carried(talk.engine, talk.app, data) == data
    assert talk.carried(talk.app, talk.engine, data[::-1]) == data[::-1]
    assert talk.carried(talk.engine, talk.app, b"more") == b"more"


def test_what_a_server_said_before_it_hung_up_still_arrives_over_a_slow_network(
    qtbot: QtBot, relay: Relay, server: QTcpServer
) -> None:
    relay.set_pace(QUICK)
    talk = Talk(qtbot, relay, server)
    talk.app.write(b"x" * 200_000)
    talk.app.disconnectFromHost()
    qtbot.waitUntil(lambda: talk.engine.state() is QTcpSocket.SocketState.UnconnectedState, timeout=20_000)
    assert len(talk.engine.readAll().data()) == 200_000


def test_a_connection_that_is_open_goes_on_at_the_new_pace(qtbot: QtBot, relay: Relay, server: QTcpServer) -> None:
    talk = Talk(qtbot, relay, server)
    assert talk.carried(talk.engine, talk.app, b"one") == b"one"
    relay.set_pace(QUICK)
    assert talk.carried(talk.app, talk.engine, b"two" * 50_000) == b"two" * 50_000
    relay.set_pace(FULL)
    assert talk.carried(talk.app, talk.engine, b"three") == b"three"


def test_offline_cuts_what_is_open_and_lets_nothing_new_through(qtbot: QtBot, relay: Relay, server: QTcpServer) -> None:
    talk = Talk(qtbot, relay, server)
    relay.set_pace(OFFLINE)
    qtbot.waitUntil(lambda: talk.engine.state() is QTcpSocket.SocketState.UnconnectedState)
    again = QTcpSocket()
    again.connectToHost("127.0.0.1", relay.port)
    qtbot.waitUntil(lambda: again.state() is QTcpSocket.SocketState.UnconnectedState)
    assert not server.hasPendingConnections()


def test_a_slower_network_is_shown_while_it_is_on(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    previewing.open()
    bar = previewing.panel.view.bar
    assert bar.network.text() == ""
    next(action for action in bar.network.menu().actions() if action.text() == SLOW_3G.title).trigger()
    assert bar.network.text() == "Slow 3G"
    assert bar.network.toolTip() == "Network of the page: Slow 3G (400 kbit/s down, 400 kbit/s up, 400 ms)"
    assert previewing.panel.host.pace is SLOW_3G


def test_another_runs_page_has_the_network_it_has(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    previewing.open()
    previewing.panel.pacing.set_pace(SLOW_3G)
    previewing.panel.show_run(PROJECT, RunId("r2"))
    assert previewing.panel.host.pace is FULL
    assert previewing.panel.view.bar.network.text() == ""


def test_a_page_that_is_loaded_offline_says_why_and_comes_back_by_one_click(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    previewing.open()
    view = previewing.panel.view
    previewing.panel.pacing.set_pace(OFFLINE)
    view.bar.reload.click()
    previewing.qtbot.waitUntil(lambda: previewing.title() == "The preview is offline", timeout=20_000)
    assert previewing.app.seen.count("/") == 1

    view.state.button.click()
    previewing.qtbot.waitUntil(view.shows_page, timeout=20_000)
    assert previewing.app.seen.count("/") == 2


def test_a_page_that_stays_while_it_is_offline_is_left_as_it_is_when_it_is_online_again(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title>")
    browser = previewing.open()
    for pace in (OFFLINE, FULL):
        previewing.panel.pacing.set_pace(pace)
    browser.run("fetch('/fence'), ''", World.PAGE, lambda _: None)
    previewing.wait_seen("/fence")

    assert previewing.app.seen.count("/") == 1


def test_every_network_has_a_name_of_its_own() -> None:
    assert len({pace.name for pace in PACES}) == len(PACES)
