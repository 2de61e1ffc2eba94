"""Filling: how full the model's context is, and with what, as the newest step tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from studio.domain.events import ChatRestored, ContextCompacted, Delta, Recorded, StepStarted, UsageRecorded
from studio.ui.chat.words import amount

TITLES = {
    "rules": "Rules (AGENTS.md)",
    "role": "Role and tools",
    "goal": "Your messages",
    "plan": "Plan",
    "notes": "Notes",
    "conversation": "Conversation",
    "outputs": "Outputs of tools",
}
"""What people call each part, in the order in which the model is shown them."""


@dataclass(frozen=True, slots=True)
class Filling:
    """Tokens by what they are there for, and how many the model takes; `window` is 0 while nothing is known.

    Tokens are estimates until the provider has counted, and then `counted` is what it counted together.
    `compacted` tells how many older steps are told to the model in one line each.
    """

    parts: dict[str, int] = field(default_factory=dict)
    window: int = 0
    counted: int = 0
    compacted: int = 0

    @property
    def total(self) -> int:
        """All tokens together."""
        return self.counted or sum(self.parts.values())

    @property
    def percent(self) -> int:
        """How full the context is."""
        return min(100, round(100 * self.total / self.window)) if self.window else 0

    @property
    def shown(self) -> tuple[tuple[str, str, int], ...]:
        """Each part that takes something: its key, its title and its tokens, which together are the total."""
        estimated = sum(self.parts.values()) or 1
        tokens = ((key, title, round(self.parts.get(key, 0) * self.total / estimated)) for key, title in TITLES.items())
        return tuple(part for part in tokens if part[2])

    @property
    def sentence(self) -> str:
        """The whole in one line."""
        about = "" if self.counted else "about "
        return f"Context {self.percent} % full: {about}{amount(self.total)} of {amount(self.window)} tokens"

    def after(self, item: Recorded | Delta) -> Filling:
        """What one more event makes of it."""
        match item.event if isinstance(item, Recorded) else item:
            case StepStarted() as step if step.window:
                return replace(self, parts=dict(step.context), window=step.window, counted=0)
            case UsageRecorded() as usage if self.window and usage.input >= sum(self.parts.values()) // 2:
                # A server that counts much less leaves out what it had cached.
                return replace(self, counted=usage.input)
            case ContextCompacted() as compacted:
                return replace(self, compacted=self.compacted + compacted.steps)
            case ChatRestored():
                return Filling()
            case _:
                return self


def filling_of(log: Iterable[Recorded]) -> Filling:
    """What a whole log says."""
    filling = Filling()
    for recorded in log:
        filling = filling.after(recorded)
    return filling
