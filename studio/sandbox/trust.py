"""The certificates that this machine trusts."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

_USUAL = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def certificate_bundle(env: Mapping[str, str]) -> Path | None:
    """The bundle file that `env` names, else the system's; None when this machine has none in a file."""
    candidates = (env.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *_USUAL)
    return next((Path(path) for path in candidates if path and Path(path).is_file()), None)
