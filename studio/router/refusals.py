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
    """Remembers them for the life of the process. A refusal says not what it is for: what it may be is left out.

    Of images it is known only when the model replies without them, from when on they are shown it nowhere.
    """

    def __init__(self) -> None:
        self._unseen: defaultdict[ModelRef, set[str]] = defaultdict(set)
        self._doubted: defaultdict[tuple[RunId, ModelRef], set[str]] = defaultdict(set)
        self._untold: set[tuple[RunId, ModelRef]] = set()

    def without(self, request: ModelRequest, model: ModelRef, run: RunId) -> ModelRequest:
        """The request by its name for `model`, without what it refused in this run, or of images anywhere."""
        unseen = self._unseen[model] | self._doubted[run, model]
        pictures = {name: data for name, data in request.pictures.items() if name not in unseen}
        request = replace(request, model=model.name, pictures=pictures)
        return _without_thoughts(request, model) if (run, model) in self._untold else request

    def learn(self, request: ModelRequest, model: ModelRef, run: RunId, error: ProviderError) -> bool:
        """Whether the request may have been refused for something that is left out from now on.

        A chat would never get on otherwise: whatever was once said in it is sent again with every step.
        """
        if error.fault is not ProviderFault.BAD_REQUEST:
            return False
        if refused := _shown(request):
            self._doubted[run, model] |= refused
            return True
        if (run, model) in self._untold:
            # It was not for the thoughts, which may go on, nor for the images.
            self._untold.discard((run, model))
            self._doubted.pop((run, model), None)
            return False
        if request.thinking is None and not any(signed_by(message, model) for message in request.messages):
            self._doubted.pop((run, model), None)
            return False
        self._untold.add((run, model))
        return True

    def replied(self, request: ModelRequest, model: ModelRef, run: RunId) -> None:
        """Notes that the model replied to the request without the images that it may have been refused for."""
        left_out = {image.hash for image in request.images} - request.pictures.keys()
        self._unseen[model] |= self._doubted.pop((run, model), set()) & left_out

    def forget(self, provider: str) -> None:
        """What is called `provider` is another server from now on."""
        for model in [model for model in self._unseen if model.provider == provider]:
            del self._unseen[model]
        for key in [key for key in self._doubted if key[1].provider == provider]:
            del self._doubted[key]
        self._untold = {key for key in self._untold if key[1].provider != provider}


def _without_thoughts(request: ModelRequest, model: ModelRef) -> ModelRequest:
    """The request that says nothing of thinking, and holds no signature."""
    bare = (replace(message, opaque={}) if signed_by(message, model) else message for message in request.messages)
    return replace(request, thinking=None, messages=tuple(bare))


def _shown(request: ModelRequest) -> set[str]:
    return {image.hash for image in request.images if image.hash in request.pictures}
