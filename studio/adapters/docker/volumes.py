"""Named volumes by way of the Docker SDK; every function blocks, and the engine calls them off the loop."""

from __future__ import annotations

from collections.abc import Mapping

from docker import APIClient

from studio.domain.errors import PolicyRefused


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
