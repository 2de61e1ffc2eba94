"""An agreement: what was the same here and in one volume when it was carried last, kept in a file of the run's home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from studio.sandbox.carrying.plan import Known
from studio.sandbox.carrying.said import read_sign

NAME = "carried.json"


class Agreement:
    """What is `known` of the volume of that id and of one folder here. All calls block.

    Of any other volume in its place nothing is known, and neither is of a folder that was made anew: `is_first` says
    so until both sides were carried once.
    """

    def __init__(self, file: Path, volume: str) -> None:
        self.file = file
        self.known: Known = {}
        self.is_first = True
        self._volume = volume
        self._folder: list[int] = []

    def begin(self, folder: tuple[int, int]) -> None:
        """Reads what is known, and notes that from now on there may be what is not here. Raises OSError.

        `folder` tells the one here from another in its place.
        """
        head = _head(self.file)
        is_same = bool(self._volume) and (head.get("volume"), head.get("folder")) == (self._volume, list(folder))
        self.known = dict(_pairs(self.file)) if is_same else {}
        self.is_first = not is_same
        self._folder = list(folder)
        self.save(home=False)

    def forget(self, folder: tuple[int, int]) -> None:
        """Another folder stands in the place of the one here."""
        self.known.clear()
        self.is_first = True
        self._folder = list(folder)

    def save(self, *, home: bool) -> None:
        """Keeps it; `home` says that all there is was brought home, and nothing runs there. Raises OSError."""
        part = self.file.with_suffix(".part")
        with part.open("w", encoding="ascii") as target:
            target.write(json.dumps({"volume": self._volume, "folder": self._folder, "home": home}) + "\n")
            # One at a time: a large document is written in one breath, in which no other thread comes to its turn.
            for path, pair in self.known.items():
                target.write(json.dumps([path, *pair]) + "\n")
        part.replace(self.file)


def is_home(file: Path, volume: str) -> bool:
    """Whether all there is in the volume of that id was brought home. Blocks."""
    head = _head(file)
    return bool(volume) and head.get("volume") == volume and head.get("home") is True


def _head(file: Path) -> dict[str, object]:
    try:
        with file.open(encoding="utf-8") as source:
            head = json.loads(source.readline())
    except (OSError, ValueError, RecursionError):
        return {}
    return head if isinstance(head, dict) else {}


def _pairs(file: Path) -> Iterator[tuple[str, tuple[list[object], list[object]]]]:
    with file.open(encoding="utf-8") as source:
        source.readline()
        for line in source:
            try:
                path, mine, theirs = json.loads(line)
            except (ValueError, TypeError):
                continue
            one, other = read_sign(mine), read_sign(theirs)
            if isinstance(path, str) and one is not None and other is not None:
                yield path, (one, other)
