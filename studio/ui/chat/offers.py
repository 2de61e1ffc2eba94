"""Offers: which models a chat can use, and why none when there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.errors import UserError
from studio.domain.models import ModelRef

if TYPE_CHECKING:
    from studio.app.studio import Studio

NO_MODEL = "No model is set up. Start Ollama, or paste a provider's key in Settings."


@dataclass(frozen=True, slots=True)
class Offers:
    """Models by name; `default` is empty when nobody chose one; `problem` says in a sentence why none can be used."""

    models: tuple[str, ...] = ()
    default: str = ""
    approval: str = "ask"
    problem: str = ""

    @property
    def usable(self) -> bool:
        """Whether a message can be sent."""
        return bool(self.default or self.models)


async def if_usable(studio: Studio, model: str) -> str:
    """The model when a message to it would be accepted, else nothing."""
    try:
        studio.models.require_usable(ModelRef.parse(model))
    except UserError:
        return ""
    return model


async def quick_offers(studio: Studio) -> Offers:
    """What the settings say, at once."""
    approval = studio.models.default_approval().value
    default = studio.models.default() or ""
    try:
        if default:
            studio.models.require_usable(ModelRef.parse(default))
    except UserError as error:
        return Offers(approval=approval, problem=f"{error.sentence} {error.action}")
    if default:
        return Offers((default,), default, approval)
    return Offers(approval=approval, problem=NO_MODEL)


async def all_offers(studio: Studio) -> Offers:
    """What the providers say; takes up to some seconds when one does not answer."""
    quick = await quick_offers(studio)
    try:
        names = [str(card.ref) for card in await studio.models.choices()]
    except UserError as error:
        return Offers(approval=quick.approval, problem=f"{error.sentence} {error.action}")
    if quick.default and quick.default not in names:
        names.insert(0, quick.default)
    return Offers(tuple(names), quick.default, quick.approval, "" if names else quick.problem)
