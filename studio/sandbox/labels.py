"""Labels: what everything that Studio makes in a container engine carries, so that it is found and cleared again."""

from __future__ import annotations

import hashlib
from pathlib import Path

HOME = "studio.home"
"""The data folder it belongs to."""

PROJECT = "studio.project"
RUN = "studio.run"

SLOT = "studio.slot"
"""In place of a run: a container of the pool, which had none yet when it was made."""

OWNER = "studio.owner"
"""The process that started it."""

SERVICE = "studio.service"
"""The name of a service beside a sandbox; the sandbox itself has none."""

VOLUME = "studio.volume"
"""The name that a compose file has for a volume of the run."""


def mark_of(home: Path) -> str:
    """A few characters that tell this data folder from others of this machine, for names."""
    return hashlib.sha256(str(home).encode()).hexdigest()[:8]
