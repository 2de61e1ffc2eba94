"""What one file of a project wants of its sandboxes, read and judged, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.sandbox.plan import Refused, SetupCommand

UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a reader may raise for a file that is written as nobody thought of; no turn ends for a file like that."""


@dataclass(frozen=True, slots=True)
class Build:
    """An image to be built: a Dockerfile and the folder it is built in, both as paths in the repository.

    `text` is what was read and judged of the Dockerfile: this is built, whatever lies at its path. `bases` are the
    images that it takes something from.
    """

    dockerfile: str
    context: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    text: str = ""
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalFeature:
    """A feature that lies in the repository: its folder, and the options its script is given."""

    folder: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file asks for and may have; `refused` is what it may not.

    At most one of `image` and `build` is there; with neither the sandbox starts from Studio's own image. `expects`
    are programs that the image must have because a feature that is asked for would have brought them; `copied` is what
    the Dockerfile takes from its context.
    """

    origin: str
    image: str = ""
    build: Build | None = None
    copied: tuple[str, ...] = ()
    features: tuple[LocalFeature, ...] = ()
    expects: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    setup: tuple[SetupCommand, ...] = ()
    forward_ports: tuple[int, ...] = ()
    refused: tuple[Refused, ...] = ()


class Unreadable(ValueError):
    """A file of the project is of no use as a whole; its text is the sentence for the person."""

    def __init__(self, sentence: str, action: str = "") -> None:
        super().__init__(sentence)
        self.refused = Refused(sentence, action)
