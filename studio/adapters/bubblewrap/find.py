"""Bubblewrap on this machine: where it is, what it can do, and what is missing to run anything with it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.adapters.bubblewrap.seccomp import filter_program
from studio.domain.errors import NoSandbox

INSTALL = (
    "Install Docker and start Studio again, or install bubblewrap, which is weaker and found at once: "
    "sudo apt install bubblewrap (or dnf, pacman, zypper)"
)
_SECONDS = 20
_NEEDED = ("python3", "bash", "git")
_SYSTEM = ("/usr/bin", "/bin", "/usr/local/bin")
_PROBE = (
    "--unshare-all",
    "--unshare-user",
    "--ro-bind",
    "/",
    "/",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--",
    "/bin/true",
)


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """A bwrap that was tried; `options` are those it knows, `scope` goes before it where systemd keeps count.

    `python` is the system's, which a sandbox sees at the same place.
    """

    path: str
    version: str
    python: str
    options: frozenset[str]
    scope: tuple[str, ...]


def find_bubblewrap(env: Mapping[str, str]) -> Bubblewrap:
    """Tries the machine's bwrap out. Blocks. Raises NoSandbox, which says what is missing."""
    if sys.platform != "linux":
        raise NoSandbox(
            "Without a container engine nothing can be run on this system: bubblewrap is for Linux.",
            "Install Docker Desktop, OrbStack, Colima or Podman, and start Studio again.",
        )
    path = shutil.which("bwrap", path=env.get("PATH", os.defpath))
    if path is None:
        raise NoSandbox("Neither a container engine nor bubblewrap is installed, so nothing can be run here.", INSTALL)
    # Whoever runs it need not be able to reach the folder in which it was found.
    path = os.path.realpath(path)
    if os.stat(path).st_mode & stat.S_ISUID:
        raise NoSandbox(
            f"{path} runs as root (set-user-id), which Studio does not use as a wall.",
            "Install a newer bubblewrap, or a container engine: sudo apt install docker.io",
        )
    found = {name: shutil.which(name, path=":".join(_SYSTEM)) for name in _NEEDED}
    missing = [name for name, place in found.items() if place is None]
    if missing:
        raise NoSandbox(
            f"A sandbox of bubblewrap uses this machine's own programs, and lacks {' and '.join(missing)}.",
            f"Install them: sudo apt install {' '.join(missing)}",
        )
    version = _said(path, "--version").removeprefix("bubblewrap").strip()
    known = frozenset(word for word in _said(path, "--help").split() if word.startswith("--"))
    if "--size" not in known:
        raise NoSandbox(f"bubblewrap {version} is too old: Studio needs 0.7 or newer.", INSTALL)
    filter_program()
    _try_out(path)
    return Bubblewrap(path, version, found["python3"] or "", known, _scope(env))


def inside_user() -> tuple[int, int] | None:
    """Whom a root of this machine becomes before it starts bubblewrap; None for anybody else."""
    return (10001, 10001) if os.geteuid() == 0 else None


def _try_out(path: str) -> None:
    user = inside_user()
    became = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    try:
        done = subprocess.run(
            [path, *_PROBE],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            cwd="/",
            **became,  # type: ignore[call-overload]
        )
        said = "" if done.returncode == 0 else done.stderr.strip()[:300] or f"exit code {done.returncode}"
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    if said:
        raise NoSandbox(
            f"bubblewrap cannot make a sandbox on this machine: {said}",
            "The kernel must let people make user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1 "
            "kernel.apparmor_restrict_unprivileged_userns=0 (whichever of them it has), or install a container engine.",
        )


def _scope(env: Mapping[str, str]) -> tuple[str, ...]:
    """How systemd is asked to keep count of a whole sandbox; nothing where it cannot."""
    runtime = env.get("XDG_RUNTIME_DIR", "")
    asked = shutil.which("systemd-run")
    if asked is None or os.geteuid() == 0 or not Path(runtime, "systemd/private").exists():
        return ()
    scope = (asked, "--user", "--scope", "--quiet", "--collect")
    try:
        tried = subprocess.run(
            [*scope, "-p", "TasksMax=8", "-p", "MemoryMax=64M", "--", "/bin/true"],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ()
    return scope if tried.returncode == 0 else ()


def _said(*argv: str) -> str:
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=_SECONDS, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoSandbox(f"{argv[0]} cannot be run: {error}", INSTALL) from error
