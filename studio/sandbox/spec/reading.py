"""What a commit says about its sandboxes: its files read in their order, devcontainer.json before a Dockerfile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from studio.base.aio import in_thread
from studio.sandbox.plan import Refused
from studio.sandbox.spec.devcontainer import PLACES, read_devcontainer
from studio.sandbox.spec.dockerfile import Dockerfile, read_dockerfile
from studio.sandbox.spec.wanted import UNFORESEEN, Build, Unreadable, Wanted

_DOCKERFILE = "Dockerfile"

ReadText = Callable[[tuple[str, ...]], Awaitable[dict[str, str]]]
"""The texts of those of these files that a commit has. Raises Unreadable for one that is none."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What there is to start from, in order, and what holds whichever of these it becomes.

    `settings` is devcontainer.json, if it could be read, for its environment, commands and ports.
    """

    sources: tuple[Wanted, ...] = ()
    settings: Wanted | None = None
    refused: tuple[Refused, ...] = ()


async def read_spec(read: ReadText) -> Spec:
    """Reads and judges; an unusable file is told of in `refused`, and the next one is asked."""
    refused: list[Refused] = []
    sources: list[Wanted] = []
    settings = None
    try:
        found = await read(PLACES)
        if path := next((place for place in PLACES if place in found), ""):
            settings = await in_thread(_settings, found[path], path)
            refused += settings.refused
            if settings.image or settings.build or settings.features:
                sources.append(await _with_dockerfile(read, settings))
    except Unreadable as error:
        refused.append(error.refused)
    try:
        if text := (await read((_DOCKERFILE,))).get(_DOCKERFILE):
            sources += await in_thread(_own, text, refused)
    except Unreadable as error:
        refused.append(error.refused)
    return Spec(tuple(sources), settings, tuple(refused))


def _settings(text: str, path: str) -> Wanted:
    """What a devcontainer.json says. Raises Unreadable."""
    try:
        return read_devcontainer(text, path)
    except Unreadable:
        raise
    except UNFORESEEN as error:
        raise Unreadable(f"{path} cannot be read: a value of it is none that Studio knows.", "Correct it.") from error


async def _with_dockerfile(read: ReadText, wanted: Wanted) -> Wanted:
    """`wanted` with what its Dockerfile copies. Raises Unreadable when that may not be built."""
    if wanted.build is None:
        return wanted
    text = (await read((wanted.build.dockerfile,))).get(wanted.build.dockerfile)
    if text is None:
        raise Unreadable(f"{wanted.origin} names {wanted.build.dockerfile}, which is not in the repository.")
    dockerfile = await in_thread(read_dockerfile, text, wanted.build.args)
    _require(dockerfile)
    return replace(wanted, copied=dockerfile.copied, build=replace(wanted.build, text=text, bases=dockerfile.images))


def _own(text: str, refused: list[Refused]) -> list[Wanted]:
    """What the project's own Dockerfile makes: of several stages, the one to be worked in."""
    dockerfile = read_dockerfile(text)
    _require(dockerfile)
    stage = dockerfile.development_stage
    if len(dockerfile.stages) > 1 and not stage:
        refused.append(
            Refused(
                "The Dockerfile has several stages and none of them is named dev, so its image is not used: the last "
                "stage of such a one is made to be shipped.",
                "Name the stage to be worked in `dev`, or write .devcontainer/devcontainer.json.",
            )
        )
        return []
    build = Build(_DOCKERFILE, target=stage, text=text, bases=dockerfile.images)
    return [Wanted(_DOCKERFILE, build=build, copied=dockerfile.copied)]


def _require(dockerfile: Dockerfile) -> None:
    if dockerfile.refused:
        first = dockerfile.refused[0]
        more = len(dockerfile.refused) - 1
        raise Unreadable(first.sentence + (f" {more} more lines are refused as well." if more else ""), first.action)
