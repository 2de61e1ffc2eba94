"""Pictures: the bytes of a project's images, each once, by its content."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from studio.domain.errors import NotFound, StoreError, UserError
from studio.domain.images import IMAGE_BYTES, Image, image_of


class Pictures:
    """The one owner of the images that messages and results of one project hold; the log has their names only.

    What is here was recognised by its bytes and is never changed. All calls block.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes, name: str = "The image", most: int | None = None) -> Image:
        """Keeps an image, once however often it comes; it is on the disk when this returns.

        Raises UserError, beginning with `name`, for what is no image that can be shown or when so many bytes are kept
        already as may be at most, and StoreError.
        """
        image = image_of(data, name)
        target = self._folder / image.hash
        if target.exists():
            return image
        if most is not None and self._bytes() + image.size > most:
            sentence = f"{name} cannot be shown: the images of this project take {most:,} bytes, which are the most."
            raise UserError(sentence, "Go on without it.")
        scratch = self._folder / f".{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(target)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise StoreError(f"The image could not be kept in the data folder: {error.strerror}.") from error
        return image

    def _bytes(self) -> int:
        try:
            with os.scandir(self._folder) as entries:
                return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)
        except FileNotFoundError:
            return 0

    def read(self, image: Image) -> bytes:
        """Its bytes. Raises NotFound when they are gone, or are no longer what they were."""
        try:
            with (self._folder / image.hash).open("rb") as file:
                data = file.read(IMAGE_BYTES + 1)
        except OSError as error:
            raise NotFound("The image is no longer in the data folder.") from error
        if len(data) != image.size:
            raise NotFound("The image in the data folder is not whole any more.")
        return data
