"""Names of images and paths that a project's files may use."""

from __future__ import annotations

import posixpath
import re

_IMAGE = re.compile(
    r"[a-z0-9][a-z0-9.-]*(?::\d+)?(?:/[a-z0-9._-]+)*(?:[:][\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?", re.ASCII
)
_CONTENT_ID = re.compile(r"(?:sha256:)?[0-9a-f]{12,64}")
_OURS = re.compile(r"studio-(?!base:|sandbox:)")


def why_not_image(name: str) -> str:
    """Why a project's file may not start from the image of this name; empty when it may."""
    if _CONTENT_ID.fullmatch(name):
        return "is the id of an image on this machine, not a name"
    if len(name) > 300 or not _IMAGE.fullmatch(name):
        return "is no name of an image"
    # An image that Studio built for another project holds that project's files.
    return "is an image that Studio made for a project" if _OURS.match(name) else ""


def inside(folder: str, path: str) -> str | None:
    """`path`, relative to `folder` of the repository, as a path from its top; None when it leads out of it."""
    if path.startswith("/") or "\0" in path or "\\" in path:
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined == ".":
        return ""
    return None if joined.startswith("../") or joined == ".." else joined
