"""Named volumes by way of the Docker SDK; every function blocks, and the engine calls them off the loop."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

from docker import APIClient
from docker.errors import APIError

from studio.adapters.docker.podman import Podman
from studio.base.log import logger
from studio.domain.errors import PolicyRefused

log = logger("sandbox")

_FOLDER = "studio-volume"
"""Where a volume that is given away is seen, directly in the root."""


def create(api: APIClient, name: str, labels: Mapping[str, str]) -> None:
    """Makes a volume, or finds the one that is there to be ours. Raises PolicyRefused for anybody else's."""
    # The engine answers with the volume that is there, whatever was asked for.
    api.create_volume(name, driver="local", labels=dict(labels))
    found = api.inspect_volume(name)
    had = (found.get("Labels") or {}).items()
    foreign = [label for label in labels.items() if label not in had]
    # A local volume with options can lead to any folder of the machine.
    if found.get("Driver") != "local" or found.get("Options") or foreign:
        raise PolicyRefused(
            f"The volume {name} was not made by this Studio, so no sandbox is given it.",
            f"Look at it (docker volume inspect {name}), remove it, and try again.",
        )


def give(
    api: APIClient, name: str, image: str, user: str, labels: Mapping[str, str], engine: Podman | None = None
) -> None:
    """Makes a volume's own folder belong to `user` (`uid:gid`), by way of a container in which nothing runs.

    Podman makes a volume belong to the user of the first container that starts with it, where the image has no such
    folder; what is unpacked there beforehand does not reach the volume.
    """
    body = {
        "Image": image,
        "User": user,
        "Entrypoint": ["/nothing"],
        "Labels": dict(labels),
        "HostConfig": {
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "Mounts": [{"Type": "volume", "Source": name, "Target": f"/{_FOLDER}"}],
        },
    }
    container = str(api.create_container_from_config(body)["Id"])
    try:
        if engine is None:
            uid, _, gid = user.partition(":")
            api.put_archive(container, "/", _folder(int(uid), int(gid)))
            return
        try:
            api.start(container)
        except APIError as error:
            # Its program is not there, so that it always fails; whether the volume was given by then, its user sees.
            log.debug("volume_given", volume=name, said=str(error))
    finally:
        api.remove_container(container, v=True, force=True)


def _folder(uid: int, gid: int) -> bytes:
    """A tar of one empty folder; unpacked over one that is there it changes whose that is, and nothing else."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(_FOLDER)
        member.type, member.mode, member.uid, member.gid = tarfile.DIRTYPE, 0o755, uid, gid
        archive.addfile(member)
    return packed.getvalue()
