"""Told: single events as what a chat shows of them."""

from __future__ import annotations

from collections.abc import Iterable

from studio.domain.events import (
    CheckpointDecided,
    MessagePosted,
    Recorded,
    ToolAnswered,
)
from studio.domain.messages import Speaker
from studio.ui.chat.entries import HumanSaid, Note, Tone
from studio.ui.chat.words import image_title, lines

OUTPUT_CHARACTERS = 16_000
"""How much of a command's output a card keeps, from its end."""

TEXT_CHARACTERS = 200_000
"""How much of one message is shown."""


def human_said(key: str, event: MessagePosted) -> HumanSaid:
    """A person's message with what it refers to."""
    images = tuple(map(image_title, event.images))
    return HumanSaid(key, lines(event.text[:TEXT_CHARACTERS]), tuple(event.references), images)


def human_texts(log: Iterable[Recorded]) -> tuple[str, ...]:
    """What a person said in a run, as they wrote it, oldest first."""
    said = (item.event for item in log if isinstance(item.event, MessagePosted))
    return tuple(event.text for event in said if event.speaker is Speaker.HUMAN)


def instead(event: ToolAnswered) -> dict[str, str]:
    """What a card shows in place of what was asked for: of an overwritten file what it lost and gained."""
    return {"request": lines(event.difference)} if event.difference else {}


def decided(key: str, event: CheckpointDecided, act: str) -> Note:
    """What became of a question about `act`."""
    answer = lines(event.answer)
    more = f" ({answer})" if answer else ""
    match event.state:
        case "approved":
            return Note(key, Tone.GOOD, f"You approved: {act}{more}")
        case "denied":
            return Note(key, Tone.BAD, f"You denied: {act}{more}")
        case "answered":
            return Note(key, Tone.QUIET, f"{act}\nYou answered: {answer}")
        case _:
            about = f": {act}" if act else "."
            return Note(key, Tone.QUIET, f"The question was withdrawn{about}")
