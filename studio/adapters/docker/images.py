"""Images by way of the Docker SDK; every function blocks, and the engine calls them off the loop."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.api.build import process_dockerfile
from docker.errors import ImageNotFound
from docker.utils import parse_repository_tag, tar

from studio.contracts.containers import BuildOptions, ImageFacts
from studio.domain.errors import EngineError
from studio.domain.log_lines import uncoloured

_PERIOD = 100_000
"""Microseconds of which a share of the processors is given."""

_OF_THE_BUILDER = (" --->", "Removing intermediate container")


def image_id(api: APIClient, tag: str) -> str | None:
    """The content id of a local image, or None."""
    try:
        return str(api.inspect_image(tag)["Id"])
    except ImageNotFound:
        return None


def image_facts(api: APIClient, tag: str) -> ImageFacts | None:
    """What a local image says of itself, or None."""
    try:
        found = api.inspect_image(tag)
    except ImageNotFound:
        return None
    said = found.get("Config") or {}
    return ImageFacts(
        id=str(found["Id"]),
        user=str(said.get("User") or ""),
        env=dict(variable.partition("=")[::2] for variable in said.get("Env") or ()),
        volumes=tuple(sorted(said.get("Volumes") or ())),
        labels=dict(said.get("Labels") or {}),
        on_build=tuple(str(step) for step in said.get("OnBuild") or ()),
    )


def build(
    api: APIClient,
    context: Path,
    dockerfile: str,
    tag: str,
    on_line: Callable[[str], None],
    labels: Mapping[str, str] | None,
    options: BuildOptions,
) -> None:
    """Builds an image with a client that does nothing else; a failed step's last words become the error."""
    if options.cpus:
        # The SDK has no word for it.
        api.params = {"cpuperiod": _PERIOD, "cpuquota": int(options.cpus * _PERIOD)}
    # With swap of the same size as memory there is none besides.
    memory = {"memory": options.memory_bytes, "memswap": options.memory_bytes} if options.memory_bytes else {}
    named = process_dockerfile(dockerfile, str(context))
    # Packed here, as the SDK leaves its file open when the engine does not take it.
    with tar(str(context), exclude=_ignored_files(context), dockerfile=named) as packed:
        progress = api.build(
            fileobj=packed,
            custom_context=True,
            dockerfile=named[0],
            tag=tag,
            rm=True,
            forcerm=True,
            decode=True,
            timeout=options.seconds,
            labels=dict(labels or {}),
            buildargs=dict(options.args),
            target=options.target or None,
            network_mode=options.network,
            container_limits=memory,
        )
        _follow(progress, on_line, "building the sandbox image")


def _ignored_files(context: Path) -> list[str]:
    """The patterns of what is not sent to the engine."""
    try:
        lines = (context / ".dockerignore").read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def import_root(api: APIClient, archive: Path, tag: str) -> None:
    """Makes an image out of a tar of a root file system, read as it is sent."""
    name, _, version = tag.partition(":")
    with archive.open("rb") as source:
        # In pieces, because the SDK's headers promise pieces and a plain file would be sent whole.
        pieces = iter(partial(source.read, 1 << 20), b"")
        answer = api.import_image_from_stream(pieces, repository=name, tag=version or "latest")
    if '"error' in str(answer):
        raise EngineError(f"The container engine could not import the base image: {str(answer)[:500]}")


def load(api: APIClient, archive: Path) -> None:
    """Loads a tar that `save` wrote."""
    with archive.open("rb") as source:
        _follow(api.load_image(source) or (), _ignored, "loading the sandbox image")


def save(api: APIClient, tag: str, archive: Path) -> None:
    """Writes an image to a tar, in whole or not at all."""
    part = archive.with_name(f".{archive.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as target:
            for piece in api.get_image(tag, chunk_size=1 << 20):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        part.replace(archive)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def pull(api: APIClient, tag: str) -> None:
    """Fetches an image from its registry."""
    name, version = parse_repository_tag(tag)
    _follow(api.pull(name, tag=version or "latest", stream=True, decode=True), _ignored, "pulling an image")


def _follow(progress: Iterable[dict[str, Any]], on_line: Callable[[str], None], doing: str) -> None:
    last, why = "", ""
    # To the end, also behind an error, so that the engine's connection is free again.
    for entry in progress:
        # The builder reddens what a step says on stderr.
        for line in uncoloured(str(entry.get("stream") or entry.get("status") or "")).splitlines():
            if line.strip() and not why:
                # What the builder says of itself is not what went wrong.
                last = last if line.startswith(_OF_THE_BUILDER) else line.strip()
                on_line(line.rstrip())
        why = why or str(entry.get("error", "")).strip().rstrip(".")
    if why:
        before = f" Just before: {last[:200].rstrip('.')}." if last else ""
        raise EngineError(
            f"{doing.capitalize()} failed: {why}.{before}", "See every step and try again: studio image build"
        )


def _ignored(line: str) -> None:
    """Takes progress that nobody reads."""
