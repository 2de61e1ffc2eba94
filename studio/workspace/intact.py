"""Intact: whether what snapshots hold is still what their names in Git say."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence

from studio.base.aio import in_thread
from studio.workspace.git import Git
from studio.workspace.names import shown

READ_BYTES = 256 << 20
"""How much is looked through; what lies beyond is believed."""

_HASHES = {40: "sha1", 64: "sha256"}


async def damaged(git: Git, base: str, commits: Sequence[str]) -> tuple[str, ...]:
    """What these commits added to `base` that is not what its id says: files by their path, all else by its id.

    Raises GitError when something of it cannot be read at all.
    """
    options = ("--objects", "--stdin")
    asked = "\n".join([*commits, f"^{base}"]).encode()
    listed = await git.run("rev-list", *options, stdin=asked, max_bytes=READ_BYTES, timeout=120.0)
    named = dict(line.partition(b" ")[::2] for line in listed.stdout.splitlines())
    wanted = b"\n".join(named)
    # What is too long is cut: its end is not looked at.
    found = await git.run("cat-file", "--batch", stdin=wanted, max_bytes=READ_BYTES, timeout=120.0, may_cut=True)
    wrong = await in_thread(lambda: list(_wrong(found.stdout)))
    return tuple(shown(os.fsdecode(named.get(one) or one)) for one in wrong)


def _wrong(batch: bytes) -> Iterator[bytes]:
    """The ids in the answer of `cat-file --batch` that do not fit what follows them."""
    at = 0
    while (end := batch.find(b"\n", at)) > 0:
        head = batch[at:end].split(b" ")
        if len(head) != 3:
            yield head[0]
            at = end + 1
            continue
        name, kind, size = head[0], head[1], int(head[2])
        body = batch[end + 1 : end + 1 + size]
        if len(body) < size:
            return
        hashed = hashlib.new(_HASHES[len(name)], b"%s %d\0" % (kind, size), usedforsecurity=False)
        hashed.update(body)
        if hashed.hexdigest().encode() != name:
            yield name
        at = end + 1 + size + 1
