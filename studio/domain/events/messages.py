"""What a person or an agent said, and what a person wrote that waits for the agent to stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from studio.domain.messages import Speaker


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """Somebody said something; an agent's message may be empty when it only called tools.

    `step` is 0 for messages that no step made. `opaque` is the provider's own data of an agent message. Each of
    `images` names one that the message holds, as `domain.images.Image` reads it; `references` are what a person
    refers to in it (`file:cart.py`), and what that was when they sent it.
    """

    kind: ClassVar[str] = "message_posted"
    speaker: Speaker
    text: str
    turn: str = ""
    step: int = 0
    thinking: str = ""
    opaque: dict[str, Any] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageQueued:
    """A person wrote a message that is sent once the agent has stopped; `turn` names the turn it will begin.

    A `first` one goes before all others. `model` and `approval` are what the run is set to with it, empty for as it is.
    """

    kind: ClassVar[str] = "message_queued"
    turn: str
    text: str
    model: str = ""
    approval: str = ""
    first: bool = False
    images: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueuedMessageChanged:
    """A person changed the text of a message that waits."""

    kind: ClassVar[str] = "queued_message_changed"
    turn: str
    text: str
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageUnqueued:
    """A message left the queue: it was `sent`, beginning its turn, or a person took it back."""

    kind: ClassVar[str] = "message_unqueued"
    turn: str
    sent: bool
