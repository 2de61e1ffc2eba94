"""What is to be carried where: three looks at one tree, compared."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from studio.domain.kept_files import BESIDE
from studio.sandbox.carrying.said import NAME_MAX
from studio.sandbox.inside.signs import Sign

Known = dict[str, tuple[Sign, Sign]]
"""The signs, here and there, of what was the same on both sides when it was carried last."""

_EMPTY: tuple[None, None] = (None, None)
_NONE: Sign = [""]
_FOLDER: Sign = ["d"]


@dataclass(slots=True)
class Plan:
    """What goes there, and what comes home, by path; None is what is to be deleted.

    What has to give way at a path of `beside` is somebody's work: it is moved to the path named there.
    """

    there: dict[str, Sign | None] = field(default_factory=dict)
    home: dict[str, Sign | None] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)


def planned(
    known: Known,
    here: Mapping[str, Sign],
    there: Mapping[str, Sign],
    unread: Collection[str] = (),
    *,
    is_first: bool = False,
) -> Plan:
    """Compares; what turns out to be the same on both sides is `known` from then on.

    What was changed on one side goes to the other. What was changed on both is as whoever wrote last left it, by the
    times of the files; a change counts before a deletion, and a folder with something new in it before nothing. What
    is here is deleted only where it is `known`: else, and where one side has a folder and the other has none, what is
    here stays and counts. Of what is `unread` on a side, and below it, nothing is known and nothing is done.

    What does not count of two that were both changed is kept beside the other. When two sides meet for the first time
    (`is_first`) they differ without anybody's doing: then only what was written there later than here is kept.
    """
    plan = Plan()
    lost: set[str] = set()
    for path in known.keys() | here.keys() | there.keys():
        if unread and _is_below(path, unread):
            continue
        mine, theirs = here.get(path), there.get(path)
        known_mine, known_theirs = known.get(path, _EMPTY)
        changed_here, changed_there = mine != known_mine, theirs != known_theirs
        if not changed_here and not changed_there:
            continue
        if mine is None and theirs is None:
            known.pop(path, None)
        elif mine is not None and theirs is not None and alike(mine, theirs):
            known[path] = (mine, theirs)
        else:
            if mine_counts := changed_here and (not changed_there or _counts(mine, theirs, is_known=path in known)):
                plan.there[path] = mine
            else:
                plan.home[path] = theirs
            if mine is None or theirs is None or mine[0] == theirs[0] == "d":
                continue
            is_met = not is_first or path in known or theirs[3] > mine[3]
            # Of what is in a folder not all need be known.
            if (changed_here and changed_there and is_met) or (theirs if mine_counts else mine)[0] == "d":
                lost.add(path)
    lost |= _keep_here(plan, here)
    lost |= _keep_there(plan, there)
    taken: set[str] = set()
    for path in sorted(lost):
        taken.add(name := _beside(path, here, there, taken))
        plan.beside[path] = name
    return plan


def _keep_here(plan: Plan, here: Mapping[str, Sign]) -> set[str]:
    """Lets no folder here give way to something else, or to nothing, in which something is new.

    Returns where something there gives way to such a folder.
    """
    lost = set()
    for path in [path for path, sign in plan.there.items() if sign is not None]:
        for folder in _above(path):
            if folder in plan.home and (theirs := plan.home[folder] or _NONE)[0] != "d":
                del plan.home[folder]
                plan.there[folder] = here[folder]
                if theirs is not _NONE:
                    lost.add(folder)
    return lost


def _keep_there(plan: Plan, there: Mapping[str, Sign]) -> set[str]:
    """As `_keep_here`, but a file or link here that stands in the place of the folder stays there as well.

    Returns where such a folder gives way, with what is new in it.
    """
    lost = set()
    for path in [path for path, sign in plan.home.items() if sign is not None]:
        for folder in _above(path):
            if (sign := plan.there.get(folder, _FOLDER)) is None:
                del plan.there[folder]
                plan.home[folder] = there[folder]
            elif sign[0] != "d":
                plan.home.pop(path, None)
                lost.add(folder)
    return lost


def _beside(path: str, *taken: Collection[str]) -> str:
    """A path in the same folder that nothing has yet."""
    folder, slash, name = path.rpartition("/")
    marks = (BESIDE if number == 1 else f"{BESIDE}-{number}" for number in count(1))
    names = (os.fsdecode(os.fsencode(name)[: NAME_MAX - len(mark)]) + mark for mark in marks)
    paths = (f"{folder}{slash}{short}" for short in names)
    return next(path for path in paths if not any(path in each for each in taken))


def _above(path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _is_below(path: str, unread: Collection[str]) -> bool:
    return path in unread or any(folder in unread for folder in _above(path))


def alike(one: Sign, other: Sign) -> bool:
    """Whether two signs of two machines are of the same thing."""
    if one[0] == "d":
        return bool(other[0] == "d" and one[1] | 0o700 == other[1] | 0o700)
    return one[:4] == other[:4] and one[5] == other[5]


def _counts(mine: Sign | None, theirs: Sign | None, *, is_known: bool) -> bool:
    """Whether what is here counts, of two that were both changed."""
    if mine is None or theirs is None:
        return theirs is None
    return not is_known or mine[0] != theirs[0] or bool(mine[3] >= theirs[3])
