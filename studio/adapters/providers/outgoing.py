"""How a provider is reached: whose certificates are trusted, through which proxy, and what goes with each request."""

from __future__ import annotations

import ssl
from collections.abc import MutableMapping

import httpx2

from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.connecting import no_certificates
from studio.base.certificates import trusting

_OF_HTTP = ("host", "connection", "accept", "accept-encoding", "user-agent", "content-length", "content-type")
_OF_PROTOCOLS = ("transfer-encoding", "anthropic-version", "anthropic-beta")
_GOES_OUT = frozenset((*_OF_HTTP, *_OF_PROTOCOLS))
"""All that a provider is sent beside its key and what the person adds.

The SDKs fill others from variables of the environment, such as `ANTHROPIC_CUSTOM_HEADERS`, `ANTHROPIC_AUTH_TOKEN` and
`OPENAI_ORG_ID`, which are meant for the services that these are named after.
"""

_OF_SDKS = ("anthropic", "openai")
"""The services whose own SDKs call them: at their own addresses they are sent whatever those fill in."""

_KEYS = ("authorization", "x-api-key", "x-goog-api-key")


def trust_of(config: ProviderConfig) -> ssl.SSLContext:
    """What the provider's certificate is held against: the person's file if there is one, else what the system trusts.

    Blocks on files. Raises ProviderError for a file that cannot be used.
    """
    if not config.ca_file:
        return system_trust()
    try:
        return trusting(config.ca_file)
    except ValueError as error:
        raise no_certificates(config, str(error)) from error


def system_trust() -> ssl.SSLContext:
    """The authorities that this machine trusts, a company's own included."""
    # Of the two HTTP libraries the older one would take a list of its own instead.
    return httpx2.create_ssl_context()


def trust_of_proxy(config: ProviderConfig) -> ssl.SSLContext | None:
    """What the certificate of the proxy itself is held against; None for one that shows none."""
    return system_trust() if config.proxy.startswith("https:") else None


def uses_environment(config: ProviderConfig) -> bool:
    """Whether the proxies of the environment count: not for this machine itself, nor beside one that is named."""
    return not config.on_this_machine and not config.proxy


def dress(config: ProviderConfig, headers: MutableMapping[str, str]) -> None:
    """Puts the last hand to the headers of a request: no compression, nobody else's key, and what the person adds."""
    headers["accept-encoding"] = "identity"
    if not (config.name in _OF_SDKS and config.at_its_own_address):
        for name in [each for each in headers if not _goes_out(config, each.lower(), headers[each])]:
            headers.pop(name, None)
    for name, value in config.headers.items():
        headers[name] = value


def _goes_out(config: ProviderConfig, name: str, value: str) -> bool:
    if name in _KEYS:
        return bool(config.api_key) and value in (config.api_key, f"Bearer {config.api_key}")
    return name in _GOES_OUT
