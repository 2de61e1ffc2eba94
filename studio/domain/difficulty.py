"""Difficulty: how hard a piece of work is thought to be, which decides how strong a model it gets."""

from __future__ import annotations

from enum import StrEnum


class Difficulty(StrEnum):
    """The usual work gets the tier that its role wants."""

    EASY = "easy"
    USUAL = "usual"
    HARD = "hard"
