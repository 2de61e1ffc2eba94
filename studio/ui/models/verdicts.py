"""What was measured of a model, in words: which roles it may play, and why not the others."""

from __future__ import annotations

from collections.abc import Iterable

from studio.domain.fitness import RoleFit


def in_short(judged: tuple[RoleFit, ...]) -> str:
    """How many roles it may play; empty for a model that was not measured."""
    if not judged:
        return ""
    fit = sum(each.fits for each in judged)
    if fit == len(judged):
        return "fits every role"
    return f"fits {fit} of {len(judged)} roles" if fit else "fits no role"


def at_length(judged: tuple[RoleFit, ...]) -> str:
    """Which roles it may play and why not the others, those with the same reason together."""
    fit = _names(each for each in judged if each.fits)
    lines = [f"Measured as fit for {fit}."] if fit else []
    reasons = dict.fromkeys(each.why for each in judged if not each.fits)
    for why in reasons:
        unfit = _names(each for each in judged if not each.fits and each.why == why)
        lines.append(f"Unfit for {unfit}: {why[:1].lower()}{why[1:]}")
    return "\n".join(lines)


def _names(judged: Iterable[RoleFit]) -> str:
    return ", ".join(each.role for each in judged)
