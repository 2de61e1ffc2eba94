"""The configuration of one provider, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from studio.domain.providers import BUILT_IN, OLLAMA_TOKENS, Provider, ProviderKind, key_variable_of

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """Where one provider answers and with which key.

    An empty `base_url` means the provider's own. `context_tokens` is asked of providers that let the
    caller choose (Ollama's num_ctx). `max_bytes` caps one reply on the wire, `total_seconds` its whole time.
    `loading_seconds` is how long Ollama may stay silent at first, while it loads a model from disk;
    `listing_seconds` how long any provider may take to say which models it has, `looking_seconds` how long one may that
    is asked what is merely good to know. `fetching_seconds` is how long it may say nothing while it fetches a model.

    `known` is what is known of the provider, None for a built-in one as it is. An empty `proxy` leaves it to the
    environment, an empty `ca_file` to the authorities that the system trusts; `headers` are sent with each request.
    """

    name: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    context_tokens: int = OLLAMA_TOKENS
    max_bytes: int = 64 * 1024**2
    total_seconds: float = 1800.0
    loading_seconds: float = 300.0
    listing_seconds: float = 10.0
    looking_seconds: float = 2.0
    fetching_seconds: float = 120.0
    known: Provider | None = None
    proxy: str = ""
    ca_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def provider(self) -> Provider:
        """All that is known of the provider."""
        return self.known or BUILT_IN.get(self.name) or Provider(self.name, ProviderKind.OPENAI_COMPATIBLE, self.name)

    @property
    def url(self) -> str:
        """The base URL to call."""
        return self.base_url or self.provider.base_url

    @property
    def label(self) -> str:
        """The provider's name for people."""
        return self.provider.label

    @property
    def is_ollama(self) -> bool:
        """Whether it is a server of Ollama's."""
        return self.provider.kind is ProviderKind.OLLAMA

    @property
    def key_variable(self) -> str:
        """The environment variable that holds the key."""
        return self.provider.key_variable or key_variable_of(self.name)

    @property
    def url_setting(self) -> str:
        """Where a person sets the base URL."""
        return self.provider.url_variable or f"the base_url of {self.name} in providers.toml"

    @property
    def host(self) -> str | None:
        """The machine that the URL names; None when it is no URL."""
        try:
            parts = urlsplit(self.url if "://" in self.url else f"//{self.url}")
            return parts.hostname if parts.port != 0 else None
        except ValueError:
            return None

    @property
    def at_its_own_address(self) -> bool:
        """Whether it is a built-in provider at the server that is its own, and not at another one in its place."""
        own = BUILT_IN.get(self.name)
        return own is not None and not self.provider.declared and _origin(self.url) == _origin(own.base_url)

    @property
    def on_this_machine(self) -> bool:
        """Whether the URL names this machine itself, which no proxy of the environment stands before."""
        host = self.host or ""
        return host in ("localhost", "::1") or host.startswith("127.")

    @property
    def key_missing(self) -> bool:
        """Whether there is no key where one is needed; other servers than a provider's own may need none."""
        of_its_own = self.provider.declared or not self.base_url
        return self.provider.needs_key and not self.api_key and of_its_own


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    """What of a URL says which server is meant; None when it is no URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


def config_of(provider: Provider, environment: Mapping[str, str], api_key: str = "") -> ProviderConfig:
    """How a provider is called; a base URL that the environment gives counts before any other."""
    variable = provider.url_variable
    base_url = environment.get(variable, "").strip() if variable else ""
    own = BUILT_IN.get(provider.name)
    if not base_url and (own is None or own.base_url != provider.base_url):
        base_url = provider.base_url
    return ProviderConfig(
        provider.name,
        base_url,
        api_key,
        provider.context_tokens or OLLAMA_TOKENS,
        known=provider,
        proxy=provider.proxy,
        ca_file=provider.ca_file,
        headers=provider.headers,
    )
