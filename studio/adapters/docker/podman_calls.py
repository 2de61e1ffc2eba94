"""The filter of system calls for containers of Podman: its own, without the calls that make namespaces and mounts.

Podman lets every container make them, so that containers can be made in containers; a sandbox never needs that, and
they are the widest way into the kernel.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

SYSTEM = (Path("/etc/containers/seccomp.json"), Path("/usr/share/containers/seccomp.json"))
"""Where Podman keeps its own, the one that counts first."""

_DENIED = frozenset(
    (
        *("unshare", "setns", "clone3", "mount", "umount", "umount2", "pivot_root", "move_mount", "mount_setattr"),
        *("open_tree", "open_tree_attr", "fsopen", "fsconfig", "fsmount", "fspick", "keyctl", "add_key", "request_key"),
    )
)
_NAMESPACES = 0x7E020000
"""The flags with which `clone` makes namespaces. `clone3` hides them from a filter: without it programs use `clone`."""

_CLONE = {
    "names": ["clone"],
    "action": "SCMP_ACT_ALLOW",
    "args": [{"index": 0, "value": _NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}],
}
_REFUSING = ("SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD")


def filter_file(cache: Path, system: tuple[Path, ...] = SYSTEM) -> Path | None:
    """A file with the filter, in the folder `cache`; None where Podman's own is not on this machine. Blocks."""
    for place in system:
        try:
            own = json.loads(place.read_bytes())
            narrowed = json.dumps(_narrowed(own), sort_keys=True).encode()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        file = cache / f"podman-calls-{hashlib.sha256(narrowed).hexdigest()[:16]}.json"
        if not file.exists():
            _write(file, narrowed)
        return file
    return None


def _narrowed(own: dict[str, Any]) -> dict[str, Any]:
    """Raises ValueError for a filter that lets pass what it does not name."""
    if own["defaultAction"] not in _REFUSING:
        raise ValueError("it refuses nothing by itself")
    rules = []
    for rule in own["syscalls"]:
        if rule["action"] not in _REFUSING:
            rule = {**rule, "names": [name for name in rule["names"] if name not in _DENIED and name != "clone"]}
        if rule["names"]:
            rules.append(rule)
    return {**own, "syscalls": [*rules, _CLONE]}


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    number, part = tempfile.mkstemp(prefix=".calls.", dir=file.parent)
    with os.fdopen(number, "wb") as made:
        made.write(data)
    os.replace(part, file)
