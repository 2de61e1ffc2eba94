"""The relay: the one port of this machine that the web engine can reach, and the server behind it.

The engine's request interceptor stops direct requests, but about half of the redirects of images, scripts and
fetches are on their way before its answer is heard. So the engine is also started with name resolution that knows
`localhost:<port of the relay>` and nothing else, and the relay leads to the one server that is being shown. As every
byte passes here, WebSockets' too, here a page's network is made slow.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QHostAddress, QTcpServer

from studio.domain.errors import OutsideError
from studio.ui.preview.carrying import Connection, Network
from studio.ui.preview.pace import Pace


class Relay(QObject):
    """Forwards every connection on its port to one server, and closes them at once while there is none.

    It takes `wanted_port` when that is free, else any other. Raises OutsideError when there is none at all.
    """

    def __init__(self, wanted_port: int = 0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._target: tuple[str, int] | None = None
        self._connections: list[Connection] = []
        self._network = Network()
        self._server = QTcpServer(self)
        self._server.newConnection.connect(self._on_connection)
        loopback = QHostAddress(QHostAddress.SpecialAddress.LocalHost)
        if not (self._server.listen(loopback, wanted_port) or self._server.listen(loopback, 0)):
            raise OutsideError("No port of this machine could be opened for the preview.", "Try again in a moment.")

    @property
    def port(self) -> int:
        """Where it listens, on loopback."""
        return self._server.serverPort()

    def lead_to(self, host: str, port: int) -> None:
        """Forwards to this server from now on; connections to an earlier one are cut."""
        self._cut()
        self._target = (host, port)

    def lead_nowhere(self) -> None:
        """Cuts every connection and takes no new one."""
        self._cut()
        self._target = None

    def set_pace(self, pace: Pace) -> None:
        """Makes the network so slow from now on, also for connections there are; offline, those are cut."""
        self._network.set_pace(pace)
        if pace.offline:
            self._cut()

    def _cut(self) -> None:
        for connection in list(self._connections):
            connection.end()

    def _on_connection(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            if self._target is None or self._network.pace.offline:
                socket.abort()
                socket.deleteLater()
                continue
            connection = Connection(socket, self._target, self._network, self)
            self._connections.append(connection)
            connection.destroyed.connect(lambda _gone=None, one=connection: self._connections.remove(one))
