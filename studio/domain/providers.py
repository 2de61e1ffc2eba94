"""Providers: whose models can be asked, those that are built in and those that a person declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""What a provider may be called."""


class ProviderKind(StrEnum):
    """The protocol that a provider speaks; `SCRIPTED` replays a file and is no AI."""

    OLLAMA = "ollama"
    ANTHROPIC = "anthropic"
    OPENAI_COMPATIBLE = "openai-compatible"
    SCRIPTED = "scripted"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, without its key.

    A `declared` one is in the person's own file. `key_variable` is the environment variable that its key is looked for
    in; only with `needs_key` it cannot be called without one. `proxy` and `ca_file` are used for it alone, `headers`
    sent with each of its requests. `context_tokens` is what its models take at once; None leaves it to what is known of
    each. `price_list` names the part of the bundled list that has its prices; a free one costs nothing.
    """

    name: str
    kind: ProviderKind
    label: str
    base_url: str = ""
    is_local: bool = False
    is_free: bool = False
    requests_per_minute: int | None = None
    declared: bool = False
    key_variable: str = ""
    needs_key: bool = False
    proxy: str = ""
    ca_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    context_tokens: int | None = None
    price_list: str = ""

    @property
    def url_variable(self) -> str:
        """The environment variable that sets the base URL of one that is built in; a declared one has none."""
        if self.declared:
            return ""
        return "OLLAMA_HOST" if self.name == "ollama" else f"{self.name.upper()}_BASE_URL"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a person says of a provider, with the names that the file has for it.

    None says nothing; an empty text, 0 and no header take back what was said before.
    """

    kind: ProviderKind | None = None
    label: str | None = None
    base_url: str | None = None
    key: str | None = None
    proxy: str | None = None
    ca_file: str | None = None
    headers: Mapping[str, str] | None = None
    requests_per_minute: int | None = None
    context_tokens: int | None = None
    local: bool | None = None
    prices: str | None = None


def key_variable_of(name: str) -> str:
    """The environment variable that holds a provider's key where nothing else is said."""
    return f"{name.upper().replace('-', '_')}_API_KEY"


def _cloud(name: str, kind: ProviderKind, label: str, base_url: str, price_list: str) -> Provider:
    return Provider(
        *(name, kind, label, base_url), key_variable=key_variable_of(name), needs_key=True, price_list=price_list
    )


OLLAMA_TOKENS = 32_768
"""The window that Ollama is asked for where nothing else is said; its own is small and drops what does not fit."""

SCRIPTED = Provider("scripted", ProviderKind.SCRIPTED, "Script", is_free=True)

BUILT_IN: Mapping[str, Provider] = {
    each.name: each
    for each in (
        Provider(
            *("ollama", ProviderKind.OLLAMA, "Ollama", "http://127.0.0.1:11434"),
            is_local=True,
            is_free=True,
            key_variable=key_variable_of("ollama"),
            context_tokens=OLLAMA_TOKENS,
        ),
        _cloud("anthropic", ProviderKind.ANTHROPIC, "Anthropic", "https://api.anthropic.com", "anthropic"),
        _cloud("openai", ProviderKind.OPENAI_COMPATIBLE, "OpenAI", "https://api.openai.com/v1", "openai"),
        _cloud("groq", ProviderKind.OPENAI_COMPATIBLE, "Groq", "https://api.groq.com/openai/v1", "groq"),
        _cloud(
            *("gemini", ProviderKind.OPENAI_COMPATIBLE, "Gemini"),
            *("https://generativelanguage.googleapis.com/v1beta/openai/", "google"),
        ),
        SCRIPTED,
    )
}
"""The providers that need no declaration, in the order in which they are shown."""
