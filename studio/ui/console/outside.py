"""Outside: a page that a person looks at in a browser of their own is heard over a WebSocket on loopback."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket
from PySide6.QtWebSockets import QWebSocket, QWebSocketCorsAuthenticator, QWebSocketServer

from studio.app.preview_script import for_other_browser
from studio.domain.console_batches import BATCH_CHARACTERS, Batch, batch_of
from studio.domain.console_script import SCRIPT_NAME
from studio.domain.errors import OutsideError
from studio.domain.ids import RunId

MOST_PAGES = 8
BATCHES_A_SECOND, CHARACTERS_A_SECOND = 20, 3 << 19
_BATCH_BYTES = 3 * BATCH_CHARACTERS
"""No character of a batch takes more bytes on its way."""
_HEAD_BYTES = 8192
_HEAD_MILLISECONDS = 5000
_ASKED = re.compile(rb"GET /([\w-]{20,64})(\.js)? HTTP/1\.1\r\n")
_HOST = re.compile(rb"\r\nHost: *(?:127\.0\.0\.1|localhost):(\d{1,5})\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a page may tell: of which run's app, on which port inside, from which origins."""

    run: RunId
    port: int
    origins: frozenset[str]


class Listener(QObject):
    """Serves a script under a name that nobody can guess, and hears the pages that hold it.

    A page is let in when it knows the name and comes from an origin of the run's own app. It can write to that run's
    console and nothing else. All ends with this object.

    Signals: `heard(Ticket, Batch)`.
    """

    heard = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tickets: dict[str, Ticket] = {}
        self._pages: list[QWebSocket] = []
        self._server = QTcpServer(self)
        self._sockets = QWebSocketServer("Studio", QWebSocketServer.SslMode.NonSecureMode, self)
        self._sockets.originAuthenticationRequired.connect(self._on_origin)
        self._sockets.newConnection.connect(self._on_page)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost), 0):
            raise OutsideError("No port of this machine could be opened for other browsers.", "Try again in a moment.")

    @property
    def port(self) -> int:
        """Where it listens, on loopback."""
        return self._server.serverPort()

    def admit(self, ticket: Ticket) -> str:
        """The address of the script for this app; the same one for the same app."""
        name = next((name for name, known in self._tickets.items() if known == ticket), "")
        if not name:
            name = f"{SCRIPT_NAME}{secrets.token_urlsafe(32)}"
            self._tickets[name] = ticket
        return f"http://127.0.0.1:{self.port}/{name}.js"

    def close(self) -> None:
        """Lets nobody in any more, and cuts every page."""
        self._server.close()
        self._tickets.clear()
        for page in list(self._pages):
            page.abort()

    def _on_connection(self) -> None:
        while self._server.hasPendingConnections():
            _Arrival(self._server.nextPendingConnection(), self._meet)

    def _meet(self, socket: QTcpSocket, head: bytes) -> None:
        asked, host = _ASKED.match(head), _HOST.search(head)
        name = self._known(asked[1].decode()) if asked and host and int(host[1]) == self.port else ""
        if asked is None or not name:
            _answer(socket, b"404 Not Found", b"")
        elif asked[2]:
            script = for_other_browser(f"ws://127.0.0.1:{self.port}/{name}")
            _answer(socket, b"200 OK", script.encode())
        elif len(self._pages) >= MOST_PAGES:
            _answer(socket, b"503 Service Unavailable", b"")
        else:
            self._sockets.handleConnection(socket)

    def _known(self, given: str) -> str:
        return next((name for name in self._tickets if hmac.compare_digest(name, given)), "")

    def _on_origin(self, asking: QWebSocketCorsAuthenticator) -> None:
        # Which app it is for is known only once it is open; that it is one of ours is asked for before.
        asking.setAllowed(any(asking.origin() in ticket.origins for ticket in self._tickets.values()))

    def _on_page(self) -> None:
        while self._sockets.hasPendingConnections():
            page = self._sockets.nextPendingConnection()
            ticket = self._tickets.get(self._known(page.requestUrl().path().strip("/")))
            if ticket is None or page.origin() not in ticket.origins:
                page.abort()
                page.deleteLater()
                continue
            page.setParent(self)
            page.setMaxAllowedIncomingMessageSize(_BATCH_BYTES)
            page.setMaxAllowedIncomingFrameSize(_BATCH_BYTES)
            self._pages.append(page)
            pace = _Pace()
            page.textMessageReceived.connect(lambda text, known=ticket, pace=pace: self._on_batch(known, pace, text))
            # Qt itself closes only what says too much, and would go on reading that for ever, into memory.
            page.aboutToClose.connect(lambda one=page: QTimer.singleShot(0, one, lambda: one.abort()))
            page.disconnected.connect(lambda one=page: self._on_gone(one))
            page.disconnected.connect(page.deleteLater)

    def _on_batch(self, ticket: Ticket, pace: _Pace, text: str) -> None:
        batch = batch_of(text, datetime.now(UTC)) if pace.allows(len(text)) else Batch(dropped=1)
        if batch.entries or batch.dropped:
            self.heard.emit(ticket, batch)

    def _on_gone(self, page: QWebSocket) -> None:
        if page in self._pages:
            self._pages.remove(page)


class _Arrival(QObject):
    """A connection until the head of its request is there; one that takes long over it, or says too much, is cut."""

    def __init__(self, socket: QTcpSocket, meet: Callable[[QTcpSocket, bytes], None]) -> None:
        super().__init__(socket)
        self._socket = socket
        self._meet = meet
        self._overdue = QTimer(self)
        self._overdue.setSingleShot(True)
        self._overdue.timeout.connect(self._give_up)
        self._overdue.start(_HEAD_MILLISECONDS)
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(self._look)
        self._look()

    def _look(self) -> None:
        head = bytes(self._socket.peek(_HEAD_BYTES).data())
        if b"\r\n\r\n" in head:
            self._overdue.stop()
            self._socket.readyRead.disconnect(self._look)
            self._meet(self._socket, head)
        elif len(head) >= _HEAD_BYTES:
            self._give_up()

    def _give_up(self) -> None:
        self._socket.abort()


class _Pace:
    """How much one page may say: so many batches and characters in a second."""

    def __init__(self) -> None:
        self._since = QElapsedTimer()
        self._since.start()
        self._count = self._characters = 0

    def allows(self, characters: int) -> bool:
        if self._since.elapsed() >= 1000:
            self._since.restart()
            self._count = self._characters = 0
        self._count += 1
        self._characters += characters
        return self._count <= BATCHES_A_SECOND and self._characters <= CHARACTERS_A_SECOND


def _answer(socket: QTcpSocket, status: bytes, body: bytes) -> None:
    head = (
        b"HTTP/1.1 "
        + status
        + b"\r\nContent-Type: text/javascript; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
        b"Cache-Control: no-store\r\nConnection: close\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n"
    )
    socket.write(head + body)
    socket.disconnectFromHost()
