"""The life of a container by way of the Docker SDK; every function blocks, and the engine calls them off the loop."""

from __future__ import annotations

import math
from typing import Any

from docker import APIClient
from docker.errors import APIError
from docker.utils import version_gte

from studio.adapters.docker.readings import stats_reading, two_samples
from studio.contracts.containers import ContainerStats

_CONFLICT = 409
_LOG_BYTES = 1 << 20


def pause(api: APIClient, container: str) -> None:
    """Freezes a container; one that is frozen already is left so."""
    try:
        api.pause(container)
    except APIError as error:
        if error.status_code != _CONFLICT or not _state(api, container)["Paused"]:
            raise


def unpause(api: APIClient, container: str) -> None:
    """Lets a frozen container go on; one that runs is left so."""
    try:
        api.unpause(container)
    except APIError:
        # Engines differ in the status that they give to a container that is not frozen.
        state = _state(api, container)
        if state["Paused"] or not state["Running"]:
            raise


def stop(api: APIClient, container: str, grace: float) -> None:
    """Ends what runs in a container, with force after `grace` seconds; a frozen one is let go on for that."""
    if _state(api, container)["Paused"]:
        unpause(api, container)
    api.stop(container, timeout=math.ceil(grace))


def stats(api: APIClient, container: str, *, at_once: bool) -> ContainerStats:
    """One reading; with `at_once` the engine does not wait for a second sample, where it knows that wish."""
    if at_once and version_gte(api.api_version, "1.41"):
        return stats_reading(api.stats(container, stream=False, one_shot=True))
    return stats_reading(two_samples(api, container))


def logs(api: APIClient, container: str, lines: int) -> bytes:
    """The last lines of a container's own program, cut at the front where they are too much."""
    if not is_logged(api, container):
        return b""
    said: bytes = api.logs(container, stdout=True, stderr=True, tail=lines)
    return said[-_LOG_BYTES:]


def is_logged(api: APIClient, container: str) -> bool:
    """Whether what its own program says is kept at all."""
    return bool(api.inspect_container(container)["HostConfig"]["LogConfig"]["Type"] != "none")


def exit_code(api: APIClient, container: str) -> int | None:
    """How a container's own program ended; None while it runs, or waits to be started."""
    state: dict[str, Any] = api.inspect_container(container)["State"]
    return int(state["ExitCode"]) if state["Status"] in ("exited", "dead") else None


def _state(api: APIClient, container: str) -> dict[str, bool]:
    state: dict[str, bool] = api.inspect_container(container)["State"]
    return state
