"""Values in a compose file: lists and maps of texts, sizes, lengths of time; and what is said when one is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([bkmg]?)i?b?", re.IGNORECASE)
_TIME = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


_LONGEST = 40
_MOST_BYTES = 1 << 44
_MOST_SECONDS = 24 * 3600.0
_LEAST_CORES, _MOST_CORES = 0.01, 1024.0


OUT = "Take it out of the compose file."
OUT_ALL = "Take them out of the compose file."
_NAMED = 8


class Refusal(Exception):
    """A service cannot be started as the file asks: why (reads on after its name), and what can be done."""

    def __init__(self, sentence: str, action: str, *, at_home: bool = False) -> None:
        super().__init__(sentence)
        self.at_home = at_home
        self.sentence = sentence
        self.action = action


def all_of(refusals: Sequence[Refusal]) -> Refusal:
    """Several refusals as one, which names each, and each thing to do once."""
    if len(refusals) == 1:
        return refusals[0]
    said = [one.sentence for one in refusals[:_NAMED]]
    more = [f"and {len(refusals) - _NAMED} more"] if len(refusals) > _NAMED else []
    actions = [one.action for one in refusals]
    each = (OUT_ALL if one == OUT and actions.count(OUT) > 1 else one for one in dict.fromkeys(actions))
    return Refusal("; ".join((*said, *more)), " ".join(each))


def texts(value: Any) -> dict[str, str | None]:
    """A map, or a list of `NAME=value`; a name alone has no value. Raises Refusal."""
    match value:
        case None:
            return {}
        case dict():
            return {str(name): _scalar(given) for name, given in value.items()}
        case list():
            rows = (str(entry).partition("=") for entry in value)
            return {name: given if sign else None for name, sign, given in rows}
    raise Refusal("its variables are neither a list nor a map", "Write them as NAME: value.")


def _scalar(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        raise Refusal("a variable of it has several values", "Write them as NAME: value.")
    return str(value)


def megabytes(value: Any) -> int:
    """A size such as `512m` in bytes; 0 where none is named. Raises Refusal."""
    if value is None:
        return 0
    found = _SIZE.fullmatch(_word(value))
    size = int(float(found[1]) * _UNITS[found[2].lower()]) if found else -1
    if not 0 <= size <= _MOST_BYTES:
        raise Refusal(f"“{str(value)[:40]}” is no size", "Write it as 512m or 1g.")
    return size


def number(value: Any) -> float:
    """A number of cores; 0 where none is named. Raises Refusal.

    Less than a hundredth is refused: what an engine rounds to nothing is no bound for it.
    """
    try:
        cores = float(_word(value)) if value is not None else 0.0
    except ValueError:
        cores = -1.0
    if cores and not _LEAST_CORES <= cores <= _MOST_CORES:  # false of what is no number as well
        raise Refusal(f"“{str(value)[:40]}” is no number of cores", "Write it as 0.5 or 2.")
    return cores


def seconds(value: Any, usual: float) -> float:
    """A length of time such as `1m30s`; `usual` where none is named. Raises Refusal."""
    if value is None:
        return usual
    text = _word(value)
    parts = _TIME.findall(text)
    length = sum(float(amount) * _SECONDS[unit] for amount, unit in parts)
    if "".join(amount + unit for amount, unit in parts) != text or not parts or length > _MOST_SECONDS:
        raise Refusal(f"“{text[:40]}” is no length of time", "Write it as 10s or 1m30s.")
    return length


def _word(value: Any) -> str:
    """A value of a few letters; of a longer one, which is none of those that are asked for, a sign that is none."""
    text = str(value).strip()
    return text if len(text) <= _LONGEST else "…"
