"""What may be said of a provider: each check gives the value back, or raises UserError with what to do instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from urllib.parse import SplitResult, urlsplit

from studio.domain.errors import UserError
from studio.domain.models import AUTO
from studio.domain.providers import BUILT_IN, NAME

MOST_PER_MINUTE = 1_000_000
MOST_TOKENS = 100_000_000
_LONGEST = 2000
_PORTS = {"http": 80, "https": 443}
_CALLS = ("/completions", "/messages", "/responses", "/models", "/api/chat", "/api/generate")
"""How addresses end that name what is asked of a server instead of the server: they are what documents show."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_OURS = frozenset(
    (
        *("host", "connection", "content-length", "content-type", "transfer-encoding", "upgrade", "te", "trailer"),
        *("accept", "accept-encoding", "expect", "keep-alive"),
    )
)
_SECRET_NAME = re.compile(
    r"authorization|cookie|token|secret|password|credential|(?:^|[-_])(?:api|auth|access|subscription)?[-_]?key$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r"(?:bearer|basic)\s|sk-|gsk_|AIza|xai-|hf_|ghp_|github_pat_", re.IGNORECASE)


def checked_name(name: str) -> str:
    """A name that a provider may be declared under."""
    if not NAME.fullmatch(name):
        raise UserError(
            f"“{name}” is no name for a provider.",
            "Use small letters, digits and “-”, beginning with a letter, at most 40: for example lm-studio.",
        )
    if name in BUILT_IN or name == AUTO:
        what = "is built in" if name in BUILT_IN else "stands for the routing table"
        raise UserError(f"The name {name} is taken: it {what}.", "Choose another name for the provider.")
    return name


def checked_url(url: str) -> str:
    """A base URL: of https, or of http on this machine itself, without a user's name or key in it."""
    parts = _parts(url, "base URL", "http://127.0.0.1:8080/v1")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise UserError(
            f"The base URL {url} is plain http to another machine: whoever is on the way reads the chats and the key.",
            "Use https (with ca_file for a certificate of your own), or a tunnel to a port of this machine.",
        )
    if parts.path.rstrip("/").endswith(_CALLS):
        raise UserError(f"The base URL {url} names one call of the server.", "Leave out its last words, as in …/v1.")
    if parts.query or parts.fragment:
        raise UserError(f"The base URL {url} holds more than a path.", "Leave out what follows “?” or “#”.")
    return url


def checked_proxy(proxy: str) -> str:
    """The URL of a proxy, empty for none of its own."""
    if not proxy:
        return proxy
    parts = _parts(proxy, "proxy", "http://proxy.example.com:3128")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UserError(f"The proxy {proxy} holds more than a host and a port.", "Leave out what follows them.")
    return proxy


def checked_ca_file(path: str) -> str:
    """The whole path of a file of certificates, empty for none; whether it can be read is asked elsewhere."""
    if path and not PurePath(path).is_absolute():
        raise UserError(f"{path} is no whole path to a file of certificates.", "Write it from the root on.")
    return path


def checked_variable(name: str) -> str:
    """The name of an environment variable, empty for the usual one; never shows what was given: it may be the key."""
    if name and not _VARIABLE.fullmatch(name):
        raise UserError(
            "The field key takes the name of an environment variable, and this is none.",
            "Name one such as OPENROUTER_API_KEY. The key itself goes to: studio secret set provider:NAME",
        )
    return name


def checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Headers that go with each request: none that Studio sends itself, and none that holds a key."""
    seen: set[str] = set()
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise UserError(f"“{name}” is no name of a header.", "Use letters, digits and “-”.")
        if name.lower() in seen:
            raise UserError(f"The header {name} is given twice.", "Leave one of them.")
        seen.add(name.lower())
        if name.lower() in _OURS:
            raise UserError(f"The header {name} is set by Studio itself.", "Leave it out.")
        if _SECRET_NAME.search(name) or _SECRET_VALUE.match(value):
            raise UserError(
                f"The header {name} looks as if it held a key, and this file is no place for one.",
                "Leave it out, and give the key to: studio secret set provider:NAME",
            )
        if not _HEADER_VALUE.fullmatch(value) or len(value) > _LONGEST:
            raise UserError(f"The value of the header {name} cannot be sent.", "Use plain letters on one line.")
    return headers


def checked_count(value: int, what: str, most: int) -> int:
    """A number of at least one."""
    if not 1 <= value <= most:
        raise UserError(f"{what} cannot be {value:,}.", f"Set it to a whole number from 1 to {most:,}.")
    return value


def origin_of(url: str) -> str:
    """The server that a URL names, by scheme, host and port: a key that was given for one goes to no other."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port
    except ValueError:
        return url
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return (
        f"{parts.scheme}://{shown}" if port in (None, _PORTS.get(parts.scheme)) else f"{parts.scheme}://{shown}:{port}"
    )


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine itself."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(?:\.\d{1,3}){3}", host) is not None


def _parts(url: str, what: str, example: str) -> SplitResult:
    wanted = UserError(f"“{_without_user(url)}” is no {what}.", f"Write one such as {example}.")
    if len(url) > _LONGEST or not url.isprintable() or " " in url:
        raise wanted
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise wanted from error
    if parts.username is not None or parts.password is not None:
        raise UserError(
            f"The {what} holds a user's name or a password.",
            "Leave them out: a key goes to studio secret set provider:NAME, a proxy's password into HTTPS_PROXY.",
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise wanted
    return parts


def _without_user(url: str) -> str:
    return re.sub(r"//[^/]*@", "//…@", url)
