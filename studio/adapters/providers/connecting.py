"""The sentences for a connection that does not come about: nothing was sent to the provider."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.faults import tidy, unreachable
from studio.domain.errors import ProviderError, ProviderFault

_OTHER_NAME = frozenset((62, 64))
"""What OpenSSL calls a certificate that is good, but for another host name or address."""


def no_certificates(config: ProviderConfig, reason: str) -> ProviderError:
    """The error for a file of certificates that cannot be used: nothing can be asked without it."""
    return ProviderError(
        ProviderFault.UNREACHABLE,
        f"The certificates for {config.label} cannot be read from {config.ca_file}: {tidy(config, reason)}.",
        f"Correct the ca_file of {config.name} in providers.toml: it names a file of certificates in PEM form.",
    )


def not_connected(config: ProviderConfig, error: BaseException) -> ProviderError:
    """The error for a connection that did not come about, by what is behind `error`."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return _not_trusted(config, cause)
            case ssl.SSLError():
                return unreachable(config, f"{_through(config)}no secure connection came about")
            case socket.gaierror():
                return unreachable(config, f"{_through(config)}the network knows no such name")
    return unreachable(config, _through(config) + (str(error) or type(error).__name__))


def not_let_through(config: ProviderConfig, error: BaseException) -> ProviderError:
    """The error for a proxy that answers and makes no way to the provider."""
    named = f"The proxy {config.proxy}" if config.proxy else "The proxy of the environment"
    where = f"the proxy of {config.name} in providers.toml" if config.proxy else "HTTPS_PROXY of the environment"
    return ProviderError(
        ProviderFault.UNREACHABLE,
        f"{named}, through which {config.label} is reached, does not let it through: {tidy(config, str(error))}.",
        f"Check {where}, and whether it asks for a password.",
    )


def _not_trusted(config: ProviderConfig, cause: ssl.SSLCertVerificationError) -> ProviderError:
    words = tidy(config, cause.verify_message)
    if cause.verify_code in _OTHER_NAME:
        return ProviderError(
            ProviderFault.UNREACHABLE,
            f"{config.label} at {config.url} shows a certificate that is for another name: {words}.",
            f"Use the name that it is for: set {config.url_setting}. If it should be this one, somebody else answers.",
        )
    trusted = f"in {config.ca_file}" if config.ca_file else "among those this machine trusts"
    other = "" if config.ca_file else f", or in a file that the ca_file of {config.name} in providers.toml names"
    return ProviderError(
        ProviderFault.UNREACHABLE,
        f"{config.label} at {config.url} shows a certificate that is not to be trusted: {words}.",
        f"Check {config.url_setting} and the network; a company's own certificate authority must be {trusted}{other}.",
    )


def _through(config: ProviderConfig) -> str:
    return f"through the proxy {config.proxy}, " if config.proxy else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that is behind it, hidden or not."""
    seen: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in seen:
        seen.append(at)
        yield at
        at = at.__cause__ or at.__context__
