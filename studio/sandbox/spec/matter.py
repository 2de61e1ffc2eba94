"""Which files of a commit an image is made of, so that a change of any other does not make it anew."""

from __future__ import annotations

import re
from collections.abc import Mapping

from studio.sandbox.spec.names import inside
from studio.sandbox.spec.wanted import Wanted

_PLAIN = re.compile(r"[\w@%+=:,./-]+")


def what_matters(wanted: Wanted, files: Mapping[str, str]) -> list[list[str]]:
    """Each file that goes into the image with what names its content, in order.

    A source of a COPY that is not a plain path stands for all files of the context.
    """
    folders = [feature.folder for feature in wanted.features]
    exact: set[str] = set()
    if (build := wanted.build) is not None:
        exact = {build.dockerfile, _joined(build.context, ".dockerignore")}
        for source in wanted.copied:
            plain = _PLAIN.fullmatch(source) is not None
            place = inside(build.context, source.lstrip("/") or ".") if plain else build.context
            folders.append(build.context if place is None else place)
    return [[path, name] for path, name in sorted(files.items()) if path in exact or _within(path, folders)]


def _within(path: str, folders: list[str]) -> bool:
    return any(folder in ("", path) or path.startswith(f"{folder}/") for folder in folders)


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
