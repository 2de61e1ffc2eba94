"""What providers offer: the models that each of them lists, and what speaks against one that it does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from studio.domain.models import ModelCard, ModelRef

_EDITION = re.compile(r"(-latest|:latest|[-@]\d{6,8}|-\d{4}-\d\d-\d\d)$")
"""What a provider adds to a name that stands for the newest edition of a model, or for one of a day."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The names of the models that a provider lists, and what people call the provider."""

    label: str
    names: tuple[str, ...]

    def caution(self, name: str) -> str:
        """Says that a model is not listed, with the nearest one that is; empty for one that is listed.

        Lists are not always whole: it may be asked all the same.
        """
        if self._has(name):
            return ""
        near = get_close_matches(name, self.names, 1)
        return f"{self.label} does not list it." + (f" Did you mean {near[0]}?" if near else "")

    def _has(self, name: str) -> bool:
        return name in self.names or _plain(name) in map(_plain, self.names)


@dataclass(frozen=True, slots=True)
class Offer:
    """All that is on offer at one moment.

    `silent` has what people call the providers that gave no list, `listed` what the others list, both by their names.
    """

    cards: tuple[ModelCard, ...] = ()
    silent: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, Listed] = field(default_factory=dict)

    def caution(self, model: ModelRef) -> str:
        """Says that the provider of a model does not list it; empty where it does, or gave no list."""
        listed = self.listed.get(model.provider)
        return listed.caution(model.name) if listed is not None else ""

    def of_name(self, name: str) -> ModelRef | None:
        """The first model on offer that a provider lists under this name, or as an edition of it; None for none."""
        wanted = _plain(name)
        return next((card.ref for card in self.cards if wanted in (card.ref.name, _plain(card.ref.name))), None)

    @property
    def silence(self) -> str:
        """Names the providers that gave no list, in one sentence; empty where all did."""
        return f"{_together(self.silent.values())} gave no list of models." if self.silent else ""


def _plain(name: str) -> str:
    return _EDITION.sub("", name)


def _together(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
