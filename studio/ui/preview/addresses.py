"""Addresses as a person reads and types them: those of the app, and no other."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from PySide6.QtCore import QUrl

_OWN_HOSTS = frozenset(("localhost", "127.0.0.1"))


def address_of(url: str, place: str) -> str:
    """The address of `place` on the server at `url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{place if place.startswith('/') else '/'}" if parts.netloc else ""


def path_of(url: QUrl) -> str:
    """The path of a page within its server, with what follows it; empty for an address without a server."""
    whole = QUrl.ComponentFormattingOption.FullyEncoded
    if not url.host():
        return ""
    query = f"?{url.query(whole)}" if url.hasQuery() else ""
    return f"{url.path(whole) or '/'}{query}{f'#{url.fragment(whole)}' if url.hasFragment() else ''}"


def place_of(typed: str, url: str) -> str | None:
    """The path that a person means by what they typed, query and all; None for one that is not on this server."""
    typed = "".join(char for char in typed if char.isprintable()).strip()
    if "://" not in typed:
        return typed if typed.startswith("/") else f"/{typed}"
    try:
        parts, own = urlsplit(typed), urlsplit(url)
        same = parts.netloc == own.netloc or (parts.hostname in _OWN_HOSTS and parts.port is None)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not same:
        return None
    return urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))
