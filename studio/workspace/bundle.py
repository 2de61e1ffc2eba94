"""The header of a git bundle that came out of a container: read and judged before git sees the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.domain.errors import PolicyRefused
from studio.workspace.git import is_commit_id

_SIGNATURES = (b"# v2 git bundle\n", b"# v3 git bundle\n")
_HEADER_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Header:
    """The one commit a bundle offers, and the pack behind it: how many objects, from which byte on."""

    commit: str
    objects: int
    pack_at: int


def read_header(bundle: Path, reference: str, objects_max: int) -> Header:
    """What the bundle offers as `reference`.

    Raises PolicyRefused unless it is a bundle with exactly that one ref and at most `objects_max` objects.
    """
    with bundle.open("rb") as stream:
        start = stream.read(_HEADER_MAX)
    header, found, pack = start.partition(b"\n\n")
    if not found or not start.startswith(_SIGNATURES):
        raise _refused("is not a git bundle")
    references = [line for line in header.split(b"\n")[1:] if not line.startswith((b"-", b"@"))]
    commit, _, name = references[0].decode("utf-8", "replace").partition(" ") if references else ("", "", "")
    if len(references) != 1 or name != reference or not is_commit_id(commit):
        raise _refused("names other branches than the run's own")
    if pack[:4] != b"PACK" or len(pack) < 12:
        raise _refused("holds no pack of objects")
    objects = int.from_bytes(pack[8:12], "big")
    if objects > objects_max:
        raise _refused(f"holds {objects} objects, more than {objects_max}")
    return Header(commit, objects, pack_at=len(header) + 2)


def _refused(why: str) -> PolicyRefused:
    return PolicyRefused(
        f"What the run's workspace gave as its commit {why}, so it was not taken.",
        "Look at the run's last commands; its files are still in its workspace.",
    )
