"""The configuration of one provider, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

DEFAULT_BASE_URLS: dict[str, str] = {
    "ollama": "http://127.0.0.1:11434",
    "anthropic": "https://api.anthropic.com",
    "openai": "https://api.openai.com/v1",
    "groq": "https://api.groq.com/openai/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai/",
}
"""Where each provider answers when nothing else is set."""

_LABELS = {"ollama": "Ollama", "anthropic": "Anthropic", "openai": "OpenAI", "groq": "Groq", "gemini": "Gemini"}


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """Where one provider answers and with which key.

    An empty `base_url` means the provider's own. `context_tokens` is asked of providers that let the
    caller choose (Ollama's num_ctx). `max_bytes` caps one reply on the wire, `total_seconds` its whole time.
    `loading_seconds` is how long Ollama may stay silent at first, while it loads a model from disk;
    `listing_seconds` how long any provider may take to say which models it has.
    """

    name: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    context_tokens: int = 32_768
    max_bytes: int = 64 * 1024**2
    total_seconds: float = 1800.0
    loading_seconds: float = 300.0
    listing_seconds: float = 10.0

    @property
    def url(self) -> str:
        """The base URL to call."""
        return self.base_url or DEFAULT_BASE_URLS.get(self.name, "")

    @property
    def label(self) -> str:
        """The provider's name for people."""
        return _LABELS.get(self.name, self.name)

    @property
    def key_variable(self) -> str:
        """The environment variable that holds the key."""
        return f"{self.name.upper()}_API_KEY"

    @property
    def url_variable(self) -> str:
        """The environment variable that holds the base URL."""
        return "OLLAMA_HOST" if self.name == "ollama" else f"{self.name.upper()}_BASE_URL"

    @property
    def host(self) -> str | None:
        """The machine that the URL names; None when it is no URL."""
        try:
            parts = urlsplit(self.url if "://" in self.url else f"//{self.url}")
            return parts.hostname if parts.port != 0 else None
        except ValueError:
            return None

    @property
    def on_this_machine(self) -> bool:
        """Whether the URL names this machine itself, which no proxy of the environment stands before."""
        host = self.host or ""
        return host in ("localhost", "::1") or host.startswith("127.")

    @property
    def key_missing(self) -> bool:
        """Whether the provider's own service would be called without a key; other servers may need none."""
        return self.name != "ollama" and not self.api_key and not self.base_url


def from_environment(name: str, environment: Mapping[str, str]) -> ProviderConfig:
    """The configuration of provider `name` as the environment gives it; what is not set keeps its default."""
    bare = ProviderConfig(name)
    return ProviderConfig(
        name,
        base_url=environment.get(bare.url_variable, "").strip(),
        api_key=environment.get(bare.key_variable, "").strip(),
    )
