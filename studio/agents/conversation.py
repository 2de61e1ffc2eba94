"""Conversation: what of a history a model is sent, with older steps in one line each once they were compacted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from studio.agents import digest
from studio.agents.said import CHARACTERS_A_TOKEN, Filled, Said, Tier
from studio.domain.messages import ChatMessage, Speaker


@dataclass(slots=True)
class Conversation:
    """The messages for a model, kept as they were built: a long turn asks for them before every step.

    `first` is the first message that is sent whole; those before it are told in one note. `left_out` counts the
    agent's messages among them.
    """

    first: int = 0
    left_out: int = 0
    _built: list[ChatMessage] = field(default_factory=list)
    _built_of: int = 0
    _filled: Filled = field(default_factory=dict)

    @classmethod
    def compacted(cls, said: list[Said], first: int, rules: dict[str, str]) -> Self:
        """The conversation in which the messages before `first` are told in one line each."""
        note = digest.of(said[:first], rules)
        left_out = sum(not entry.by_person for entry in said[:first])
        return cls(
            first, left_out, [ChatMessage(Speaker.HUMAN, note.text, images=note.images)], first, dict(note.filled)
        )

    def messages(self, said: list[Said]) -> tuple[ChatMessage, ...]:
        """Everything in the form sent to a model; every call must have been answered."""
        self._build(said)
        return (*self._built, *(said[-1].sent() if len(said) > self._built_of else ()))

    def filled(self, said: list[Said]) -> Filled:
        """How many tokens that takes, by the rule of four characters each."""
        self._build(said)
        newest = said[-1].filled() if len(said) > self._built_of else {}
        return {tier: (self._filled.get(tier, 0) + newest.get(tier, 0)) // CHARACTERS_A_TOKEN for tier in Tier}

    def _build(self, said: list[Said]) -> None:
        # All but the newest message is as it will stay.
        while self._built_of < len(said) - 1:
            entry = said[self._built_of]
            self._built += entry.sent()
            for tier, characters in entry.filled().items():
                self._filled[tier] = self._filled.get(tier, 0) + characters
            self._built_of += 1
