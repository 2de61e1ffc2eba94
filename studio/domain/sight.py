"""Sight: which models can look at which kinds of images, as data."""

from __future__ import annotations

from fnmatch import fnmatchcase

from studio.domain.images import ImageType
from studio.domain.models import ModelRef

EVERY = frozenset(ImageType)
NONE: frozenset[ImageType] = frozenset()
_STILL = EVERY - {ImageType.GIF}

SIGHT: tuple[tuple[str, str, frozenset[ImageType]], ...] = (
    ("anthropic", "claude-2*", NONE),
    ("anthropic", "claude-instant*", NONE),
    ("anthropic", "*", EVERY),
    ("openai", "gpt-3.5*", NONE),
    ("openai", "gpt-4", NONE),
    ("openai", "gpt-4-0*", NONE),
    ("openai", "o1-mini*", NONE),
    ("openai", "o1-preview*", NONE),
    ("openai", "o3-mini*", NONE),
    ("openai", "*", EVERY),
    ("groq", "*llama-4*", EVERY),
    ("groq", "*vision*", EVERY),
    ("gemini", "*", _STILL),
    ("scripted", "*", EVERY),
)
"""Provider, pattern of names, and what such a model can look at; the first row that fits counts, and none means none.

A model that was thought to see and refuses is asked again without images, so that a new name does no harm.
Ollama has no row: its server says of each model whether it sees.
"""


def sight_of(model: ModelRef) -> frozenset[ImageType]:
    """The kinds of images this model can look at."""
    for provider, pattern, kinds in SIGHT:
        if provider == model.provider and fnmatchcase(model.name.lower(), pattern):
            return kinds
    return NONE
