"""One message of a run as it grows, and the form in which it is sent to a model."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum

from studio.domain.events import MessagePosted, ToolAnswered
from studio.domain.images import Image
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall
from studio.domain.references import with_references

CHARACTERS_A_TOKEN = 4


class Tier(StrEnum):
    """What a context is filled with; the first five are never shortened."""

    RULES = "rules"  # the project's AGENTS.md files
    ROLE = "role"  # the role's prompt and its tools
    GOAL = "goal"  # what people wrote
    PLAN = "plan"
    NOTES = "notes"  # what the project's notes say
    CONVERSATION = "conversation"  # what the agent said and asked for
    OUTPUTS = "outputs"  # what its calls gave


Filled = dict[Tier, int]
"""Characters, or tokens, by what they are there for."""


@dataclass(slots=True)
class Said:
    """A message: an agent's collects its calls, their answers, and notes of Studio's that follow them.

    `summaries` are the answers in a few words, by call; `rules` counts the characters of the notes that are rules.
    A person's may have a notice of Studio's own before it.
    """

    message: MessagePosted
    calls: list[ToolCall] = field(default_factory=list)
    answers: dict[str, ToolAnswer] = field(default_factory=dict)
    summaries: dict[str, str] = field(default_factory=dict)
    note: str = ""
    notice: str = ""
    rules: int = 0

    @property
    def by_person(self) -> bool:
        """Whether a person wrote it."""
        return self.message.speaker is Speaker.HUMAN

    @property
    def text(self) -> str:
        """What was said, with what it refers to, and behind the notice."""
        text = with_references(self.message.text, self.message.references)
        return f"{self.notice}\n\n{text}" if self.notice else text

    def tell(self, text: str) -> None:
        """Adds a note of Studio's own, which the model reads after the message and its answers."""
        self.note = f"{self.note}\n\n{text}" if self.note else text

    def sent(self) -> tuple[ChatMessage, ...]:
        """The message as a model reads it; every call must have been answered."""
        message = self.message
        if self.calls:
            asked = ChatMessage(
                message.speaker, message.text, tuple(self.calls), (), message.opaque, images_of(message)
            )
            answers = tuple(self.answers[call.id] for call in self.calls)
            return asked, ChatMessage(Speaker.HUMAN, self.note, answers=answers)
        if self.by_person and self.note:
            return (ChatMessage(message.speaker, f"{self.text}\n\n{self.note}", images=images_of(message)),)
        alone = ChatMessage(message.speaker, self.text, (), (), message.opaque, images_of(message))
        return (alone, ChatMessage(Speaker.HUMAN, self.note)) if self.note else (alone,)

    def filled(self) -> Filled:
        """How many characters it takes, by tier."""
        plans = sum(_length(call) for call in self.calls if call.name == "plan")
        calls = sum(_length(call) for call in self.calls) - plans
        text, opaque = len(self.text), len(str(self.message.opaque or ""))
        images = _characters(images_of(self.message))
        said = 0 if self.by_person else text + opaque
        return {
            Tier.RULES: self.rules,
            Tier.GOAL: text + images if self.by_person else 0,
            Tier.PLAN: plans,
            Tier.CONVERSATION: said + calls + len(self.note) - self.rules,
            Tier.OUTPUTS: sum(len(answer.text) + _characters(answer.images) for answer in self.answers.values()),
        }


def images_of(event: MessagePosted | ToolAnswered) -> tuple[Image, ...]:
    """The images that a message or a result holds."""
    return tuple(map(Image.parse, event.images))


def _characters(images: tuple[Image, ...]) -> int:
    """What images take, as if they were text."""
    return CHARACTERS_A_TOKEN * sum(image.tokens for image in images)


def _length(call: ToolCall) -> int:
    return len(call.name) + len(call.raw if call.arguments is None else json.dumps(call.arguments))
