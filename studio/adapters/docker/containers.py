"""Containers by way of the Docker SDK; every function blocks, and the engine calls them off the loop."""

from __future__ import annotations

from docker import APIClient
from docker.errors import APIError, NotFound

from studio.adapters.docker.pod import require_own_pod
from studio.adapters.docker.podman import Podman, capabilities
from studio.adapters.docker.policy import create_body, differences, refusal_action
from studio.contracts.containers import ContainerSpec
from studio.domain.errors import PolicyRefused

_BEING_REMOVED = 409


def start(api: APIClient, spec: ContainerSpec, engine: Podman | None = None) -> str:
    """Creates a container, compares it with `spec` and starts it. Raises PolicyRefused, with the container removed."""
    # By its id: whoever may build images can give a name to another one at any time.
    image = str(api.inspect_image(spec.image)["Id"])
    require_own_pod(api, spec)
    body = create_body(spec, image)
    wanted = engine.asked(body) if engine is not None else body
    container = str(api.create_container_from_config(wanted, spec.name)["Id"])
    try:
        inspected = api.inspect_container(container)
        if engine is not None:
            inspected = engine.told(body, inspected, capabilities(api, container))
        found = differences(spec, image, inspected)
        if found:
            raise PolicyRefused(
                f"The container engine did not build the sandbox as asked, so it was not started: {'; '.join(found)}",
                refusal_action(found, rootless_podman=engine is not None and engine.rootless),
            )
        api.start(container)
    except BaseException:
        remove(api, container)
        raise
    return container


def exec_create(api: APIClient, container: str, argv: tuple[str, ...], *, tty: bool) -> str:
    """Prepares a program as the container's own user; its id."""
    made = api.exec_create(container, list(argv), stdin=True, stdout=True, stderr=True, tty=tty)
    return str(made["Id"])


def remove(api: APIClient, container: str) -> None:
    """Kills and deletes a container; one that is gone, or on its way, is no error."""
    try:
        api.remove_container(container, v=True, force=True)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != _BEING_REMOVED:
            raise
