"""Sending: what is here is brought there, in pieces that fit on this machine's disk and in its memory."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from studio.base.aio import in_thread
from studio.sandbox.carrying.far_tree import FarTree
from studio.sandbox.carrying.tree import Tree
from studio.sandbox.inside.signs import Sign

BATCH_FILES = 2000
BATCH_BYTES = 64 << 20
_BATCH_WORDS = 1 << 19
"""So many characters of paths are said in one request, which is written in one breath."""

_NOTHING: Sign = ["", 0, 0, 0, 0, ""]

Signs = Mapping[str, Sign | None]
Beside = Mapping[str, str]
Came = tuple[str, tuple[Sign, Sign] | None]


async def send(
    far: FarTree, tree: Tree, scratch: Path, changes: Signs, beside: Beside = MappingProxyType({})
) -> AsyncIterator[Came]:
    """Makes the paths of `changes` there what they are here; yields each that came, with both its signs.

    None is what is to be deleted. What gives way there at a path of `beside` is moved to where that says. `scratch` is
    a folder for a file without a name. Raises EngineError, TimeoutError.
    """
    gone, made, contents = await in_thread(sorted_out, changes)
    with tempfile.TemporaryFile(dir=scratch) as nothing:
        await in_thread(tree.pack, [], nothing)
        for deleted in batches(gone):
            await in_thread(nothing.seek, 0)
            await far.take([path for path, _ in deleted], {}, [], nothing, {})
            for path, _ in deleted:
                yield path, None
        for folders in batches(made):
            await in_thread(nothing.seek, 0)
            told = await far.take([], dict(folders), [], nothing, _among(folders, beside))
            for path, sign in folders:
                if path in told:
                    yield path, (sign, told[path])
    for batch in batches(contents):
        with tempfile.TemporaryFile(dir=scratch) as file:
            packed = await in_thread(tree.pack, [path for path, _ in batch], file)
            await in_thread(file.seek, 0)
            files = [(path, packed.get(path, sign)) for path, sign in batch]
            told = await far.take([], {}, files, file, _among(batch, beside))
        for path, _ in batch:
            if path in packed and path in told:
                yield path, (packed[path], told[path])


def _among(paths: Iterable[tuple[str, Sign]], beside: Beside) -> dict[str, str]:
    return {path: beside[path] for path, _ in paths if path in beside}


def sorted_out(changes: Signs) -> tuple[list[tuple[str, Sign]], list[tuple[str, Sign]], list[tuple[str, Sign]]]:
    """What is to be deleted, innermost first; folders and links, outermost first; files."""
    gone: list[tuple[str, Sign]] = []
    made: list[tuple[str, Sign]] = []
    contents: list[tuple[str, Sign]] = []
    for path, sign in sorted(changes.items()):
        if sign is None:
            gone.append((path, _NOTHING))
        else:
            (contents if sign[0] == "f" else made).append((path, sign))
    return gone[::-1], made, contents


def batches(files: Sequence[tuple[str, Sign]]) -> Iterator[list[tuple[str, Sign]]]:
    """Pieces of the list that are carried at once."""
    batch: list[tuple[str, Sign]] = []
    size = words = 0
    for path, sign in files:
        words += len(path) + len(sign[5])
        if batch and (len(batch) >= BATCH_FILES or size + sign[2] > BATCH_BYTES or words > _BATCH_WORDS):
            yield batch
            batch, size, words = [], 0, len(path) + len(sign[5])
        batch.append((path, sign))
        size += sign[2]
    if batch:
        yield batch
