"""Unsent images: what is attached to messages that were not sent yet, kept beside their drafts."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Lock

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from studio.base.aio import in_thread
from studio.domain.errors import UserError
from studio.domain.images import IMAGE_BYTES, image_of
from studio.ui.bridge import Bridge
from studio.ui.chat.attachments import small_picture

Attached = tuple[bytes, QImage]
"""An image and its thumbnail."""

_log = logging.getLogger("studio.window")


class UnsentImages(QObject):
    """Images by the key of a draft; without a folder they are kept only as long as the window is there.

    The folder is read and written beside the window's thread, one call at a time.
    """

    def __init__(self, bridge: Bridge | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._folder: Path | None = None
        self._images: dict[str, tuple[bytes, ...]] = {}
        self._unsaved: set[str] = set()
        self._lock = Lock()

    def use(self, folder: Path) -> None:
        """Keeps them there from now on, so that the next window has them too."""
        self._folder = folder

    def put(self, key: str, images: tuple[bytes, ...]) -> None:
        """Takes the place of what was attached before."""
        if self._images.get(key) == images:
            return
        self._images[key] = images
        self._unsaved.add(key)
        if self._bridge is not None:
            self._bridge.call(lambda _studio: in_thread(self._save, key))

    def let_go(self, key: str, images: tuple[bytes, ...]) -> None:
        """These were sent; what is not in the window yet was not among them, and stays where it is kept."""
        if key not in self._images:
            return
        self.put(key, tuple(image for image in self._images.get(key, ()) if image not in images))

    async def get(self, key: str) -> tuple[Attached, ...]:
        """What is attached, in the order in which it came; to be awaited on the engine's loop."""
        return await in_thread(self._get, key)

    def save(self) -> None:
        """Writes down now what is not written yet; the window is about to go."""
        for key in tuple(self._unsaved):
            self._save(key)

    def _get(self, key: str) -> tuple[Attached, ...]:
        with self._lock:
            images = self._images.get(key)
            if images is None:
                images = self._images[key] = _read(self._folder / key) if self._folder is not None else ()
        return tuple((image, small_picture(image)) for image in images)

    def _save(self, key: str) -> None:
        with self._lock:
            if self._folder is None or key not in self._unsaved:
                return
            self._unsaved.discard(key)
            try:
                _write(self._folder / key, self._images[key])
            except OSError:
                # They are still in the window, and can be sent.
                _log.exception("unsent_images_not_kept")


def _read(folder: Path) -> tuple[bytes, ...]:
    """The images of a folder; what is spoilt is none of them."""
    try:
        files = sorted(file for file in folder.iterdir() if file.name.isdigit())
    except OSError:
        return ()
    return tuple(data for data in map(_image, files) if data)


def _image(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(IMAGE_BYTES + 1)
        image_of(data)
    except (OSError, UserError):
        return b""
    return data


def _write(folder: Path, images: tuple[bytes, ...]) -> None:
    """For this person's eyes only, each in whole or not at all."""
    if images:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number, data in enumerate(images):
        scratch = folder / f"{number}.tmp"
        with open(scratch, "wb", opener=_private) as opened:
            opened.write(data)
        scratch.replace(folder / f"{number:03}")
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if not file.name.isdigit() or int(file.name) >= len(images):
            file.unlink()
    if not images:
        folder.rmdir()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
