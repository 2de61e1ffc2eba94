"""Told: single events as what a chat shows of them."""

from __future__ import annotations

from studio.domain.events import CheckpointOpened, MessagePosted
from studio.ui.chat.entries import HumanSaid, Question
from studio.ui.chat.words import image_title, lines

TEXT_CHARACTERS = 200_000
"""How much of one message is shown."""


def human_said(key: str, event: MessagePosted) -> HumanSaid:
    """A person's message with what it refers to."""
    images = tuple(map(image_title, event.images))
    return HumanSaid(key, lines(event.text[:TEXT_CHARACTERS]), tuple(event.references), images)


def question_of(event: CheckpointOpened) -> Question:
    """A checkpoint that waits."""
    options = tuple(lines(option) for option in event.options)
    return Question(event.checkpoint, event.checkpoint_kind, lines(event.title), lines(event.act), options)
