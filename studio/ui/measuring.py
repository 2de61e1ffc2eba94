"""Measuring: a model that runs here is tried out, with what was found so far as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.domain.errors import StudioError
from studio.domain.models import ModelRef
from studio.ui.bridge import Bridge

if TYPE_CHECKING:
    from studio.app.fitness import Fitness, Progress

LOOK_MS = 400


class Measuring(QObject):
    """Tries out one model at a time.

    Signals: `told(str)` what was found so far, or what came of it; `ended()` it is over, however it ended.
    """

    told = Signal(str)
    ended = Signal()

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.model: ModelRef | None = None
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._ask)

    def begin(self, model: ModelRef) -> None:
        """Begins with a model; nothing happens while another one is tried out."""
        if self.model is not None:
            return
        self.model = model
        self.told.emit(f"Trying out {model}: this takes minutes on a slow machine.")
        self._look.start()
        self._bridge.call(lambda studio: studio.fitness.measure(model, _unheard), self._on_found, self._on_failed)

    def stop(self) -> None:
        """Ends it; nothing of it is kept."""
        if (model := self.model) is not None:
            self._bridge.call(lambda studio: studio.fitness.stop(model))

    def _ask(self) -> None:
        if (model := self.model) is not None:
            self._bridge.call(lambda studio: studio.fitness.progress(model), self._on_progress)

    def _on_progress(self, progress: Progress | None) -> None:
        if progress is not None and self.model is not None:
            self.told.emit(f"{self.model}, call {progress.calls}: {progress.sentence}")

    def _on_found(self, found: Fitness) -> None:
        self._end(f"{found.model} was tried out.")

    def _on_failed(self, error: StudioError) -> None:
        self._end(f"{error.sentence} {error.action}".strip())

    def _end(self, words: str) -> None:
        self._look.stop()
        self.model = None
        self.told.emit(words)
        self.ended.emit()


def _unheard(_progress: Progress) -> None:
    # It is said on the engine's thread; this page asks for it instead.
    return
