"""The bytes of the images that a step shows."""

from __future__ import annotations

from dataclasses import replace

from studio.base.aio import in_thread
from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import NotFound
from studio.domain.images import Image
from studio.workspace.pictures import Pictures

SHOWN = 20
"""How many images one step shows, the newest; each is paid for in every step."""

SHOWN_BYTES = 8_000_000
"""How much they have together: a request travels whole, once for every step."""


async def with_pictures(request: ModelRequest, pictures: Pictures) -> ModelRequest:
    """The request with the bytes of its newest images; for those without, the model reads that they are not shown."""
    wanted = _newest(request)
    return replace(request, pictures=await in_thread(_read, wanted, pictures)) if wanted else request


def _newest(request: ModelRequest) -> tuple[Image, ...]:
    found: dict[Image, None] = {}
    left = SHOWN_BYTES
    for message in reversed(request.messages):
        for image in (*message.images, *(image for answer in message.answers for image in answer.images)):
            if image in found:
                continue
            if len(found) == SHOWN or image.size > left:
                return tuple(found)
            found[image] = None
            left -= image.size
    return tuple(found)


def _read(images: tuple[Image, ...], pictures: Pictures) -> dict[str, bytes]:
    read: dict[str, bytes] = {}
    for image in images:
        try:
            read[image.hash] = pictures.read(image)
        except NotFound:
            continue
    return read
