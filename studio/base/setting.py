"""A setting: what a person can set, and which values of it can be used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Value = str | int | float


class SettingsError(ValueError):
    """A setting cannot be used as it is written: a sentence for the person and the next action."""

    def __init__(self, sentence: str, action: str) -> None:
        super().__init__(f"{sentence} {action}")
        self.sentence = sentence
        self.action = action


class Scope(StrEnum):
    """What a setting is about; a settings page has one section for each."""

    WINDOW = "window"
    AGENTS = "agents"
    MODELS = "models"
    SANDBOX = "sandbox"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; the environment variable `STUDIO_<NAME>` wins over the file."""

    name: str
    type: type[Value]
    default: Value
    help: str
    scope: Scope
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"STUDIO_{self.name.upper()}"

    def read(self, text: str) -> Value:
        """What its environment variable says. Raises SettingsError for a text that cannot be used."""
        try:
            value = self.type(text)
        except ValueError as error:
            raise self._unfit(text, self.variable) from error
        return self.checked(value, self.variable)

    def checked(self, value: Any, place: str) -> Value:
        """The value as it is used. Raises SettingsError, naming the place where it is written, for an unfit one."""
        if self.type is float and type(value) is int:
            value = float(value)
        fits = type(value) is self.type and (not self.choices or value in self.choices)
        if not fits or not (self.least is None or value >= self.least) or not (self.most is None or value <= self.most):
            raise self._unfit(value, place)
        return value  # type: ignore[no-any-return]  # its type was just compared with the row's

    def _unfit(self, value: Any, place: str) -> SettingsError:
        if self.choices:
            wanted = f"one of: {', '.join(self.choices)}"
        elif self.least is not None:
            wanted = f"a number from {self.least:g} to {self.most:g}"
        else:
            wanted = "a text" if self.type is str else "a number"
        return SettingsError(f"{self.name} cannot be {value!r} ({place}).", f"Set it to {wanted}.")
