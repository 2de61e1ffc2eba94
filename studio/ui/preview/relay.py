"""The relay: the one port of this machine that the web engine can reach, and the server behind it.

The engine's request interceptor stops direct requests, but about half of the redirects of images, scripts and
fetches are on their way before its answer is heard. So the engine is also started with name resolution that knows
`localhost:<port of the relay>` and nothing else, and the relay leads to the one server that is being shown.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket

from studio.domain.errors import OutsideError

_BUFFER = 1 << 18


class Relay(QObject):
    """Forwards every connection on its port to one server, and closes them at once while there is none.

    It takes `wanted_port` when that is free, else any other. Raises OutsideError when there is none at all.
    """

    def __init__(self, wanted_port: int = 0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._target: tuple[str, int] | None = None
        self._connections: list[_Connection] = []
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

    def _cut(self) -> None:
        for connection in list(self._connections):
            connection.end()

    def _on_connection(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            if self._target is None:
                socket.abort()
                socket.deleteLater()
                continue
            connection = _Connection(socket, self._target, self)
            self._connections.append(connection)
            connection.destroyed.connect(lambda _gone=None, one=connection: self._connections.remove(one))


class _Connection(QObject):
    """Bytes both ways between the engine and the server, as fast as the slower end takes them."""

    def __init__(self, inner: QTcpSocket, target: tuple[str, int], relay: Relay) -> None:
        super().__init__(relay)
        self._inner = inner
        self._outer = QTcpSocket(self)
        inner.setParent(self)
        for source in (inner, self._outer):
            source.setReadBufferSize(_BUFFER)
            source.readyRead.connect(self._pump)
            source.bytesWritten.connect(self._pump)
            source.errorOccurred.connect(self._on_end)
            source.disconnected.connect(self._on_end)
        self._outer.connected.connect(self._pump)
        self._outer.connectToHost(*target)

    def end(self) -> None:
        """Cuts both ends."""
        self._inner.abort()
        self._outer.abort()
        self.deleteLater()

    def _pump(self) -> None:
        self._pass_on(self._inner, self._outer)
        self._pass_on(self._outer, self._inner)

    def _pass_on(self, source: QTcpSocket, sink: QTcpSocket) -> None:
        if sink.state() is not QTcpSocket.SocketState.ConnectedState:
            return
        ended = source.state() is QTcpSocket.SocketState.UnconnectedState
        # A full sink stops the reading here; the source's own full buffer then slows its sender down.
        while source.bytesAvailable() and (ended or sink.bytesToWrite() < _BUFFER):
            sink.write(source.read(_BUFFER))

    def _on_end(self) -> None:
        """One end is gone: the other gets what is left, and is closed after it."""
        self._pump()
        for socket in (self._inner, self._outer):
            socket.disconnectFromHost()
        if all(s.state() is QTcpSocket.SocketState.UnconnectedState for s in (self._inner, self._outer)):
            self.deleteLater()
