"""Reaching words: questions about the network, what is asked first, then what it means, and how long it waits."""

from __future__ import annotations

from dataclasses import dataclass

from studio.base.text import shorten, shown
from studio.domain.checkpoints import LEFT
from studio.domain.clock import in_words
from studio.domain.network import Destination, image_act

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Asking:
    """A question about one act; `without` is what comes of no answer."""

    act: str
    question: str
    waiting: str
    without: str

    @property
    def left(self) -> str:
        """How it is put once nobody waits for it."""
        return f"{self.question} {LEFT}"

    def waited_for(self, seconds: float) -> str:
        """How it is put while somebody waits for it, which is for so long."""
        return f"{self.question} {self.waiting} {in_words(seconds)} for an answer, then {self.without}."


def of_host(wanted: Destination) -> Asking:
    """Whether a program of a run may reach a host."""
    question = f"Let this run reach {wanted.in_short}? What it knows can leave through it."
    return Asking(str(wanted), question, "The program waits", "is refused")


def of_images(registry: Destination, images: tuple[str, ...]) -> Asking:
    """Whether the container engine may fetch these images of a registry for a run."""
    names = ", ".join(shown(shorten(image, 120)) for image in images[:_MOST_NAMED])
    more = f" and {len(images) - _MOST_NAMED} more" if len(images) > _MOST_NAMED else ""
    lacks, them = ("is", "it") if len(images) == 1 else ("are", "them")
    question = (
        f"Fetch images of {registry.in_short}? This project's files name {names}{more}, which {lacks} not on this "
        f"machine: the container engine would ask for {them} from this machine's own network."
    )
    return Asking(image_act(registry), question, "The run waits", "goes on without")
