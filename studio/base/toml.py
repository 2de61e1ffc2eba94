"""TOML that somebody else wrote."""

from __future__ import annotations

import tomllib
from typing import Any

DOTS = 300
"""How many dots one line may have: the reader takes a square of time for a name with ten thousand parts."""


def read_foreign_toml(text: str) -> dict[str, Any]:
    """What a text in TOML says. Raises ValueError for one that is none, and RecursionError for one nested too deep."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > DOTS:
            raise ValueError(f"There are more than {DOTS} dots in one line (at line {number}, column 1)")
    return tomllib.loads(text)
