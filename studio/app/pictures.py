"""Images that come with a person's message."""

from __future__ import annotations

from studio.base.aio import in_thread
from studio.domain.errors import UserError
from studio.domain.images import IMAGES_TOGETHER
from studio.workspace.pictures import Pictures


async def keep_images(pictures: Pictures, images: tuple[bytes, ...]) -> tuple[str, ...]:
    """Keeps what comes with one message and gives the names that its event holds.

    Raises UserError that says which of them cannot be shown, and why.
    """
    if len(images) > IMAGES_TOGETHER:
        raise UserError(
            f"{len(images)} images are too many for one message; {IMAGES_TOGETHER} are the most.",
            "Send them in several messages.",
        )
    one = len(images) == 1
    return tuple(
        [
            str(await in_thread(pictures.keep, data, "The image" if one else f"Image {number}"))
            for number, data in enumerate(images, 1)
        ]
    )
