"""Open questions: what a run waits for a person to answer, oldest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from studio.domain.events import CheckpointDecided, CheckpointOpened, CheckpointReworded
from studio.domain.parked import until_words
from studio.domain.rules import kind_of
from studio.ui.chat.entries import Question
from studio.ui.chat.words import lines


class OpenQuestions:
    """Those of one chat, as its events say; each is told with the time at which it came."""

    def __init__(self) -> None:
        self._open: dict[str, Question] = {}
        self._waits: dict[str, float] = {}

    @property
    def first(self) -> Question | None:
        """The oldest that somebody waits for; where nobody waits for any, the oldest."""
        waited = [each for each in self._open.values() if not each.is_left]
        if waited:
            return replace(waited[0], more=len(waited) - 1)
        return next(iter(self._open.values()), None)

    def opened(self, event: CheckpointOpened, time: datetime) -> None:
        """Takes in a question."""
        options = tuple(lines(option) for option in event.options)
        asked = Question(event.checkpoint, event.checkpoint_kind, lines(event.title), lines(event.act), options)
        kinds = tuple(map(kind_of, event.kinds))
        self._open[event.checkpoint] = replace(
            asked, kinds=kinds, denied_before=lines(event.denied_before), why=event.why
        )
        self._wait(event.checkpoint, event.waits, time)

    def reworded(self, event: CheckpointReworded, time: datetime) -> None:
        """Puts one of them otherwise, in place."""
        if (question := self._open.get(event.checkpoint)) is not None:
            self._open[event.checkpoint] = replace(question, title=lines(event.title))
            self._wait(event.checkpoint, event.waits, time)

    def decided(self, event: CheckpointDecided, time: datetime) -> str:
        """Takes one away, and says what it was about; for the others the time begins anew."""
        question = self._open.pop(event.checkpoint, None)
        for other in self._open:
            self._wait(other, self._waits[other], time)
        return question.act if question is not None else ""

    def clear(self) -> None:
        """Takes all away."""
        self._open.clear()

    def _wait(self, checkpoint: str, seconds: float, since: datetime) -> None:
        self._waits[checkpoint] = seconds
        until = until_words(since + timedelta(seconds=seconds), since) if seconds else ""
        self._open[checkpoint] = replace(self._open[checkpoint], until=until)
