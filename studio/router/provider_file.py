"""Providers as a person writes them: `providers.toml` in the data folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from studio.base.toml import read_foreign_toml
from studio.domain import provider_rules as rules
from studio.domain.errors import UserError
from studio.domain.providers import BUILT_IN, OLLAMA_TOKENS, SCRIPTED, Provider, ProviderKind, key_variable_of

T = TypeVar("T")

KINDS = tuple(kind.value for kind in ProviderKind if kind is not ProviderKind.SCRIPTED)

REACHED = ("base_url", "proxy", "ca_file", "headers", "requests_per_minute", "context_tokens")
"""What may be said of a built-in provider, too."""

FIELDS = ("kind", "label", *REACHED, "key", "local", "prices")
"""What may be said of a declared one."""


def load_providers(path: Path) -> tuple[Provider, ...]:
    """Reads the file; an absent one declares none. Raises UserError that names file, field and what it may be.

    [openrouter]
    kind = "openai-compatible"      # or "ollama", "anthropic"; this one where it is left out
    base_url = "https://openrouter.ai/api/v1"
    label = "OpenRouter"            # the name for people
    key = "OPENROUTER_API_KEY"      # needed, from this variable or the secret provider:openrouter
    headers = { X-Title = "Studio" }
    requests_per_minute = 20
    context_tokens = 131072         # what each of its models takes at once
    prices = "openrouter"           # the part of the bundled list that has its prices

    [lm-studio]
    base_url = "http://127.0.0.1:1234/v1"
    local = true                    # it costs nothing; true by itself for an address of this machine, and for Ollama

    [anthropic]                     # a built-in one: only how it is reached
    proxy = "http://proxy.example.com:3128"
    ca_file = "/etc/ssl/company.pem"
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return read_providers(text, path)


def read_providers(text: str, path: Path) -> tuple[Provider, ...]:
    """As `load_providers`, for a text that is to stand in the file."""
    try:
        tables = read_foreign_toml(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, error) from error
    try:
        return tuple(provider_of(name, table) for name, table in tables.items())
    except Wrong as wrong:
        raise UserError(
            f"The provider file {path} has a mistake in {wrong.field}: {wrong.sentence}", wrong.action
        ) from wrong


def _unreadable(path: Path, error: Exception) -> UserError:
    return UserError(f"The provider file {path} cannot be read: {error}.", "Correct it, or delete it.")


class Wrong(UserError):
    """A field that cannot be as it is."""

    def __init__(self, field: str, sentence: str, action: str) -> None:
        super().__init__(sentence, action)
        self.field = field


def provider_of(name: str, table: Any) -> Provider:
    """The provider that a table of the file describes; raises Wrong."""
    if not isinstance(table, dict):
        raise Wrong(name, "it is no table.", f"Write [{name}] on a line of its own, and its fields below.")
    if name == SCRIPTED.name:
        raise Wrong(name, "the provider that replays files has nothing to set.", "Take it out.")
    known = BUILT_IN.get(name)
    for field in table:
        if field not in (REACHED if known else FIELDS):
            raise Wrong(f"{name}.{field}", *_no_field(field, known))
    read = _Fields(name, table)
    return _reached(known, read) if known else _declared(name, read)


def _no_field(field: str, known: Provider | None) -> tuple[str, str]:
    if known is not None and field in FIELDS:
        return f"{known.label} is built in, and this of it is fixed.", f"There are: {', '.join(REACHED)}."
    fields = REACHED if known else FIELDS
    near = get_close_matches(field, fields, 1)
    return "there is no such field.", f"Did you mean {near[0]}?" if near else f"There are: {', '.join(fields)}."


def _reached(known: Provider, read: _Fields) -> Provider:
    return replace(
        known,
        base_url=read.text("base_url", rules.checked_url) or known.base_url,
        proxy=read.text("proxy", rules.checked_proxy),
        ca_file=read.text("ca_file", rules.checked_ca_file),
        headers=read.headers(),
        requests_per_minute=read.count("requests_per_minute", rules.MOST_PER_MINUTE),
        context_tokens=read.count("context_tokens", rules.MOST_TOKENS) or known.context_tokens,
    )


def _declared(name: str, read: _Fields) -> Provider:
    read.checked(name, rules.checked_name, name)
    base_url = read.text("base_url", rules.checked_url)
    if not base_url:
        raise Wrong(f"{name}.base_url", "it is missing.", 'Write it like base_url = "http://127.0.0.1:8080/v1".')
    kind = read.kind()
    ollama = kind is ProviderKind.OLLAMA
    local = read.yes("local", ollama or rules.is_loopback(urlsplit(base_url).hostname or ""))
    key = read.text("key", rules.checked_variable)
    return Provider(
        name,
        kind,
        read.text("label", _checked_label) or name,
        base_url,
        is_local=local,
        is_free=local,
        requests_per_minute=read.count("requests_per_minute", rules.MOST_PER_MINUTE),
        declared=True,
        key_variable=key or key_variable_of(name),
        needs_key=bool(key),
        proxy=read.text("proxy", rules.checked_proxy),
        ca_file=read.text("ca_file", rules.checked_ca_file),
        headers=read.headers(),
        # Ollama is told how much it is to take, and drops in silence what is more.
        context_tokens=read.count("context_tokens", rules.MOST_TOKENS) or (OLLAMA_TOKENS if ollama else None),
        price_list=read.text("prices"),
    )


def _checked_label(label: str) -> str:
    if not label.isprintable() or len(label) > 40:
        raise UserError("The name for people is too long or cannot be shown.", "Use at most 40 plain letters.")
    return label


class _Fields:
    """The fields of one table, each checked as it is read."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self._name = name
        self._table = table

    def text(self, field: str, check: Callable[[str], str] = str) -> str:
        """A text, empty where it is left out."""
        value = self._of(field, str, "a text in quotes")
        return "" if value is None else self.checked(f"{self._name}.{field}", check, value.strip())

    def count(self, field: str, most: int) -> int | None:
        """A number, None where it is left out."""
        value: int | None = self._of(field, int, "a whole number")
        if value is None:
            return None
        return self.checked(f"{self._name}.{field}", lambda number: rules.checked_count(number, field, most), value)

    def yes(self, field: str, default: bool) -> bool:
        """Yes or no."""
        value = self._of(field, bool, "true or false")
        return default if value is None else bool(value)

    def kind(self) -> ProviderKind:
        """The protocol, that of most servers where it is left out."""
        value = self.text("kind") or ProviderKind.OPENAI_COMPATIBLE.value
        if value not in KINDS:
            near = get_close_matches(value, KINDS, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Write one of: {', '.join(KINDS)}."
            raise Wrong(f"{self._name}.kind", f"{value!r} is none.", hint)
        return ProviderKind(value)

    def headers(self) -> Mapping[str, str]:
        """The headers, none where they are left out."""
        value = self._of("headers", dict, 'a table such as { X-Title = "Studio" }') or {}
        if not all(isinstance(each, str) for each in value.values()):
            raise Wrong(f"{self._name}.headers", "a value is no text.", "Write each in quotes.")
        return self.checked(f"{self._name}.headers", rules.checked_headers, value)

    def checked(self, field: str, check: Callable[[T], T], value: T) -> T:
        """The value, if it may be so."""
        try:
            return check(value)
        except UserError as error:
            raise Wrong(field, error.sentence, error.action) from error

    def _of(self, field: str, kind: type[Any], wanted: str) -> Any:
        value = self._table.get(field)
        # In Python, though not in TOML, true is a number.
        if value is not None and type(value) is not kind:
            raise Wrong(f"{self._name}.{field}", f"{value!r} does not fit.", f"Write {wanted}.")
        return value
