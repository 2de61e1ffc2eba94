"""Carrying: the bytes of one connection between the web engine and a server, at the pace of the network chosen."""

from __future__ import annotations

from collections import deque
from math import ceil
from time import monotonic

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtNetwork import QTcpSocket

from studio.ui.preview.pace import FULL, Line, Pace

_BUFFER = 1 << 18


class Network:
    """Both directions of the one network that all connections of a relay share."""

    def __init__(self) -> None:
        self.pace = FULL
        self.up, self.down = Line(), Line()

    def set_pace(self, pace: Pace) -> None:
        """Goes on at this pace; what is on its way arrives as it would have."""
        self.pace = pace
        self.up.run_at(pace.up)
        self.down.run_at(pace.down)

    @property
    def delay(self) -> float:
        """Seconds one way."""
        return self.pace.milliseconds / 2000


class Connection(QObject):
    """Bytes both ways between the engine and the server, as fast as the slower end and the network take them."""

    def __init__(self, inner: QTcpSocket, target: tuple[str, int], network: Network, parent: QObject) -> None:
        super().__init__(parent)
        self._inner = inner
        self._outer = QTcpSocket(self)
        inner.setParent(self)
        # A connection is opened by a way there and back before it carries anything.
        self._up = _Way(inner, self._outer, network, network.up, 2 * network.delay, self)
        self._down = _Way(self._outer, inner, network, network.down, 0.0, self)
        for socket in (inner, self._outer):
            socket.setReadBufferSize(_BUFFER)
            socket.readyRead.connect(self.pump)
            socket.bytesWritten.connect(self.pump)
            socket.errorOccurred.connect(self.pump)
            socket.disconnected.connect(self.pump)
        self._outer.connected.connect(self.pump)
        self._outer.connectToHost(*target)

    def end(self) -> None:
        """Cuts both ends."""
        self._inner.abort()
        self._outer.abort()
        self.deleteLater()

    def pump(self) -> None:
        """Carries what can be carried now; an end that is gone ends the other once that has got what was left."""
        for way in (self._up, self._down):
            way.pump()
        for way in (self._up, self._down):
            way.close_after()
        if all(_is_gone(socket) for socket in (self._inner, self._outer)):
            self.deleteLater()


class _Way(QObject):
    """One direction of a connection: bytes wait here until the network has carried them."""

    def __init__(
        self, source: QTcpSocket, sink: QTcpSocket, network: Network, line: Line, first: float, parent: Connection
    ) -> None:
        super().__init__(parent)
        self._source, self._sink = source, sink
        self._network, self._line = network, line
        self._opens = monotonic() + first
        self._held: deque[tuple[float, bytes]] = deque()
        self._count = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(parent.pump)

    def pump(self) -> None:
        """Takes what the network takes, and gives what it has carried."""
        now = monotonic()
        busy = self._take(now)
        self._give(now)
        waits = [wait for wait in (busy, self._held[0][0] - now if self._held else 0.0) if wait > 0]
        if waits:
            self._timer.start(ceil(min(waits) * 1000))

    def close_after(self) -> None:
        """Closes the far end when the near one is gone and all that it said has been given."""
        if _is_gone(self._source) and not self._held and not self._source.bytesAvailable():
            self._sink.disconnectFromHost()

    def _take(self, now: float) -> float:
        """How long the line is busy with others; 0 when that is not what keeps it."""
        # A full hold stops the reading here; the source's own full buffer then slows its sender down.
        while self._source.bytesAvailable() and (self._count < _BUFFER or _is_gone(self._source)):
            busy = self._line.wait(now)
            if busy:
                return busy
            data = bytes(self._source.read(self._line.piece or _BUFFER).data())
            through = max(self._line.carry(len(data), now), self._opens) + self._network.delay
            self._held.append((through, data))
            self._count += len(data)
        return 0.0

    def _give(self, now: float) -> None:
        if self._sink.state() is not QTcpSocket.SocketState.ConnectedState:
            return
        while self._held and self._held[0][0] <= now and self._sink.bytesToWrite() < _BUFFER:
            _, data = self._held.popleft()
            self._count -= len(data)
            self._sink.write(data)


def _is_gone(socket: QTcpSocket) -> bool:
    return socket.state() is QTcpSocket.SocketState.UnconnectedState
