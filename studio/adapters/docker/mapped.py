"""The engine's errors in Studio's words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from docker.errors import APIError, BuildError, DockerException, ImageNotFound, NotFound
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import RequestException, Timeout

from studio.adapters.docker.find import Endpoint
from studio.domain.errors import EngineError, EngineGone

_START_DOCKER, _INSTALL_DOCKER = (
    "Start Docker: sudo systemctl start docker",
    "Install Docker: sudo apt install docker.io",
)
_SCHEMES = ("unix", "http+unix", "tcp", "http", "https", "ssh")
_VARIABLE = "DOCKER_HOST"
_STARTS = {
    "ssh://": "Log in on that machine and start it there: sudo systemctl start docker",
    ".colima/default/": "Start it: colima start",
    ".colima/": "Start it: colima start PROFILE, and see colima list",
    ".orbstack/": "Start it: orb start",
    "podman/podman.sock": "Let it listen: systemctl --user start podman.socket (or sudo systemctl start podman.socket)",
    "podman": "Start its machine: podman machine start",
    ".docker/": "Start Docker Desktop.",
}
"""What to do about an engine that does not answer, by a word of its address."""

_MISSING = {
    "container-init binary": "Install what Podman starts containers with, on its machine: apt install catatonit"
}
"""What an engine lacks, by a word of what it says."""


@contextmanager
def engine_errors(doing: str, endpoint: Endpoint) -> Iterator[None]:
    """Maps whatever the SDK raises within to EngineError; `doing` reads on after “while”."""
    try:
        yield
    except (DockerException, RequestException, OSError) as error:
        raise engine_error(error, doing, endpoint) from error


def engine_error(error: Exception, doing: str, endpoint: Endpoint) -> EngineError:
    """The one EngineError that says what `error` means for the person."""
    if endpoint.url.partition("://")[0] not in _SCHEMES:
        return no_address(endpoint)
    match error:
        case ImageNotFound():
            return EngineError(
                f"The sandbox image is missing ({_said(error)}).", "Send the message again: it is made first."
            )
        case NotFound():
            return EngineError(f"The container is gone ({_said(error)}).", "Send the message again.", retryable=True)
        case APIError() | BuildError():
            said = _said(error)
            action = next((action for word, action in _MISSING.items() if word in said), "")
            return EngineError(f"The container engine failed while {doing}: {said}", action)
        case Timeout():
            return EngineError(
                f"The container engine did not answer in time while {doing}.",
                "See whether it is busy or hung: docker info",
                retryable=True,
            )
    if _caused_by(error, PermissionError):
        return EngineError(
            f"You may not use the container engine at {endpoint}: permission denied.",
            "Join its group and log in again: sudo usermod -aG docker $USER",
        )
    if isinstance(error, RequestsConnectionError | OSError) or _caused_by(error, OSError):
        return no_engine(endpoint)
    return EngineError(f"The container engine failed while {doing}: {error}")


def no_engine(endpoint: Endpoint) -> EngineGone:
    """Nothing answers there."""
    start = _START_DOCKER if shutil.which("dockerd") else _INSTALL_DOCKER
    action = next((action for word, action in _STARTS.items() if word in str(endpoint)), start)
    if endpoint.origin == _VARIABLE:
        action = f"{_VARIABLE} says to look there: start it, or unset {_VARIABLE} to use the one of this machine."
    return EngineGone(f"No container engine answers at {endpoint}.", action)


def no_address(endpoint: Endpoint) -> EngineError:
    """Nothing could be there."""
    named = f" (from {endpoint.origin})" if endpoint.origin else ""
    return EngineError(
        f"{endpoint}{named} is no address of a container engine.",
        "Use one that begins with unix://, tcp:// or ssh://, or name none to use the one of this machine.",
    )


def _said(error: Exception) -> str:
    return str(getattr(error, "explanation", None) or getattr(error, "msg", None) or error)[:500]


def _caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    """Whether `kind` is anywhere behind `error`: the SDK wraps the operating system's errors several layers deep."""
    seen: list[BaseException] = [error]
    for one in seen:
        if isinstance(one, kind):
            return True
        wrapped = [arg for arg in one.args if isinstance(arg, BaseException)]
        behind = [*wrapped, one.__cause__, one.__context__]
        seen += [link for link in behind if link is not None and link not in seen and len(seen) < 50]
    return False
