"""What is to be carried where: three looks at one tree, compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.sandbox.inside.carry import Sign

Known = dict[str, tuple[Sign, Sign]]
"""The signs, here and there, of what was the same on both sides when it was carried last."""

_EMPTY: tuple[None, None] = (None, None)
_NONE: Sign = [""]


@dataclass(slots=True)
class Plan:
    """What goes there, and what comes home, by path; None is what is to be deleted."""

    there: dict[str, Sign | None] = field(default_factory=dict)
    home: dict[str, Sign | None] = field(default_factory=dict)


def planned(known: Known, here: Mapping[str, Sign], there: Mapping[str, Sign]) -> Plan:
    """Compares; what turns out to be the same on both sides is `known` from then on.

    What was changed on one side goes to the other. What was changed on both is as whoever wrote last left it, by the
    times of the files; a change counts before a deletion, and a folder with something new in it before a file.
    """
    plan = Plan()
    for path in known.keys() | here.keys() | there.keys():
        mine, theirs = here.get(path), there.get(path)
        known_mine, known_theirs = known.get(path, _EMPTY)
        changed_here, changed_there = mine != known_mine, theirs != known_theirs
        if not changed_here and not changed_there:
            continue
        if mine is None and theirs is None:
            known.pop(path, None)
        elif mine is not None and theirs is not None and alike(mine, theirs):
            known[path] = (mine, theirs)
        elif changed_here and (not changed_there or _later(mine, theirs)):
            plan.there[path] = mine
        else:
            plan.home[path] = theirs
    _keep_folders(plan.there, plan.home, here)
    _keep_folders(plan.home, plan.there, there)
    return plan


def _keep_folders(going: dict[str, Sign | None], coming: dict[str, Sign | None], side: Mapping[str, Sign]) -> None:
    """Lets no folder give way to something else, or to nothing, out of which something is `going`."""
    for path in [path for path, sign in going.items() if sign is not None]:
        folder = path.rpartition("/")[0]
        while folder:
            if folder in coming and (coming[folder] or _NONE)[0] != "d":
                del coming[folder]
                going[folder] = side[folder]
            folder = folder.rpartition("/")[0]


def alike(one: Sign, other: Sign) -> bool:
    """Whether two signs of two machines are of the same thing."""
    if one[0] == "d":
        return bool(other[0] == "d" and one[1] | 0o700 == other[1] | 0o700)
    return one[:4] == other[:4] and one[5] == other[5]


def _later(mine: Sign | None, theirs: Sign | None) -> bool:
    if mine is None or theirs is None:
        return theirs is None
    return bool(mine[3] >= theirs[3])
