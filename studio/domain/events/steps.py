"""The steps of a turn: a model asked, how that failed or what it used, and what Studio did to go on well."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from studio.domain.messages import FinishReason


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A model is about to be asked.

    `context` says what fills what it is shown, in tokens as Studio estimates them: rules, role, goal, plan, notes,
    conversation and outputs. `window` is how many tokens the model takes at most. `route` names the models that are
    tried in order where the routing table chose them, and `why` says why these; else both are empty.
    """

    kind: ClassVar[str] = "step_started"
    turn: str
    step: int
    model: str
    context: dict[str, int] = field(default_factory=dict)
    window: int = 0
    route: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """One try at a model failed; `retry_in` is seconds until the next try, None when there is none.

    `next_model` names the model that is tried next when the route moves on. What the try used counts like
    that of a completed call; `cost_nusd` is None when the model has no known price. `first_token_ms` is how long it
    took until the first piece of text or thinking came; None when none did. `cache_write_1h` is the part of
    `cache_write` that stays in the provider's cache for an hour.
    """

    kind: ClassVar[str] = "model_failed"
    turn: str
    step: int
    model: str
    fault: str
    reason: str
    retry_in: float | None = None
    next_model: str = ""
    role: str = ""
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost_nusd: int | None = 0
    milliseconds: float = 0.0
    first_token_ms: float | None = None
    cache_write_1h: int = 0


@dataclass(frozen=True, slots=True)
class UsageRecorded:
    """What one completed model call used; `cost_nusd` is None when the model has no known price.

    `saved_nusd` is what it would have cost more without any cache, below zero when writing to the provider's cost more
    than reading from it saved. An answer that Studio had `cached` used nothing and cost nothing: the call was not made.
    `first_token_ms` is how long it took until the first piece of text or thinking came; None for a reply without any.
    `cache_write_1h` is the part of `cache_write` that stays in the provider's cache for an hour.
    """

    kind: ClassVar[str] = "usage_recorded"
    turn: str
    step: int
    model: str
    role: str
    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    cost_nusd: int | None = None
    milliseconds: float = 0.0
    finish: FinishReason = FinishReason.STOP
    saved_nusd: int = 0
    cached: bool = False
    first_token_ms: float | None = None
    cache_write_1h: int = 0


@dataclass(frozen=True, slots=True)
class AgentNudged:
    """The agent repeated itself and was told so: `text` is what it reads, `reason` what it repeated, for people."""

    kind: ClassVar[str] = "agent_nudged"
    turn: str
    step: int
    pattern: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ContextCompacted:
    """The run's first `messages` messages are told to the model in one line each from here on.

    `steps` of them were not told so before. Tokens are estimates of what the model is shown with and without.
    """

    kind: ClassVar[str] = "context_compacted"
    turn: str
    step: int
    messages: int
    steps: int
    tokens_before: int
    tokens_after: int
