"""The bridge: the one crossing between the window's thread and the engine's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from studio.domain.errors import StudioError
from studio.ui.engine_thread import EngineThread
from studio.ui.garbage import Garbage

if TYPE_CHECKING:
    from studio.app.studio import Studio

T = TypeVar("T")


class Bridge(QObject):
    """Calls go down to the core; answers and events come up, always on the window's thread.

    An error that is no StudioError is raised on the window's thread, where the exception hook meets it.

    Signals: `ready()` the core stands; `start_failed(StudioError)` it could not be built;
    `error_arrived(StudioError)` a call without `failed` went wrong; `events_arrived(list)` of Recorded and
    Delta, about 30 times a second at most, pieces of one stream joined.
    """

    ready = Signal()
    start_failed = Signal(object)
    error_arrived = Signal(object)
    events_arrived = Signal(list)
    _crossed = Signal(object)

    def __init__(self, build: Callable[[], Awaitable[Studio]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ready = False
        self._stopped = False
        self._garbage = Garbage(self)
        self._crossed.connect(self._on_crossed, Qt.ConnectionType.QueuedConnection)
        self._engine = EngineThread(
            build,
            on_ready=lambda: self._cross(self._on_ready),
            on_failed=lambda error: self._cross(lambda: self._on_failed(error)),
            on_batch=lambda items: self._cross(lambda: self._on_batch(items)),
        )

    @property
    def is_ready(self) -> bool:
        """Whether `ready` has been said."""
        return self._ready

    def start(self) -> None:
        """Starts the engine thread and builds the core there; returns at once."""
        self._garbage.begin()
        self._engine.start()

    def call(
        self,
        make: Callable[[Studio], Awaitable[T]],
        done: Callable[[T], None] | None = None,
        failed: Callable[[StudioError], None] | None = None,
    ) -> None:
        """Runs `make(studio)` on the engine thread, as soon as the core stands; `done` or `failed` gets the answer.

        Neither is called once an object that it belongs to is gone, or after `stop`.
        """
        self._engine.submit(
            make,
            lambda answer: self._cross(lambda: _tell(done, answer)),
            lambda error: self._cross(lambda: self._on_call_failed(error, failed)),
        )

    def stop(self) -> bool:
        """Ends calls, closes the core and its thread; False when that takes longer than five seconds."""
        self._stopped = True
        try:
            return self._engine.stop()
        finally:
            self._garbage.end()

    def _cross(self, act: Callable[[], None]) -> None:
        # The engine may outlive this object by the moment in which both are being torn down.
        if shiboken6.isValid(self):
            self._crossed.emit(act)

    def _on_crossed(self, act: Callable[[], None]) -> None:
        if not self._stopped:
            act()

    def _on_ready(self) -> None:
        self._ready = True
        self.ready.emit()

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, StudioError):
            raise error
        (self.error_arrived if self._ready else self.start_failed).emit(error)

    def _on_batch(self, items: list[Any]) -> None:
        try:
            self.events_arrived.emit(items)
        finally:
            self._engine.batch_taken()

    def _on_call_failed(self, error: Exception, failed: Callable[[StudioError], None] | None) -> None:
        if not isinstance(error, StudioError):
            raise error
        if failed is None:
            self.error_arrived.emit(error)
        else:
            _tell(failed, error)


def _tell(receiver: Callable[[T], None] | None, answer: T) -> None:
    if receiver is not None and all(shiboken6.isValid(owner) for owner in _owners(receiver)):
        receiver(answer)


def _owners(receiver: Callable[..., None]) -> Iterator[QObject]:
    """The Qt objects that a method is bound to, or that a function made inside a method or by `partial` holds on to."""
    if isinstance(receiver, partial):
        yield from _owners(receiver.func)
    cells, given = getattr(receiver, "__closure__", None) or (), getattr(receiver, "args", ())
    for value in (getattr(receiver, "__self__", None), *(cell.cell_contents for cell in cells), *given):
        if isinstance(value, QObject):
            yield value
