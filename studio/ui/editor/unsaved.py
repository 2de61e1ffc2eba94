"""Unsaved texts, set aside in a folder so that they outlive the program."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from studio.domain.files import Place
from studio.domain.ids import ProjectId, RunId

_NAMED = 3
"""So many files are named, the others counted."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A text that is in no file yet; `etag` names the content that it was made from."""

    text: str
    etag: str | None


class UnsavedTexts:
    """One file for each document, for this person's eyes only; one that is missing or spoilt holds nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, place: Place, path: str, unsaved: Unsaved) -> None:
        """Sets a text aside in place of the former one, in whole or not at all. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        data = unsaved.text.encode()
        about = {
            "project": place.project, "run": place.run, "path": path, "etag": unsaved.etag, "size": len(data)
        }  # fmt: skip
        target = self._file(place, path)
        scratch = target.with_suffix(f".{os.getpid()}.tmp")
        # Not forced to the disk, which could hold up typing: this is for the end of the program, not of the power.
        with open(scratch, "wb", opener=_private) as file:
            file.write(json.dumps(about).encode() + b"\n" + data)
        scratch.replace(target)

    def find(self, place: Place, path: str) -> Unsaved | None:
        """The text that was set aside for a document."""
        try:
            head, _, data = self._file(place, path).read_bytes().partition(b"\n")
            about = json.loads(head)
            return Unsaved(data.decode(), about["etag"]) if len(data) == about["size"] else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def all(self) -> tuple[tuple[Place, str], ...]:
        """Every document a text was set aside for, by path."""
        try:
            found = [_document(file) for file in self._folder.iterdir() if not file.suffix]
        except OSError:
            return ()
        return tuple(sorted((one for one in found if one is not None), key=lambda one: (one[1], str(one[0]))))

    def forget(self, place: Place, path: str) -> None:
        """Drops what was set aside for a document. Raises OSError."""
        self._file(place, path).unlink(missing_ok=True)

    def _file(self, place: Place, path: str) -> Path:
        # A path may be longer than a file's name, and hold bytes that are no text.
        whole = "\0".join((place.project, place.run or "", path))
        return self._folder / hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def left_over(paths: tuple[str, ...]) -> str:
    """What is said of files that were not saved when the program ended."""
    names = [PurePosixPath(path).name for path in paths[:_NAMED]]
    names += [f"{len(paths) - _NAMED} more"] if len(paths) > _NAMED else []
    if len(names) == 1:
        return f"{names[0]} was not saved when Studio ended. Its text was kept."
    return f"{', '.join(names[:-1])} and {names[-1]} were not saved when Studio ended. Their text was kept."


def _document(file: Path) -> tuple[Place, str] | None:
    try:
        with file.open("rb") as opened:
            about = json.loads(opened.readline())
        run = about["run"]
        return Place(ProjectId(about["project"]), RunId(run) if run else None), str(about["path"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
