"""Certificates: a file of those that are to be trusted."""

from __future__ import annotations

import ssl
from pathlib import Path


def trusting(file: str) -> ssl.SSLContext:
    """What holds servers against the certificates in a file alone; blocks.

    Raises ValueError that says why it cannot.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not Path(file).is_file():
        raise ValueError("there is no such file")
    try:
        context.load_verify_locations(file)
    except ssl.SSLError as error:
        raise ValueError("it holds no certificate") from error
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from error
    return context
