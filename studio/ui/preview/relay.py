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
    """Forwards every connection on its port to one server, and closes them at once while there is none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._target: tuple[str, int] | None = None
        self._connections: list[_Connection] = []
        self._server = QTcpServer(self)
        self._server.newConnection.connect(self._on_connection)
        if not self._server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost), 0):
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
        for source, sink in ((inner, self._outer), (self._outer, inner)):
            source.setReadBufferSize(_BUFFER)
            source.readyRead.connect(self._pump)
            source.bytesWritten.connect(self._pump)
            source.disconnected.connect(sink.disconnectFromHost)
            source.errorOccurred.connect(self._on_error)
            source.disconnected.connect(self._on_disconnected)
        self._outer.connected.connect(self._pump)
        self._outer.connectToHost(*target)

    def end(self) -> None:
        """Cuts both ends."""
        self._inner.abort()
        self._outer.abort()
        self.deleteLater()

    def _pump(self) -> None:
        for source, sink in ((self._inner, self._outer), (self._outer, self._inner)):
            connected = sink.state() in (QTcpSocket.SocketState.ConnectedState, QTcpSocket.SocketState.ClosingState)
            # A full sink stops the reading here; the source's own full buffer then slows its sender down.
            while connected and source.bytesAvailable() and sink.bytesToWrite() < _BUFFER:
                sink.write(source.read(_BUFFER))

    def _on_error(self) -> None:
        self._pump()
        self._inner.disconnectFromHost()
        self._outer.disconnectFromHost()

    def _on_disconnected(self) -> None:
        self._pump()
        self._inner.disconnectFromHost()
        unconnected = QTcpSocket.SocketState.UnconnectedState
        if self._inner.state() is unconnected and self._outer.state() is unconnected:
            self.deleteLater()
