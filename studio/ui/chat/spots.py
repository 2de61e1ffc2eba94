"""Spots: places in a chat row that can be clicked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SpotKind(StrEnum):
    """What a click does."""

    FOLD = "fold"
    LINK = "link"
    FILE = "file"
    COPY = "copy"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Spot:
    """One such place; `value` is the address, path or text it stands for."""

    kind: SpotKind
    value: str = ""
