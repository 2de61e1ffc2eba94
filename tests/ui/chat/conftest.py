"""What chat tests share: a run's log as events, models that can be asked, and pictures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from studio.domain.events import Event, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelCard
from studio.domain.tools import ApprovalMode

PROJECT, RUN = ProjectId("p0000001"), RunId("r0000001")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class Log:
    """Makes recorded events of one run, a second apart."""

    def __init__(self) -> None:
        self.all: list[Recorded] = []

    def __call__(self, *events: Event, run: RunId = RUN) -> list[Recorded]:
        made = []
        for event in events:
            seq = len(self.all) + 1
            made.append(Recorded(seq, BEGAN + timedelta(seconds=seq), PROJECT, run, event))
            self.all.append(made[-1])
        return made


def usable_models(default: str = "ollama/qwen") -> SimpleNamespace:
    """The models door, which lists none and lets any be asked."""
    return SimpleNamespace(
        default=lambda: default,
        default_approval=lambda: ApprovalMode.ASK,
        require_usable=lambda _model: None,
        choices=_no_choices,
    )


async def _no_choices() -> tuple[ModelCard, ...]:
    return ()


def png(width: int, height: int) -> bytes:
    """A picture as a file."""
    made, buffer = QImage(width, height, QImage.Format.Format_RGB32), QBuffer()
    made.fill(QColor("red"))
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert made.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


@pytest.fixture
def log() -> Log:
    return Log()
