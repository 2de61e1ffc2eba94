"""Images that models look at: what they are by their own bytes, and how many may be shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Self

from studio.domain.errors import UserError

IMAGE_BYTES = 3_500_000
"""How large one image may be: every provider takes so much, also in base64."""

IMAGE_SIDE = 8000
"""How many pixels it may have in either direction."""

IMAGES_TOGETHER = 8
"""How many one message or one result may hold."""

AGENTS_BYTES = 500_000_000
"""How much the images of one project may take before no agent adds another: a program makes them without end."""

_HEX = re.compile(r"[0-9a-f]{64}")
_MOST_TOKENS = 1600
_PIXELS_PER_TOKEN = 750
_JPEG_MARKERS = 512


class ImageType(StrEnum):
    """The kinds of images there are, by their media type."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    GIF = "image/gif"
    WEBP = "image/webp"

    @property
    def label(self) -> str:
        """The kind's name for people."""
        return {ImageType.WEBP: "WebP"}.get(self, self.value.removeprefix("image/").upper())


@dataclass(frozen=True, slots=True)
class Image:
    """One image without its bytes: `hash` (SHA-256) names exactly those; width and height are what its header says.

    As text it is one line, which is what the event log holds.
    """

    hash: str
    type: ImageType
    size: int
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads what `str` gives. Raises ValueError for anything else."""
        name, kind, size, sides = text.split(" ")
        width, _, height = sides.partition("x")
        if not _HEX.fullmatch(name):
            raise ValueError(f"{name[:80]!r} names no content")
        return cls(name, ImageType(kind), int(size), int(width), int(height))

    def __str__(self) -> str:
        return f"{self.hash} {self.type.value} {self.size} {self.width}x{self.height}"

    @property
    def about(self) -> str:
        """The image in a few words."""
        return f"{self.type.label} image, {self.width}×{self.height}"

    @property
    def tokens(self) -> int:
        """About how many tokens it takes of a model's context."""
        return min(_MOST_TOKENS, self.width * self.height // _PIXELS_PER_TOKEN + 1)


def image_type(data: bytes) -> ImageType | None:
    """The kind of image that these bytes begin, whatever their file is called; None when they are none."""
    return next((kind for kind, looks_like, _ in _KINDS if looks_like(data)), None)


def image_of(data: bytes, name: str = "The image") -> Image:
    """The image these bytes are, read from its header alone: nothing of it is decoded.

    Raises UserError, beginning with `name`, for what is no image that can be shown.
    """
    row = next((row for row in _KINDS if row[1](data)), None)
    if row is None:
        raise UserError(f"{name} is no PNG, JPEG, GIF or WebP image.", "Convert it to PNG first.")
    kind, (width, height) = row[0], _measured(row[2], data)
    if not width or not height:
        raise UserError(f"{name} begins like a {kind.label} image but is not a whole one.", "Make it anew.")
    if len(data) > IMAGE_BYTES:
        most = f"{IMAGE_BYTES / 1e6:g} MB are the most a model is shown"
        raise UserError(f"{name} has more than {IMAGE_BYTES:,} bytes; {most}.", "Make a smaller copy of it.")
    if max(width, height) > IMAGE_SIDE:
        most = f"{IMAGE_SIDE} in either direction are the most a model is shown"
        raise UserError(f"{name} has {width}×{height} pixels; {most}.", "Make a smaller copy of it.")
    return Image(sha256(data).hexdigest(), kind, len(data), width, height)


Measure = Callable[[bytes], tuple[int, int]]


def _measured(measure: Measure, data: bytes) -> tuple[int, int]:
    """Width and height; zeros when the header ends too early."""
    try:
        return measure(data)
    except IndexError:
        return 0, 0


def _png(data: bytes) -> tuple[int, int]:
    return (_big(data, 16, 4), _big(data, 20, 4)) if data[12:16] == b"IHDR" else (0, 0)


def _gif(data: bytes) -> tuple[int, int]:
    return _little(data, 6, 2), _little(data, 8, 2)


def _webp(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8 ":
            return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
        case b"VP8L":
            bits = _little(data, 21, 4)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
    return 0, 0


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walks from marker to marker to the frame header, which stands before any pixel."""
    at = 2
    for _ in range(_JPEG_MARKERS):
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        marker = data[at + 1]
        if data[at] != 0xFF or marker == 0xDA:
            break
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(data, at + 7, 2), _big(data, at + 5, 2)
        at += 2 + (0 if 0xD0 <= marker <= 0xD7 or marker == 0x01 else max(2, _big(data, at + 2, 2)))
    return 0, 0


def _big(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(_slice(data, at, count), "big")


def _little(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(_slice(data, at, count), "little")


def _slice(data: bytes, at: int, count: int) -> bytes:
    if len(data) < at + count:
        raise IndexError(at)
    return data[at : at + count]


_KINDS: tuple[tuple[ImageType, Callable[[bytes], bool], Measure], ...] = (
    (ImageType.PNG, lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    (ImageType.JPEG, lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg),
    (ImageType.GIF, lambda data: data.startswith((b"GIF87a", b"GIF89a")), _gif),
    (ImageType.WEBP, lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", _webp),
)
"""What each kind's bytes begin with, and where its header says how large it is."""
