"""Fitness: what was measured of a model that runs here, and which roles it may play by that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from studio.domain.models import ModelRef
from studio.domain.roles import Role, Tier


class ToolForm(StrEnum):
    """How a model is shown tools and calls them."""

    NATIVE = "native"  # in the fields that the provider has for it
    TEXT = "text"  # as blocks of text that Studio reads, for models without such fields
    NONE = "none"  # in neither form well enough


@dataclass(frozen=True, slots=True)
class Tries:
    """How many of the tries to call a tool were right to the letter, were something else, or called nothing."""

    valid: int = 0
    wrong: int = 0
    none: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.valid + self.wrong + self.none

    @property
    def share(self) -> float:
        """The part that was right; 0 without any try."""
        return self.valid / self.total if self.total else 0.0


GOOD_CALLS = 0.8
"""The part of calls that must be right for a form to be of use: what is wrong costs a step each."""


@dataclass(frozen=True, slots=True)
class Fitness:
    """What was measured of one model, and when.

    `claimed_tokens` is the window that the provider promises, `context_tokens` the longest request of which the model
    found all that was hidden in it; 0 when it did not find that in the shortest either. A form of calling tools that
    was not tried is None. `json_exact` of `json_tried` documents came back as they were.
    """

    model: ModelRef
    measured: datetime
    claimed_tokens: int
    context_tokens: int
    native: Tries | None
    text: Tries | None
    json_exact: int
    json_tried: int
    tokens_per_second: float
    first_token_ms: float

    @property
    def form(self) -> ToolForm:
        """The form in which the model calls tools well enough; its provider's own one comes first."""
        for form, tries in ((ToolForm.NATIVE, self.native), (ToolForm.TEXT, self.text)):
            if tries is not None and tries.share >= GOOD_CALLS:
                return form
        return ToolForm.NONE

    @property
    def calls(self) -> Tries:
        """The tries in the form that is used, else those of the better form."""
        match self.form:
            case ToolForm.NATIVE if self.native is not None:
                return self.native
            case ToolForm.TEXT if self.text is not None:
                return self.text
        return max((tries for tries in (self.native, self.text) if tries is not None), key=_share, default=Tries())

    @property
    def window(self) -> int | None:
        """The most that the model is to be sent where that is less than it claims; no less than any role needs."""
        if self.context_tokens >= self.claimed_tokens:
            return None
        return max(self.context_tokens, LEAST_WINDOW)

    def suits(self, tier: Tier) -> bool:
        """Whether the model may stand in a tier whose roles use tools."""
        return not unfit(self, tier)


@dataclass(frozen=True, slots=True)
class Need:
    """The least that roles of a tier need of a model; `calls` and `json` are parts of 1."""

    context_tokens: int
    calls: float
    json: float
    tokens_per_second: float


NEEDS: dict[Tier, Need] = {
    Tier.FAST: Need(8_000, calls=GOOD_CALLS, json=0.5, tokens_per_second=3.0),
    Tier.STANDARD: Need(16_000, calls=GOOD_CALLS, json=0.75, tokens_per_second=3.0),
    Tier.STRONG: Need(24_000, calls=1.0, json=1.0, tokens_per_second=3.0),
}
"""A role's prompt and tools alone are about 6,000 tokens; the more it is to think over, the more it reads besides."""

LEAST_WINDOW = NEEDS[Tier.FAST].context_tokens


@dataclass(frozen=True, slots=True)
class RoleFit:
    """Whether a model may play a role, and by which figure in one sentence."""

    role: str
    tier: Tier
    fits: bool
    why: str


def judge(fitness: Fitness, role: Role) -> RoleFit:
    """Holds what was measured against what the role needs."""
    lacking = _lacking(fitness, NEEDS[role.tier], tools=bool(role.tools))
    why = lacking or _in_figures(fitness)
    return RoleFit(role.name, role.tier, not lacking, why[:1].upper() + why[1:])


def warning(fitness: Fitness, role: Role) -> str:
    """What a person who chooses the model for the role should know, in one sentence; empty when it fits."""
    lacking = _lacking(fitness, NEEDS[role.tier], tools=bool(role.tools))
    return f"{fitness.model} was measured as unfit for the role {role.name}: {lacking}" if lacking else ""


def unfit(fitness: Fitness, tier: Tier) -> str:
    """By which figure a model may not stand in a tier whose roles use tools, in one sentence; empty when it may."""
    return _lacking(fitness, NEEDS[tier], tools=True)


def _lacking(fitness: Fitness, need: Need, *, tools: bool) -> str:
    """The first figure that is too low, as a sentence; empty when none is."""
    calls = fitness.calls
    if fitness.context_tokens < need.context_tokens:
        found = f"only within {fitness.context_tokens:,} tokens" if fitness.context_tokens else "in no text"
        return f"it found what was hidden {found}, and {need.context_tokens:,} tokens are needed."
    if tools and calls.share < need.calls:
        return f"{calls.valid} of {calls.total} calls of a tool were right, and {need.calls:.0%} are needed."
    share = fitness.json_exact / fitness.json_tried if fitness.json_tried else 0.0
    if tools and share < need.json:
        told = f"{fitness.json_exact} of {fitness.json_tried} JSON documents came back as they were"
        return f"{told}, and {need.json:.0%} are needed."
    if fitness.tokens_per_second < need.tokens_per_second:
        return f"it writes {fitness.tokens_per_second:.1f} tokens a second, and {need.tokens_per_second:g} are needed."
    return ""


def _in_figures(fitness: Fitness) -> str:
    calls, form = fitness.calls, " as text" if fitness.form is ToolForm.TEXT else ""
    return (
        f"{calls.valid} of {calls.total} calls right{form}, "
        f"{fitness.json_exact} of {fitness.json_tried} JSON documents exact, "
        f"{fitness.context_tokens:,} tokens of context, {fitness.tokens_per_second:.0f} tokens a second."
    )


def _share(tries: Tries) -> float:
    return tries.share
