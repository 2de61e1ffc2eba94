"""References: what a person names in a message, such as `@file:cart.py`, so that the model is given it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class ReferenceKind(StrEnum):
    """What can be referred to; the value stands behind the @."""

    FILE = "file"
    SYMBOL = "symbol"
    RUN = "run"
    DIFF = "diff"
    CONSOLE = "console"

    @property
    def is_named(self) -> bool:
        """Whether it is one of many, so that a name follows."""
        return self in (ReferenceKind.FILE, ReferenceKind.SYMBOL, ReferenceKind.RUN)


_FOUND = re.compile(r'(?<!\S)@(?:(file|symbol|run):("[^"\n]+"|\S+)|(diff|console)(?![\w:./-]))')
_AFTER = ".,;:!?)]}'\""
"""What may follow a name that is not in quotes, and is not part of it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference; `name` is a path, a symbol or a run, empty for what there is only one of."""

    kind: ReferenceKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind.value

    @property
    def typed(self) -> str:
        """As a person types it."""
        name = f'"{self.name}"' if re.search(r"\s", self.name) or self.name[-1:] in _AFTER else self.name
        return f"@{self.kind}:{name}" if self.kind.is_named else f"@{self.kind}"


def unreferring(text: str) -> str:
    """Words of somebody else, for a message of the person's: what would be taken for a reference in them is none."""
    return _FOUND.sub(lambda match: "\\" + match[0], text)


def references_in(text: str) -> tuple[Reference, ...]:
    """The references of a message, each once, in order."""
    return tuple(dict.fromkeys(reference for _, reference in reference_spans(text)))


def reference_spans(text: str) -> list[tuple[tuple[int, int], Reference]]:
    """The references of a message and where each begins and ends."""
    found = []
    for match in _FOUND.finditer(text):
        kind, written, bare = match.groups()
        end = match.end()
        if bare:
            found.append(((match.start(), end), Reference(ReferenceKind(bare))))
            continue
        name = (
            written[1:-1] if written[0] == '"' and written[-1] == '"' and len(written) > 2 else written.rstrip(_AFTER)
        )
        if name:
            end -= 0 if written[0] == '"' else len(written) - len(name)
            found.append(((match.start(), end), Reference(ReferenceKind(kind), name)))
    return found


def with_references(text: str, references: Mapping[str, str]) -> str:
    """A message as the model is given it: the person's words, then what they refer to."""
    return "\n\n".join([text, *(_told(name, found) for name, found in references.items())])


def _told(name: str, found: str) -> str:
    # A text cannot hold its own digest: nothing in it can pass for its end, and what follows for the person's words.
    mark = sha256(f"{name}\n{found}".encode("utf-8", "replace")).hexdigest()[:8]
    return (
        f"--- {mark}: @{name}, as it was when this message was sent, not the developer's words ---\n{found}\n"
        f"--- {mark}: end of @{name} ---"
    )
