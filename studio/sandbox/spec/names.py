"""Names of images and paths that a project's files may use."""

from __future__ import annotations

import posixpath
import re

from studio.domain.network import host_name

LONGEST_PATH = 1000
"""So many characters of a path are followed; an engine's or Git's own bound is not met so."""

_IMAGE = re.compile(
    r"[a-z0-9][a-z0-9.-]*(?::\d+)?(?:/[a-z0-9._-]+)*(?:[:][\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?", re.ASCII
)
# An engine takes the first letters of an id for it as well, where nothing has that name.
_CONTENT_ID = re.compile(r"(?:sha256:)?[0-9a-f]{1,64}")
_OURS = re.compile(r"(?:(?:(?:index|registry-1)\.)?docker\.io/)?(?:library/)?studio-(?!base:|sandbox:)")
_PUBLIC_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_OF_A_SITE = frozenset(
    "arpa corp example home internal intranet invalid lan local localdomain localhost onion private test".split()  # noqa: SIM905
)


def why_not_image(name: str) -> str:
    """Why a project's file may not name this image, of which the engine fetches what is not here; empty when it may."""
    if _CONTENT_ID.fullmatch(name):
        return "may be the id of an image on this machine, not a name"
    if len(name) > 300 or not _IMAGE.fullmatch(name):
        return "is no name of an image"
    # An image that Studio built for another project holds that project's files.
    if (ours := _OURS.match(name)) is not None:
        is_own = name[ours.end() :] in ("base", "sandbox")
        return "is Studio's own, and named with its tag" if is_own else "is an image that Studio made for a project"
    # The engine asks a registry from this machine's own network, past every wall of a sandbox.
    host, _, port = registry_of(name).partition(":")
    if host and (not _PUBLIC_HOST.fullmatch(host) or host.rpartition(".")[2] in _OF_A_SITE):
        return f"is of {host}, and a project's file may name public registries only, by their names"
    if host and (host_name(host) is None or (port and not 0 < int(port) < 65536)):
        return f"is of {registry_of(name)}, which can be no registry"
    return ""


def registry_of(image: str) -> str:
    """The registry that an image's name begins with, as engines read it; empty for the one that they ask by default."""
    first, slash, _ = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else ""


def inside(folder: str, path: str) -> str | None:
    """`path`, relative to `folder` of the repository, as a path from its top; None when it leads out of it."""
    if path.startswith("/") or "\0" in path or "\\" in path or len(path) > LONGEST_PATH:
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined == ".":
        return ""
    return None if joined.startswith("../") or joined == ".." else joined
