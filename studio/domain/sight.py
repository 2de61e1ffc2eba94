"""Sight: which models can look at which kinds of images, as data."""

from __future__ import annotations

from fnmatch import fnmatchcase

from studio.domain.images import ImageType
from studio.domain.models import ModelRef
from studio.domain.providers import Provider

EVERY = frozenset(ImageType)
NONE: frozenset[ImageType] = frozenset()
_STILL = EVERY - {ImageType.GIF}
_DECODED = frozenset((ImageType.PNG, ImageType.JPEG))
"""What every server that sees can decode."""

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


def sight_of(model: ModelRef, provider: Provider | None = None) -> frozenset[ImageType]:
    """The kinds of images this model can look at; one of a declared `provider` is thought to see."""
    for name, pattern, kinds in SIGHT:
        if name == model.provider and fnmatchcase(model.name.lower(), pattern):
            return kinds
    return _DECODED if provider is not None and provider.declared else NONE
