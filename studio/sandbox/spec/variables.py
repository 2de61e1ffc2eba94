"""Variables in a compose file: `.env` files, and `${NAME}` in the text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_USE = re.compile(rf"\$(?:(?P<escaped>\$)|(?P<plain>{_NAME})|\{{(?P<braced>{_NAME})(?P<rest>(?::?[-?+][^{{}}]*)?)\}})")
_MOST = 1 << 20


class WrongVariable(ValueError):
    """A variable is used in a way that cannot be followed; the message is a sentence."""


def read_env(text: str) -> dict[str, str]:
    """The variables of an env file: `NAME=value` lines, quotes taken off, comments left out."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if (match := _LINE.match(line)) is not None:
            found[match[1]] = _unquoted(match[2])
    return found


def _unquoted(value: str) -> str:
    if value[:1] in ("'", '"') and (end := value.find(value[0], 1)) > 0:
        inner = value[1:end]
        return inner.replace("\\n", "\n") if value[0] == '"' else inner
    return re.split(r"\s#", value, maxsplit=1)[0].rstrip() if not value.startswith("#") else ""


def filled(value: Any, env: Mapping[str, str]) -> Any:
    """`value` with every variable in its texts filled in. Raises WrongVariable."""
    return _Filling(env).of(value)


class _Filling:
    """Fills one document in, and no more text into it than fits."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._left = _MOST

    def of(self, value: Any) -> Any:
        match value:
            case str():
                return _USE.sub(self._replaced, value) if "$" in value else value
            case list():
                return [self.of(one) for one in value]
            case dict():
                return {name: self.of(one) for name, one in value.items()}
        return value

    def _replaced(self, match: re.Match[str]) -> str:
        text = "$" if match["escaped"] else self._value(match["plain"] or match["braced"], match["rest"] or "")
        self._left -= len(text)
        if self._left < 0:
            raise WrongVariable("It is too long once its variables are filled in.")
        return text

    def _value(self, name: str, rest: str) -> str:
        value = self._env.get(name)
        if rest.startswith(":"):
            value, rest = value or None, rest[1:]
        match rest[:1]:
            case "-":
                return value if value is not None else rest[1:]
            case "+":
                return rest[1:] if value is not None else ""
            case "?" if value is None:
                raise WrongVariable(f"It needs the variable {name}: {rest[1:] or 'it is not set'}.")
        return value or ""
