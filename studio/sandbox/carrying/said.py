"""What a sandbox says of its files, read by one who believes none of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from studio.sandbox.inside.signs import SCRATCH, Sign

DEPTH_MAX = 64
NAME_MAX = 255
_LINK_MAX = 4096
_PATH_MAX = 4096
_SIGN_MAX = 1 << 15


def read_signs(value: object, most: int) -> dict[str, Sign]:
    """What a sandbox said of paths, without any that cannot be a workspace's. Raises ValueError for no signs."""
    if not isinstance(value, Mapping) or len(value) > most:
        raise ValueError("it does not say what lies in its workspace")
    found = {path: read_sign(sign) for path, sign in value.items() if is_plain(path)}
    return {path: sign for path, sign in found.items() if sign is not None}


def read_sign(value: object) -> Sign | None:
    """A sign, if that is one."""
    if not isinstance(value, list) or len(value) != 6 or value[0] not in ("f", "d", "l"):
        return None
    kind, mode, *numbers, target = value
    if not all(isinstance(number, int) and 0 <= number < 1 << 63 for number in (mode, *numbers)):
        return None
    if not isinstance(target, str) or len(target) > _LINK_MAX or "\0" in target or (kind == "l" and not target):
        return None
    return [kind, mode & 0o777, *numbers, target]


def is_plain(path: object) -> bool:
    """Whether that names something below a folder, its repository left out."""
    if not isinstance(path, str):
        return False
    parts = path.split("/")
    try:
        short = len(path) <= _PATH_MAX and all(len(os.fsencode(part)) <= NAME_MAX for part in parts)
    except UnicodeEncodeError:
        return False
    plain = all(part not in ("", ".", "..") and "\0" not in part for part in parts)
    return short and plain and len(parts) <= DEPTH_MAX and parts[0] != ".git" and not SCRATCH.fullmatch(parts[-1])


def sign_in(text: str) -> Sign | None:
    """The sign that a member of an archive wears, if that is one."""
    try:
        return read_sign(json.loads(text)) if len(text) <= _SIGN_MAX else None
    except (ValueError, RecursionError):
        return None
