"""Open questions: what a run waits for a person to answer, oldest first."""

from __future__ import annotations

from dataclasses import replace

from studio.domain.events import CheckpointDecided, CheckpointOpened, CheckpointReworded
from studio.domain.rules import kind_of
from studio.ui.chat.entries import Question
from studio.ui.chat.words import lines


class OpenQuestions:
    """Those of one chat, as its events say."""

    def __init__(self) -> None:
        self._open: dict[str, Question] = {}

    @property
    def first(self) -> Question | None:
        """The oldest that somebody waits for; where nobody waits for any, the oldest."""
        waited = [each for each in self._open.values() if not each.is_left]
        if waited:
            return replace(waited[0], more=len(waited) - 1)
        return next(iter(self._open.values()), None)

    def opened(self, event: CheckpointOpened) -> None:
        """Takes in a question."""
        options = tuple(lines(option) for option in event.options)
        asked = Question(event.checkpoint, event.checkpoint_kind, lines(event.title), lines(event.act), options)
        kinds = tuple(map(kind_of, event.kinds))
        self._open[event.checkpoint] = replace(
            asked, kinds=kinds, denied_before=lines(event.denied_before), why=event.why
        )

    def reworded(self, event: CheckpointReworded) -> None:
        """Puts one of them otherwise, in place."""
        if (question := self._open.get(event.checkpoint)) is not None:
            self._open[event.checkpoint] = replace(question, title=lines(event.title))

    def decided(self, event: CheckpointDecided) -> str:
        """Takes one away, and says what it was about."""
        question = self._open.pop(event.checkpoint, None)
        return question.act if question is not None else ""

    def clear(self) -> None:
        """Takes all away."""
        self._open.clear()
