"""Where the container engine listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docker.context import ContextAPI
from docker.errors import DockerException
from docker.tls import TLSConfig
from docker.utils import kwargs_from_env

from studio.domain.errors import EngineError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address such as `unix:///var/run/docker.sock` or `tcp://host:2376`, with TLS settings where it needs them."""

    url: str
    tls: TLSConfig | None = None

    @property
    def socket(self) -> Path | None:
        """The Unix socket behind the address, or None when it is a network address."""
        for scheme in ("unix://", "http+unix://"):
            if self.url.startswith(scheme):
                return Path("/" + self.url.removeprefix(scheme).lstrip("/"))
        return None


def find_endpoint(env: Mapping[str, str]) -> Endpoint:
    """The engine that `env` names, as Docker's own command line finds it, else the first usual socket.

    Raises EngineError when Docker's own configuration cannot be read.
    """
    try:
        named, context = _from_environment(env), _from_context(env)
    except (DockerException, OSError) as error:
        raise EngineError(
            f"The container engine's configuration cannot be read: {error}",
            "Look at DOCKER_HOST and at: docker context ls",
        ) from error
    if named is not None:
        return named
    if context is not None and (context.socket is None or context.socket.exists()):
        return context
    usual = next((path for path in _usual_sockets(env) if path.exists()), None)
    return Endpoint(f"unix://{usual}") if usual else context or Endpoint("unix:///var/run/docker.sock")


def _from_environment(env: Mapping[str, str]) -> Endpoint | None:
    if not env.get("DOCKER_HOST"):
        return None
    found = kwargs_from_env(environment=dict(env))
    return Endpoint(str(found["base_url"]), found.get("tls"))


def _from_context(env: Mapping[str, str]) -> Endpoint | None:
    found = ContextAPI.kwargs_from_context(environment=dict(env))
    if "base_url" in found:
        return Endpoint(str(found["base_url"]), found.get("tls"))
    if env.get("DOCKER_CONTEXT"):
        raise EngineError(f"Docker knows no context named {env['DOCKER_CONTEXT']}.", "See: docker context ls")
    return None


def _usual_sockets(env: Mapping[str, str]) -> tuple[Path, ...]:
    home = Path(env.get("HOME", "/nonexistent"))
    runtime = env.get("XDG_RUNTIME_DIR")
    own = (Path(runtime) / "docker.sock", Path(runtime) / "podman/podman.sock") if runtime else ()
    return (
        Path("/var/run/docker.sock"),
        *own,
        home / ".docker/run/docker.sock",
        home / ".orbstack/run/docker.sock",
        home / ".colima/default/docker.sock",
    )
