"""Clearing: a folder and all below it deleted, each part opened relative to the one above, no link followed."""

from __future__ import annotations

import os
from dataclasses import dataclass

from studio.domain.errors import UserError
from studio.workspace.names import shown
from studio.workspace.opening import DEPTH_MAX, GUARDS

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | GUARDS


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies below a folder: how many names, and whether one of them is a repository's own folder."""

    names: int
    git: bool


def survey(parent: int, name: str, path: str, depth: int = 0) -> Survey:
    """Counts what lies below `name` in the open folder `parent`. Raises OSError, UserError for too deep a tree."""
    if depth > DEPTH_MAX:
        raise UserError(f"{shown(path)} holds folders more than {DEPTH_MAX} deep.", "Use shell with rm -r.")
    names, git = 0, False
    folder = os.open(name, _FOLDER, dir_fd=parent)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names += 1
                git = git or entry.name.casefold() == ".git"
                if entry.is_dir(follow_symlinks=False):
                    below = survey(folder, entry.name, path, depth + 1)
                    names, git = names + below.names, git or below.git
    finally:
        os.close(folder)
    return Survey(names, git)


def clear(parent: int, name: str) -> None:
    """Deletes the folder `name` in the open folder `parent`, with all below it. Raises OSError.

    Only for what `survey` found to be of bounded depth: each level holds a descriptor.
    """
    folder = os.open(name, _FOLDER, dir_fd=parent)
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                clear(folder, entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=parent)
