"""Values in a compose file: lists and maps of texts, sizes, lengths of time; and what is said when one is wrong."""

from __future__ import annotations

import re
from typing import Any

_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([bkmg]?)i?b?", re.IGNORECASE)
_TIME = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class Refusal(Exception):
    """A service cannot be started as the file asks: why (reads on after its name), and what can be done."""

    def __init__(self, sentence: str, action: str, *, at_home: bool = False) -> None:
        super().__init__(sentence)
        self.at_home = at_home
        self.sentence = sentence
        self.action = action


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
    found = _SIZE.fullmatch(str(value).strip())
    if found is None:
        raise Refusal(f"“{str(value)[:40]}” is no size", "Write it as 512m or 1g.")
    return int(float(found[1]) * _UNITS[found[2].lower()])


def number(value: Any) -> float:
    """A number of cores; 0 where none is named. Raises Refusal."""
    try:
        return float(value) if value is not None else 0.0
    except (TypeError, ValueError) as error:
        raise Refusal(f"“{str(value)[:40]}” is no number of cores", "Write it as 0.5 or 2.") from error


def seconds(value: Any, usual: float) -> float:
    """A length of time such as `1m30s`; `usual` where none is named. Raises Refusal."""
    if value is None:
        return usual
    text = str(value).strip()
    parts = _TIME.findall(text)
    if "".join(amount + unit for amount, unit in parts) != text or not parts:
        raise Refusal(f"“{text[:40]}” is no length of time", "Write it as 10s or 1m30s.")
    return sum(float(amount) * _SECONDS[unit] for amount, unit in parts)
