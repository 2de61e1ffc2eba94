"""Named folders, in place of a container engine's volumes. Everything here blocks."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from studio.adapters.bubblewrap.find import inside_user
from studio.contracts.containers import VolumeState
from studio.domain.errors import EngineError, PolicyRefused

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}")
_PROGRAMS = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
_REMOVAL_SECONDS = 600.0


class Volumes:
    """One folder for each name, with its labels in a file beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where that one lies. Raises PolicyRefused for what is no name."""
        if not _NAME.fullmatch(name):
            raise PolicyRefused(f"A volume cannot be named “{name}”.")
        return self._folder / name / "data"

    def create(self, name: str, labels: Mapping[str, str]) -> None:
        """Makes it, writable from inside. Raises PolicyRefused when one with other labels is there."""
        data = self.path(name)
        known = self._labels(name)
        if known is not None and not labels.items() <= known.items():
            raise PolicyRefused(f"The volume {name} is somebody else's.")
        if known is None:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            user = inside_user()
            if user is not None:
                os.chown(data, *user)
            (data.parent / "labels.json").write_text(json.dumps(dict(labels)), "utf-8")

    def all(self, labels: Mapping[str, str]) -> tuple[VolumeState, ...]:
        """Those that carry all these labels."""
        names = sorted(entry.name for entry in self._folder.iterdir()) if self._folder.is_dir() else []
        found = ((name, self._labels(name)) for name in names)
        return tuple(VolumeState(name, has) for name, has in found if has is not None and labels.items() <= has.items())

    def remove(self, name: str, in_use: frozenset[str] = frozenset()) -> None:
        """Deletes it, whatever was closed or nested in it; one that is gone already is no error.

        Raises EngineError, also for one of those `in_use`.
        """
        if name in in_use:
            raise EngineError(f"The volume {name} is in use by a sandbox.", "Close the run first.")
        folder = self.path(name).parent
        if os.path.lexists(folder):
            _remove(folder)

    def sizes(self) -> dict[str, int]:
        """The bytes of each."""
        return {one.name: _size(self.path(one.name)) for one in self.all({})}

    def _labels(self, name: str) -> dict[str, str] | None:
        with suppress(OSError, ValueError):
            found = json.loads((self._folder / name / "labels.json").read_text("utf-8"))
            return found if isinstance(found, dict) else None
        return None


def _remove(folder: Path) -> None:
    """The system's own `rm` walks folders of any depth, by descriptors, so that no link leads anywhere else."""
    commands = (("rm", "-rf"), ("chmod", "-R", "u+rwX"), ("rm", "-rf"))
    said = ""
    for command in commands:
        try:
            done = subprocess.run(
                [*command, "--", str(folder)],
                env=_PROGRAMS,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=_REMOVAL_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineError(f"The folder {folder} could not be removed: {error}", "Remove it by hand.") from error
        if not os.path.lexists(folder):
            return
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:][0] if done.stderr else ""
    raise EngineError(f"The folder {folder} could not be removed: {said or 'no reason given'}", "Remove it by hand.")


def _size(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
    return total
