"""Sending: what is here is brought there, in pieces that fit on this machine's disk and in its memory."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

from studio.base.aio import in_thread
from studio.sandbox.carrying.far_tree import FarTree
from studio.sandbox.carrying.tree import Tree
from studio.sandbox.inside.carry import Sign

BATCH_FILES = 2000
BATCH_BYTES = 64 << 20


async def send(
    far: FarTree, tree: Tree, scratch: Path, changes: Mapping[str, Sign | None]
) -> AsyncIterator[tuple[str, tuple[Sign, Sign] | None]]:
    """Makes the paths of `changes` there what they are here; yields each that came, with both its signs.

    None is what is to be deleted. `scratch` is a folder for a file without a name. Raises EngineError, TimeoutError.
    """
    gone = [path for path, sign in changes.items() if sign is None]
    made = {path: sign for path, sign in sorted(changes.items()) if sign is not None and sign[0] != "f"}
    contents = [(path, sign) for path, sign in sorted(changes.items()) if sign is not None and sign[0] == "f"]
    for path in gone:
        yield path, None
    for batch in batches(contents):
        with tempfile.TemporaryFile(dir=scratch) as file:
            packed = await in_thread(tree.pack, [path for path, _ in batch], file)
            await in_thread(file.seek, 0)
            entries = [(path, packed.get(path, sign)) for path, sign in batch]
            told = await far.take(gone, made, entries, file)
        for path, theirs in told.items():
            mine = packed.get(path) or made.get(path)
            if mine is not None:
                yield path, (mine, theirs)
        gone, made = [], {}


def batches(files: Sequence[tuple[str, Sign]]) -> Iterator[list[tuple[str, Sign]]]:
    """Pieces of the list that are carried at once; there is a first one, also of nothing."""
    batch: list[tuple[str, Sign]] = []
    size = 0
    for path, sign in files:
        if batch and (len(batch) >= BATCH_FILES or size + sign[2] > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((path, sign))
        size += sign[2]
    yield batch
