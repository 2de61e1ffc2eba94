"""Checks: what doctor says, and those of the container engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from studio.base.aio import in_thread
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.engines import isolation_words
from studio.domain.errors import StudioError
from studio.sandbox.folders import Folders, has_own_users, is_here

ANSWER_SECONDS = 5.0
"""So long an engine has to answer somebody who only asks what is missing."""

_CONTAINERS = "For stronger walls install a container engine: sudo apt install docker.io"
_UNSEEN = "it does not see this machine's folders"
_MAPPED = "programs in its containers are other users than you and may not write yours"
_COUNTED = "Docker counts them: use it for a project whose Dockerfile you do not trust (setting container_engine)."


@dataclass(frozen=True, slots=True)
class Check:
    """One line: whether it is well, what was found, and the one next action when it is not.

    A check that is not `needed` may fail and agents still run.
    """

    name: str
    ok: bool
    sentence: str
    action: str = ""
    needed: bool = True


async def engine_checks(engine: SandboxEngine, others: Callable[[], tuple[str, ...]]) -> AsyncIterator[Check]:
    """Which engine is used, why that one, how strong its walls are, and what is known against its version."""
    found = await in_thread(others)
    besides = f" There is also {', '.join(found)}: choose with the setting container_engine." if found else ""
    try:
        # One that hangs would keep everything else that is asked of it waiting for a minute.
        await engine.ping(ANSWER_SECONDS)
        info = await engine.info()
    except StudioError as error:
        yield Check("container engine", False, f"{error.sentence}{besides}", error.action)
        return
    if engine.weaker:
        words = f"{info.name} {info.version} stands in for one: weaker walls, no images or services of a project."
        yield Check("container engine", True, words, _CONTAINERS)
        if info.unbounded:
            yield Check("engine bounds", False, info.unbounded, "A container engine bounds all of it.", needed=False)
        return
    named = f" at {info.address}, named by {info.origin}" if info.origin else ""
    words = f"{info.name} {info.version}{named}. Isolation: {isolation_words(info.isolation)}.{besides}"
    yield Check("container engine", True, words)
    if info.holes:
        yield Check("engine version", False, " ".join(info.holes), "Update the container engine.", needed=False)
    else:
        yield Check("engine version", True, "Nothing is known against it.", needed=False)
    if info.unbounded:
        yield Check("engine bounds", False, info.unbounded, _COUNTED, needed=False)


async def files_check(engine: SandboxEngine, folders: Folders, image: str) -> Check | None:
    """How agents' files come to an engine that is not plainly on this machine; None where they are simply mounted.

    The sandbox image is there, with which it is tried.
    """
    try:
        await engine.ping(ANSWER_SECONDS)
        info = await engine.info()
        mapped = has_own_users(info)
        if is_here(info) and not mapped:
            return None
        seen = await folders.are_mounted(image)
    except StudioError as error:
        return Check("files", False, error.sentence, error.action)
    if seen:
        return Check("files", True, "The container engine sees this machine's folders: agents' files are mounted.")
    return Check(
        "files",
        True,
        f"Agents' files are carried to the container engine and home again, as {_MAPPED if mapped else _UNSEEN}. "
        "Not there: sandboxes that wait ready in advance, and services that mount files of the repository. Nobody "
        "watches how much disk is free over there.",
    )
