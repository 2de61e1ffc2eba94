"""Ports: which of those that are open inside a sandbox belongs to the page of its app."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from studio.domain.log_lines import uncoloured

_SAID = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::\d{1,5})?(?:/[!-~]{0,200})?", re.I)
_SAID_SHORT = re.compile(
    r"\b(?:listening|running|started|serving|ready|available)\b[^\n]{0,60}?(?:\bport|:)\s*(\d{2,5})\b", re.I
)
NEVER = frozenset((3128, 5678, 9222, 9229, 9230, 24678))
"""Where no page is: the way out of a sandbox, debuggers, and the sockets of dev servers."""
USUAL = (5173, 3000, 8000, 8080, 4200, 5000, 4321, 8501)
"""Where an app that nobody started for the preview is looked for first."""


def announced(output: str) -> tuple[tuple[int, str], ...]:
    """The ports that a server's output names, each with the path of its page, in the order it said them."""
    found: dict[int, str] = {}
    for url in _SAID.findall(uncoloured(output)):
        try:
            parts = urlsplit(url.rstrip(".,;)'\""))
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            continue
        found.setdefault(port, parts.path or "/")
    for said in _SAID_SHORT.findall(uncoloured(output)):
        found.setdefault(int(said), "/")
    return tuple((port, path) for port, path in found.items() if 0 < port < 65536)


def in_order(open_ports: Iterable[int], said: Iterable[int], usual: Iterable[int]) -> tuple[int, ...]:
    """The open ports that may be a page's: what the app said, where such an app usually is, the rest."""
    there = [port for port in open_ports if port not in NEVER]
    first = [port for port in (*said, *usual) if port in there]
    return tuple(dict.fromkeys((*first, *there)))
