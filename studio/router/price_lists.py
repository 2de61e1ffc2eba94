"""The parts of the bundled price list: one for each service that sells models."""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from typing import Any

from studio.domain.errors import UserError


def require_price_list(name: str) -> None:
    """Raises UserError, with the nearest name, for a part that there is none of; slow when first asked."""
    names = [each.id for each in _snapshot().providers]
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
        raise UserError(f"The price list has no part “{name}”.", hint)


def price_list_at(base_url: str) -> str:
    """The part for the service at this address, empty where there is none; slow when first asked."""
    try:
        found: str = _snapshot().find_provider(None, None, base_url).id
    except LookupError:
        return ""
    return found


def _snapshot() -> Any:
    return importlib.import_module("genai_prices.data_snapshot").get_snapshot()
