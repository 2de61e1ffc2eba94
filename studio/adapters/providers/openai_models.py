"""What servers that speak like OpenAI say of their models, each under names of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.adapters.providers.model_lists import Entry, window_in
from studio.domain.models import ModelCard, ModelRef

_WINDOWS = ("loaded_context_length", "context_length", "max_model_len", "context_window", "max_context_length")
"""Where LM Studio, OpenRouter, vLLM, Groq and others put how much a model takes at once; what is loaded goes first."""

LLAMA_CPP, LM_STUDIO = "llamacpp", "organization_owner"
"""What these servers write as the owner of their models."""


def cards_of(provider: str, entries: Iterable[Entry], beside: Mapping[str, Entry]) -> tuple[ModelCard, ...]:
    """Models as the list has them, with what the server says `beside` the list. Call it in a thread."""
    return tuple(_card(provider, each, beside.get(each["id"]) or beside.get("", {})) for each in entries)


def _card(provider: str, entry: Entry, beside: Entry) -> ModelCard:
    said = {**entry, **beside}
    return ModelCard(ModelRef(provider, entry["id"].removeprefix("models/")), _window(said), _tools(said))


def beside_of(path: str, answer: object) -> Mapping[str, Entry]:
    """What LM Studio or llama.cpp answers about models at a path of its own, by their ids; "" stands for every one."""
    if not isinstance(answer, dict):
        return {}
    if path == PATHS[LLAMA_CPP]:
        settings = answer.get("default_generation_settings")
        return {"": {"loaded_context_length": settings.get("n_ctx")}} if isinstance(settings, dict) else {}
    models = answer.get("data")
    known = (each for each in models if isinstance(each, dict)) if isinstance(models, list) else ()
    return {str(each.get("id")): each for each in known}


PATHS = {LLAMA_CPP: "/props", LM_STUDIO: "/api/v0/models"}
"""Where these servers say more of their models, from the root of the address on."""


def _window(said: Entry) -> int | None:
    meta = said.get("meta")
    # llama.cpp: what the server was started with. How much the model was trained with says nothing of that.
    found = [said.get(name) for name in _WINDOWS] + ([meta.get("n_ctx")] if isinstance(meta, dict) else [])
    return next(filter(None, map(window_in, found)), None)


def _tools(said: Entry) -> bool | None:
    for name, sign in (("supported_parameters", "tools"), ("capabilities", "tool_use")):
        if isinstance(said.get(name), list):
            return sign in said[name]
    return None
