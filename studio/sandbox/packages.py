"""Where this machine gets its Debian or Ubuntu packages from, read from its own configuration when it is needed."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass

_CARRIED = ("Acquire::http::", "Acquire::https::", "Acquire::Check-")
_HOST_ONLY = ("cainfo", "capath", "sslcert", "sslkey", "autodetect")
"""Settings that name files of this machine, which an image does not have."""


@dataclass(frozen=True, slots=True)
class PackageSources:
    """One distribution's release (`debian`, `bookworm`) and how this machine reaches its packages."""

    distribution: str
    release: str
    mirror: str
    lines: tuple[str, ...]
    settings: tuple[str, ...]

    @property
    def list(self) -> str:
        """The text of a sources.list."""
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def conf(self) -> str:
        """The text of an apt.conf."""
        return "".join(f"{setting}\n" for setting in self.settings)


def host_packages() -> PackageSources | None:
    """This machine's sources for its own release; None when it does not run on Debian packages. Blocks."""
    if shutil.which("apt-get") is None:
        return None
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        return None
    release = system.get("VERSION_CODENAME", "")
    rows = [
        row.split(" ")
        for row in _said("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT) $(CREATED_BY)")
        if row.endswith(" Packages")
    ]
    mirror = next((row[0] for row in rows if row[1] == release), None)
    if not release or mirror is None:
        return None
    wanted = {release, f"{release}-updates", f"{release}-security"}
    lines = dict.fromkeys(f"deb {row[0]} {row[1]} {row[2]}" for row in rows if row[1] in wanted)
    settings = [
        row
        for row in _said("apt-config", "dump")
        if row.startswith(_CARRIED) and not any(word in row.lower() for word in _HOST_ONLY)
    ]
    return PackageSources(system.get("ID", ""), release, mirror, tuple(lines), tuple(settings))


def _said(*argv: str) -> list[str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.splitlines() if done.returncode == 0 else []
