"""TLS towards a remote container engine."""

from __future__ import annotations

import ssl

from docker.tls import TLSConfig


def ssl_context(tls: TLSConfig) -> ssl.SSLContext:
    """The standard library's context for the SDK's TLS settings."""
    context = ssl.create_default_context(cafile=tls.ca_cert or None)
    if tls.cert:
        context.load_cert_chain(*tls.cert)
    if tls.verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
