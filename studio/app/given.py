"""Given: files that a person drops on a message, or pastes, become references, text or images of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.base.text import shorten
from studio.domain.errors import UserError
from studio.domain.images import IMAGE_BYTES, image_of, image_type
from studio.domain.references import Reference, ReferenceKind

CHARACTERS = 16_000
"""How much of a text from outside the project goes into the message."""

MOST = 12


@dataclass(frozen=True, slots=True)
class Given:
    """`words` go into the message where the caret is, `images` beside it; each of `problems` is a sentence."""

    words: str = ""
    images: tuple[bytes, ...] = ()
    problems: tuple[str, ...] = ()


def read_given(checkout: Path, paths: Sequence[str]) -> Given:
    """Files of the checkout as references, images as their bytes, other text files as a bounded block of text."""
    words, images, problems = list[str](), list[bytes](), list[str]()
    for name in paths[:MOST]:
        path = Path(name)
        try:
            data = _read(path)
            if image_type(data) is not None:
                image_of(data, path.name)
                images.append(data)
            elif path.is_relative_to(checkout):
                words.append(Reference(ReferenceKind.FILE, path.relative_to(checkout).as_posix()).typed + " ")
            else:
                words.append(_block(path.name, data))
        except UserError as error:
            problems.append(f"{error.sentence} {error.action}".strip())
        except OSError as error:
            problems.append(f"{path.name} cannot be read: {error.strerror}.")
    if len(paths) > MOST:
        problems.append(f"{len(paths)} files are too many at once; the first {MOST} were taken.")
    return Given("".join(words), tuple(images), tuple(problems))


def _read(path: Path) -> bytes:
    """The beginning of a regular file; a device or a pipe is never waited for."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise UserError(f"{path.name} is no file.", "Drop the files that are meant one by one.")
        return file.read(IMAGE_BYTES + 1)


def _block(name: str, data: bytes) -> str:
    if b"\0" in data[:8192]:
        raise UserError(f"{name} is a binary file.", "An agent can be given text and images.")
    text = shorten(data.decode("utf-8", "replace"), CHARACTERS).strip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in text.split("\n") if set(run) == {"`"}), default=0))
    return f"\n{name}:\n{fence}\n{text}\n{fence}\n"
