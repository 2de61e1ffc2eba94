"""Served windows: how long a text a server of the person's own takes, which it decides for each of its models."""

from __future__ import annotations

from studio.contracts.model_library import library_of
from studio.domain.errors import StudioError
from studio.domain.models import ModelRef
from studio.domain.providers import ProviderKind
from studio.router.registry import Registry
from studio.router.router import Router


async def served_window(registry: Registry, router: Router, model: ModelRef) -> int | None:
    """The window that the model's server gives it; None where the provider has no such server, or cannot be called."""
    provider = registry.find(model.provider)
    if provider is None or provider.kind is not ProviderKind.OLLAMA:
        return None
    try:
        library = library_of(await router.model(model.provider))
    except StudioError:
        # Whoever asks the model meets the same fault, and says it.
        return None
    return await library.window_of(model.name) if library is not None else None
