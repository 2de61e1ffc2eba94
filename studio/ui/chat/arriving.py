"""Arriving: what each run is saying now, so that a chat first looked at in the middle begins at the beginning."""

from __future__ import annotations

from dataclasses import replace

from studio.domain.events import Delta, MessagePosted, ModelFailed, Recorded, StepStarted, TurnEnded
from studio.domain.ids import RunId
from studio.domain.messages import Speaker


class Arriving:
    """Holds the pieces of messages that are not recorded yet, and nothing that the log can tell."""

    def __init__(self) -> None:
        self._pieces: dict[RunId, dict[str, Delta]] = {}

    def apply(self, item: Recorded | Delta) -> None:
        """Takes in a piece, or the event that ends a message."""
        if isinstance(item, Recorded):
            match item.event:
                case TurnEnded() | StepStarted() | ModelFailed() | MessagePosted(speaker=Speaker.AGENT) if item.run:
                    self._pieces.pop(item.run, None)
                case _:
                    pass
        elif item.kind in ("text", "thinking"):
            pieces = self._pieces.setdefault(item.run, {})
            before = pieces[item.kind].text if item.kind in pieces else ""
            pieces[item.kind] = replace(item, text=before + item.text)

    def of(self, run: RunId) -> tuple[Delta, ...]:
        """What a run is saying, text and thinking each in one piece."""
        return tuple(self._pieces.get(run, {}).values())
