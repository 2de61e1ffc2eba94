"""Room: what of a sandbox's files may come home, where it may have so much and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studio.sandbox.inside.signs import Sign

FILE_MAX = 512 << 20
"""A larger file stays where it is."""


@dataclass(slots=True)
class Fitting:
    """The files that may come home, those that are too large for it, and the bytes of room that are left then."""

    room: int
    fit: list[tuple[str, Sign]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def fitting(wanted: Sequence[tuple[str, Sign]], here: Mapping[str, Sign], most: int) -> Fitting:
    """Sorts them out, where `most` bytes may lie here."""
    found = Fitting(most - sum(mine[2] for mine in here.values()))
    for path, sign in wanted:
        more_bytes = sign[2] - (here[path][2] if path in here else 0)
        if sign[2] > FILE_MAX or more_bytes > found.room:
            found.left.append(path)
        else:
            found.room -= more_bytes
            found.fit.append((path, sign))
    return found
