"""What a root of this machine does before bubblewrap: shows it the folders of a sandbox, and stops being root.

Run from its source alone by the system's Python. Bubblewrap makes every sandbox as somebody without powers; folders
below root's own can be reached by nobody else, so they are mounted where they can, for this process alone.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

_NEW_MOUNTS, _BIND, _PRIVATE, _RECURSIVE = 0x20000, 0x1000, 0x40000, 0x4000
_LIBC = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, doing: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, "%s: %s" % (doing, os.strerror(error)))


def _mount(source: str, target: str, kind: str, flags: int, data: str) -> None:
    words = [word.encode() or None for word in (source, target, kind)]
    _checked(_LIBC.mount(*words, ctypes.c_ulong(flags), data.encode() or None), "mount %s" % target)


def main(options: dict[str, Any]) -> None:
    """Mounts what is to be shown below `stage`, and becomes bubblewrap as the user given."""
    stage = options["stage"]
    _checked(_LIBC.unshare(_NEW_MOUNTS), "unshare")
    _mount("none", "/", "", _RECURSIVE | _PRIVATE, "")
    _mount("tmpfs", stage, "tmpfs", 0, "mode=0711,size=1m")
    for number, source in enumerate(options["shown"]):
        target = os.path.join(stage, str(number))
        fd = os.open(source, os.O_PATH | os.O_NOFOLLOW)
        if os.path.isdir("/proc/self/fd/%d" % fd):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT, 0o644))
        _mount("/proc/self/fd/%d" % fd, target, "", _BIND, "")
        os.close(fd)
    os.setgroups([])
    os.setgid(options["gid"])
    os.setuid(options["uid"])
    os.execv(options["argv"][0], options["argv"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
