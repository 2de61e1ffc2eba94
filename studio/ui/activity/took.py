"""How long what happened has taken: from the event itself, or from the one that began it."""

from __future__ import annotations

from datetime import datetime

from studio.domain.events import (
    CheckpointDecided,
    CheckpointOpened,
    ModelFailed,
    Recorded,
    SandboxStarted,
    SnapshotTaken,
    ToolAnswered,
    TurnEnded,
    TurnStarted,
    UsageRecorded,
)


class Took:
    """Remembers what began, so that its end can say how long it took; takes events in their order."""

    def __init__(self) -> None:
        self._began: dict[str, datetime] = {}

    def milliseconds(self, item: Recorded) -> float | None:
        """How long it took; None for what takes no time, or whose beginning is not known."""
        match item.event:
            case ToolAnswered() | UsageRecorded() | ModelFailed() | SnapshotTaken() | SandboxStarted():
                return item.event.milliseconds
            case TurnStarted():
                self._began[item.event.turn] = item.time
            case TurnEnded():
                return self._since(item.event.turn, item.time)
            case CheckpointOpened():
                self._began[item.event.checkpoint] = item.time
            case CheckpointDecided():
                return self._since(item.event.checkpoint, item.time)
            case _:
                pass
        return None

    def _since(self, key: str, now: datetime) -> float | None:
        began = self._began.pop(key, None)
        return None if began is None else (now - began).total_seconds() * 1000


def words(milliseconds: float) -> str:
    """`40 ms`, `1.2 s`, `42 s`, `3 min 5 s` or `2 h 10 min`."""
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{milliseconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = int(seconds) // 60
    return f"{minutes} min {int(seconds) % 60} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
