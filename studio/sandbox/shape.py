"""What every sandbox of this machine has in common: its user, its size, its environment, its certificates."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.contracts.containers import ContainerSpec, Mount
from studio.domain.errors import PolicyRefused
from studio.sandbox.trust import certificate_bundle

WORKDIR = "/workspace"
HOME = "/tmp/home"
_CA_TARGET = "/etc/ssl/studio-ca.crt"
_CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE")
_STAND_IN = 10001
"""The user inside when Studio itself runs as root, because nothing in a sandbox may be root."""


@dataclass(frozen=True, slots=True)
class Size:
    """Ceilings of one whole sandbox."""

    memory_bytes: int = 2 * 1024**3
    cpus: float = 1.5
    pids: int = 256


def inside_user() -> tuple[int, int]:
    """The uid and gid that programs in a sandbox run as: the person's own, so that files stay theirs to edit."""
    return (os.getuid(), os.getgid()) if os.geteuid() != 0 else (_STAND_IN, _STAND_IN)


def environment() -> dict[str, str]:
    """What every program in a sandbox finds set."""
    return {
        "HOME": HOME,
        "USER": "studio",
        "LOGNAME": "studio",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **dict.fromkeys(_CA_VARIABLES, _CA_TARGET),
    }


def is_carried(spec: ContainerSpec) -> bool:
    """Whether a run's files lie in a volume of the engine's, because it does not see this machine's folders."""
    return any(volume.target == WORKDIR for volume in spec.volumes)


def certificates(cache: Path, env: Mapping[str, str]) -> Mount | None:
    """This machine's certificate bundle, copied to where every engine can mount it from; None when it has none."""
    found = certificate_bundle(env)
    if found is None:
        return None
    copy = cache.resolve() / "ca.crt"
    data = found.read_bytes()
    if not copy.exists() or copy.read_bytes() != data:
        copy.parent.mkdir(parents=True, exist_ok=True)
        number, part = tempfile.mkstemp(prefix=".ca.", dir=copy.parent)
        with os.fdopen(number, "wb") as file:
            file.write(data)
        os.chmod(part, 0o644)  # whoever runs inside must be able to read it
        os.replace(part, copy)
    return Mount(copy, _CA_TARGET, read_only=True)


def checked(mount: Mount, writable: tuple[Path, ...], readable: tuple[Path, ...]) -> Mount:
    """`mount` with its source resolved. Raises PolicyRefused unless that lies beneath one of the folders given."""
    try:
        source = mount.source.resolve(strict=True)
    except OSError as error:
        raise PolicyRefused(f"A sandbox cannot be given {mount.source}: it is not there.") from error
    roots = writable + readable if mount.read_only else writable
    if not any(root.resolve() in source.parents for root in roots):
        raise PolicyRefused(f"A sandbox may not be given {source}: it is outside Studio's own folders.")
    return Mount(source, mount.target, mount.read_only)
