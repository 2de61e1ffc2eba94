"""What servers that speak like OpenAI say of their models, each under names of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openai.types import Model

from studio.domain.models import ModelCard, ModelRef

_WINDOWS = ("loaded_context_length", "context_length", "max_model_len", "context_window", "max_context_length")
"""Where LM Studio, OpenRouter, vLLM, Groq and others put how much a model takes at once; what is loaded goes first."""

LLAMA_CPP, LM_STUDIO = "llamacpp", "organization_owner"
"""What these servers write as the owner of their models."""


def card_of(provider: str, model: Model, beside: Mapping[str, Any]) -> ModelCard:
    """A model as the list has it, with what the server says `beside` the list."""
    said = {**(model.model_extra or {}), **beside}
    return ModelCard(ModelRef(provider, model.id.removeprefix("models/")), _window(said), _tools(said))


def beside_of(path: str, answer: object) -> Mapping[str, Mapping[str, Any]]:
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


def _window(said: Mapping[str, Any]) -> int | None:
    meta = said.get("meta")
    # llama.cpp: what the server was started with. How much the model was trained with says nothing of that.
    found = [said.get(name) for name in _WINDOWS] + ([meta.get("n_ctx")] if isinstance(meta, dict) else [])
    return next((each for each in found if type(each) is int and each > 0), None)


def _tools(said: Mapping[str, Any]) -> bool | None:
    for name, sign in (("supported_parameters", "tools"), ("capabilities", "tool_use")):
        if isinstance(said.get(name), list):
            return sign in said[name]
    return None
