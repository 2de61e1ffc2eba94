"""Images on the way to a provider: those a model is shown, and words in place of the others."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from studio.contracts.chat_model import ModelRequest
from studio.domain.images import Image, ImageType
from studio.domain.messages import ChatMessage, ToolAnswer

BytesOf = Mapping[str, bytes]
"""The bytes of images by their hashes."""

NO_BYTES: BytesOf = MappingProxyType({})

OF_RESULTS = "The images that belong to the results above, in their order:"
"""Begins the message that brings them, where a wire takes no images within a result."""

_BLIND = "this model cannot look at {kind} images"
_NOT_AT_HAND = "it was shown too long ago, or the provider refused it; read its file again if you need it"


def to_see(request: ModelRequest, kinds: frozenset[ImageType]) -> ModelRequest:
    """The request with only those images that are at hand and of these kinds; words take the place of the others."""
    if not request.images:
        return request
    return replace(request, messages=tuple(_message(message, request.pictures, kinds) for message in request.messages))


def base64_of(image: Image, pictures: BytesOf) -> str:
    """The image's bytes as wires carry them."""
    return base64.b64encode(pictures[image.hash]).decode("ascii")


def of_results(message: ChatMessage) -> tuple[Image, ...]:
    """The images of all results in a message."""
    return tuple(image for answer in message.answers for image in answer.images)


def _message(message: ChatMessage, pictures: BytesOf, kinds: frozenset[ImageType]) -> ChatMessage:
    answers = tuple(_answer(answer, pictures, kinds) for answer in message.answers)
    if not message.images:
        return replace(message, answers=answers) if answers else message
    shown, text = _split(message.text, message.images, pictures, kinds)
    return replace(message, answers=answers, images=shown, text=text)


def _answer(answer: ToolAnswer, pictures: BytesOf, kinds: frozenset[ImageType]) -> ToolAnswer:
    if not answer.images:
        return answer
    shown, text = _split(answer.text, answer.images, pictures, kinds)
    return replace(answer, images=shown, text=text)


def _split(
    text: str, images: Iterable[Image], pictures: BytesOf, kinds: frozenset[ImageType]
) -> tuple[tuple[Image, ...], str]:
    shown, lines = list[Image](), [text] if text else []
    for image in images:
        if image.type not in kinds:
            lines.append(f"[{image.about}: not shown, as {_BLIND.format(kind=image.type.label)}.]")
        elif image.hash not in pictures:
            lines.append(f"[{image.about}: not shown, as {_NOT_AT_HAND}.]")
        else:
            shown.append(image)
    return tuple(shown), "\n".join(lines)
