"""Matches: which of many names a person means by a few letters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

LIMIT = 50
_CUTOFF = 60
_NAME_BONUS = 30
_LINE = re.compile(r"^(?P<words>.*?):(?P<line>\d*)$")


@dataclass(frozen=True, slots=True)
class FileQuery:
    """What was typed to find a file: words, and after a colon the line to go to (0 for none)."""

    words: str
    line: int = 0


def read_query(text: str) -> FileQuery:
    """Takes `name:12` apart."""
    found = _LINE.match(text.strip())
    return FileQuery(found["words"], int(found["line"] or 0)) if found else FileQuery(text.strip())


def best_texts(query: str, texts: tuple[str, ...]) -> list[int]:
    """Positions of the texts that fit `query`, best first; all of them for an empty one."""
    if not query.strip():
        return list(range(len(texts)))[:LIMIT]
    found = process.extract(
        query, texts, scorer=fuzz.WRatio, processor=utils.default_process, limit=LIMIT, score_cutoff=_CUTOFF
    )
    return [position for _text, _score, position in found]


def best_paths(query: str, paths: tuple[str, ...]) -> list[str]:
    """The paths that hold the letters of `query` in order, those first whose file name fits best."""
    letters = query.lower().replace(" ", "")
    if not letters:
        return list(paths[:LIMIT])
    held = [path for path in paths if _holds(path.lower(), letters)]
    scores = {path: _score(letters, path.lower()) for path in held}
    return sorted(held, key=lambda path: (-scores[path], len(path), path))[:LIMIT]


def _holds(path: str, letters: str) -> bool:
    """Whether the letters stand in `path` in this order, with anything between them."""
    place = -1
    for letter in letters:
        place = path.find(letter, place + 1)
        if place < 0:
            return False
    return True


def _score(letters: str, path: str) -> float:
    name = path.rsplit("/", 1)[-1]
    bonus = _NAME_BONUS if letters in name else 0
    return fuzz.partial_ratio(letters, path) + fuzz.ratio(letters, name) + bonus
