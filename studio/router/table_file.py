"""The routing table as a person writes it: `models.toml` in the data folder."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from studio.base.toml import read_foreign_toml
from studio.domain.errors import UserError
from studio.domain.models import AUTO, ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Line, Preference, RoutingTable
from studio.router.registry import Registry

_TIERS = tuple(tier.value for tier in Tier)
_PREFERENCES = tuple(each.value for each in Preference)
_LIKE = 'Write it like ["anthropic/claude-sonnet-4-5", "ollama/qwen3"].'


def load_table(path: Path, registry: Registry) -> RoutingTable:
    """Reads the table; an absent file holds no model. Raises UserError that names file, field and what it may be.

    prefer = "cloud"                # or "local": which models are tried first

    [tiers]
    fast = [["groq/llama-3.1-8b-instant", "openai/gpt-5-nano"], "ollama/qwen3:4b"]   # the cheaper of the two first
    strong = ["anthropic/claude-sonnet-4-5", "openai/gpt-5", "ollama/qwen3:32b"]

    [roles]
    tester = "fast"                 # instead of what the role's own file says
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return RoutingTable()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return read_table(text, path, registry)


def read_table(text: str, path: Path, registry: Registry) -> RoutingTable:
    """The table that a text holds; raises UserError that names the file as `path`."""
    try:
        tables = read_foreign_toml(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, error) from error
    try:
        _no_other(tables, ("prefer", "tiers", "roles"), "")
        return RoutingTable(
            {
                Tier(tier): _lines(names, f"tiers.{tier}", registry)
                for tier, names in _table(tables, "tiers", _TIERS).items()
            },
            Preference(_one_of(tables.get("prefer", Preference.CLOUD.value), _PREFERENCES, "prefer")),
            {role: Tier(_one_of(tier, _TIERS, f"roles.{role}")) for role, tier in _table(tables, "roles").items()},
        )
    except _Wrong as wrong:
        raise UserError(f"The routing table {path} has a mistake in {wrong.field}: {wrong.what}", wrong.hint) from wrong


def _unreadable(path: Path, error: Exception) -> UserError:
    return UserError(f"The routing table {path} cannot be read: {error}.", "Correct it, or delete it.")


class _Wrong(Exception):
    def __init__(self, field: str, what: str, hint: str) -> None:
        super().__init__(field)
        self.field = field
        self.what = what
        self.hint = hint


def _table(tables: dict[str, Any], name: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise _Wrong(name, "it is no table.", f"Write [{name}] on a line of its own.")
    if known:
        _no_other(table, known, f"{name}.")
    return table


def _no_other(table: dict[str, Any], known: tuple[str, ...], within: str) -> None:
    for name in table:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
            raise _Wrong(f"{within}{name}", "there is no such field.", hint)


def _one_of(value: Any, known: tuple[str, ...], field: str) -> str:
    if value not in known:
        raise _Wrong(field, f"{value!r} is none.", f"Write one of: {', '.join(known)}.")
    return str(value)


def _lines(written: Any, field: str, registry: Registry) -> tuple[Line, ...]:
    """Each model on a line of its own, or several that stand in a list within the list on one."""
    if not isinstance(written, list):
        raise _Wrong(field, "it is no list of model names.", _LIKE)
    lines = [line if isinstance(line, list) else [line] for line in written]
    return tuple(tuple(_model(name, field, registry) for name in line) for line in lines if line)


def _model(name: Any, field: str, registry: Registry) -> ModelRef:
    if not isinstance(name, str):
        raise _Wrong(field, "it is no list of model names.", _LIKE)
    try:
        model = ModelRef.parse(name)
        if model.provider != AUTO:
            registry.get(model.provider)
    except UserError as error:
        raise _Wrong(field, error.sentence, error.action) from error
    if model.provider == AUTO:
        raise _Wrong(field, f"{name} stands for this table itself.", "Name a model of a provider.")
    return model
