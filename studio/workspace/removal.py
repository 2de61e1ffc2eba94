"""The removal of a workspace: files that an agent made, in folders it may have closed or nested without end."""

from __future__ import annotations

import os
from pathlib import Path

from studio.domain.errors import OutsideError
from studio.workspace.process import run_program


async def remove_tree(folder: Path) -> None:
    """Deletes `folder` and all below it; links are deleted, never followed. Raises OutsideError.

    The system's own `rm` does it: it walks folders of any depth without ever building a long path.
    """
    if not os.path.lexists(folder):
        return
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
    removal = ("rm", "-rf", "--", str(folder))
    finished = await run_program(removal, env=environment, timeout=600.0)
    if finished.exit_code != 0:
        await run_program(("chmod", "-R", "u+rwX", "--", str(folder)), env=environment, timeout=600.0)
        finished = await run_program(removal, env=environment, timeout=600.0)
    if os.path.lexists(folder):
        said = finished.stderr.splitlines()[-1] if finished.stderr else "no reason given"
        raise OutsideError(f"The folder {folder} could not be removed: {said}", "Remove it by hand.")
