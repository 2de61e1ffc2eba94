"""Refusals: what a model would not be shown or told, which it is not again, so that a chat goes on all the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.ids import RunId
from studio.domain.models import ModelRef
from studio.domain.thinking import signed_by


class Refusals:
    """Remembers them for the life of the process. A refusal says not what it is for: what it may be is left out."""

    def __init__(self) -> None:
        self._unseen: defaultdict[ModelRef, set[str]] = defaultdict(set)
        self._untold: set[tuple[RunId, ModelRef]] = set()

    def without(self, request: ModelRequest, model: ModelRef, run: RunId) -> ModelRequest:
        """The request by its name for `model`, without what it refused in this run, or of images anywhere."""
        unseen = self._unseen[model]
        pictures = {name: data for name, data in request.pictures.items() if name not in unseen}
        request = replace(request, model=model.name, pictures=pictures)
        return _without_thoughts(request, model) if (run, model) in self._untold else request

    def learn(self, request: ModelRequest, model: ModelRef, run: RunId, error: ProviderError) -> bool:
        """Whether the request may have been refused for something that is left out from now on.

        A chat would never get on otherwise: whatever was once said in it is sent again with every step.
        """
        if error.fault is not ProviderFault.BAD_REQUEST:
            return False
        if refused := _shown(request) - self._unseen[model]:
            self._unseen[model] |= refused
            return True
        if (run, model) in self._untold:
            # It was not for the thoughts, which may go on.
            self._untold.discard((run, model))
            return False
        if request.thinking is None and not any(signed_by(message, model) for message in request.messages):
            return False
        self._untold.add((run, model))
        return True


def _without_thoughts(request: ModelRequest, model: ModelRef) -> ModelRequest:
    """The request that says nothing of thinking, and holds no signature."""
    bare = (replace(message, opaque={}) if signed_by(message, model) else message for message in request.messages)
    return replace(request, thinking=None, messages=tuple(bare))


def _shown(request: ModelRequest) -> set[str]:
    return {image.hash for image in request.images if image.hash in request.pictures}
