"""What lies on the engine's disk, by way of the Docker SDK; the calls block, and the engine makes them off the loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker import APIClient
from docker.errors import NotFound

from studio.contracts.containers import DiskUse, ImageState, VolumeState


def volumes(api: APIClient, labels: Mapping[str, str]) -> tuple[VolumeState, ...]:
    """All named volumes that carry all these labels."""
    rows = api.volumes(filters=_wanted(labels)).get("Volumes") or ()
    return tuple(VolumeState(str(row["Name"]), row.get("Labels") or {}) for row in rows)


def remove_volume(api: APIClient, name: str) -> None:
    """Deletes a volume that no container uses; one that is gone already is no error."""
    try:
        api.remove_volume(name)
    except NotFound:
        return


def image_states(api: APIClient, labels: Mapping[str, str]) -> tuple[ImageState, ...]:
    """All local images that carry all these labels."""
    rows = api.images(filters=_wanted(labels))
    return tuple(
        ImageState(
            id=str(row["Id"]),
            tags=tuple(tag for tag in row.get("RepoTags") or () if not tag.startswith("<none>")),
            bytes=_count(row.get("Size")),
            labels=row.get("Labels") or {},
            created=float(_count(row.get("Created"))),
        )
        for row in rows
    )


def remove_image(api: APIClient, image: str) -> None:
    """Deletes an image with all its names; the engine refuses it for one that a container uses."""
    try:
        names = api.inspect_image(image).get("RepoTags") or [image]
        # By name, one after the other: an id with several names is refused, and force would take more than was meant.
        for name in names:
            api.remove_image(name)
    except NotFound:
        return


def disk_use(said: Mapping[str, Any]) -> DiskUse:
    """The engine's own count, in Studio's words; an engine that leaves a size out has none of it counted."""
    return DiskUse(
        containers={str(row["Id"]): _count(row.get("SizeRw")) for row in said.get("Containers") or ()},
        images={str(row["Id"]): _count(row.get("Size")) for row in said.get("Images") or ()},
        volumes={
            str(row["Name"]): _count((row.get("UsageData") or {}).get("Size")) for row in said.get("Volumes") or ()
        },
        layers=_count(said.get("LayersSize")),
    )


def _wanted(labels: Mapping[str, str]) -> dict[str, list[str]]:
    return {"label": [f"{name}={value}" if value else name for name, value in labels.items()]} if labels else {}


def _count(said: object) -> int:
    return said if isinstance(said, int) and said > 0 else 0
