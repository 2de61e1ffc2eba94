"""The origin of a preview: what its page may reach."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QUrl

_SAME_MACHINE_TO_PAGE = {"http": "http", "ws": "http", "https": "https", "wss": "https"}
_INLINE = frozenset({"data", "blob"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of the one server a page may talk to."""

    scheme: str
    host: str
    port: int

    def covers(self, url: QUrl) -> bool:
        """Whether `url` is on this server, by HTTP or WebSocket."""
        scheme = _SAME_MACHINE_TO_PAGE.get(url.scheme().lower(), "")
        port = url.port(_DEFAULT_PORTS.get(scheme, -1))
        return (scheme, url.host().lower(), port) == (self.scheme, self.host, self.port)

    def may_load(self, url: QUrl) -> bool:
        """Whether a part of the page may come from `url`: from the server, or from within the page itself."""
        return url.scheme().lower() in _INLINE or self.covers(url)

    def may_navigate(self, url: QUrl, *, main_frame: bool) -> bool:
        """Whether a frame may go to `url`; the main frame never leaves the server."""
        if url.toString() == "about:blank":
            return True
        return self.covers(url) if main_frame else self.may_load(url) or url.toString() == "about:srcdoc"


def origin_of(url: QUrl) -> Origin:
    """The origin of an http or https address."""
    scheme = url.scheme().lower()
    return Origin(scheme, url.host().lower(), url.port(_DEFAULT_PORTS.get(scheme, -1)))


def is_external(url: QUrl) -> bool:
    """Whether `url` is one that the person's own browser may be asked to open."""
    return url.scheme().lower() in _DEFAULT_PORTS and bool(url.host()) and not url.userInfo()
