"""The end of a turn: how it ended and what it took, as the entries below what was done in it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from studio.base.text import plain
from studio.domain.events import SnapshotTaken, TurnEnded
from studio.domain.parked import next_action, parked
from studio.domain.runs import Outcome
from studio.ui.chat.entries import Note, Tone, TurnFooter


class TurnSum:
    """Counts what a turn changes from its beginning to its end."""

    def __init__(self) -> None:
        self._began: datetime | None = None
        self._files: set[str] = set()
        self._left_out = 0
        self.goes_on = False
        """Whether a message takes the place of what was stopped."""

    def begin(self, time: datetime) -> None:
        """Starts anew with another turn."""
        self._began, self._files, self._left_out, self.goes_on = time, set(), 0, False

    def add(self, event: SnapshotTaken) -> None:
        """Takes in what a snapshot of the turn holds."""
        self._files.update(event.files)
        self._left_out = max(self._left_out, event.left_out)

    def footer(self, key: str, time: datetime, event: TurnEnded) -> TurnFooter:
        """What the turn took together."""
        cached = round(100 * event.cache_read / event.input) if event.input and event.cache_read else None
        tokens, files = event.input + event.output, len(self._files) + self._left_out
        began, saved = self._began or time, event.saved_nusd
        return TurnFooter(key, event.turn, began, time, tokens, cached, event.cost_nusd, files, saved)


def ending(key: str, event: TurnEnded, time: datetime, *, goes_on: bool = False) -> Note | None:
    """How a turn ended, where that is worth a line; `goes_on` when a message follows what was stopped for it."""
    says = plain(f"{event.reason} {'' if goes_on else event.action}".strip())
    match event.outcome:
        case Outcome.WAITING | Outcome.HANDED_OFF:
            return None
        case Outcome.REPLIED:
            return Note(f"{key}o", Tone.WARNING, says) if event.reason else None
        case Outcome.PARKED:
            return Note(f"{key}o", Tone.WARNING, plain(f"{parked(event, time)} {next_action(event)}".strip()))
        case Outcome.CANCELLED | Outcome.LIMIT:
            return Note(f"{key}o", Tone.WARNING, says or "Stopped.")
        case Outcome.FAILED | Outcome.REFUSED:
            return Note(f"{key}o", Tone.BAD, says or "The turn failed.")
        case _:
            assert_never(event.outcome)
