"""What an image says of the program in it, and whose its folders are; every function blocks.

Nothing of the image is run: a container is made, looked into, and removed.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docker import APIClient
from docker.errors import APIError, NotFound

from studio.contracts.containers import ServiceImage

_FILE_BYTES = 1 << 18
_BELOW_MAX = 300
_FOLDERS_MAX = 16
_TCP = re.compile(r"(\d{1,5})(?:/tcp)?")


def service_image(
    api: APIClient, image: str, user: str, paths: tuple[str, ...], labels: Mapping[str, str]
) -> ServiceImage:
    """See SandboxEngine.service_image."""
    inspected = api.inspect_image(image)
    config = inspected.get("Config") or {}
    volumes = tuple(config.get("Volumes") or ())
    host = {"NetworkMode": "none", "CapDrop": ["ALL"], "ReadonlyRootfs": True}
    body = {"Image": inspected["Id"], "Entrypoint": ["/nothing"], "Labels": dict(labels), "HostConfig": host}
    container = str(api.create_container_from_config(body)["Id"])
    try:
        look = _Look(api, container)
        return ServiceImage(
            id=str(inspected["Id"]),
            entrypoint=_words(config.get("Entrypoint")),
            command=_words(config.get("Cmd")),
            user=_resolved(user or str(config.get("User") or ""), look),
            workdir=str(config.get("WorkingDir") or "/"),
            volumes=volumes,
            ports=tuple(int(found[1]) for one in config.get("ExposedPorts") or () if (found := _TCP.fullmatch(one))),
            health=_health(config.get("Healthcheck")),
            owners={path: owner for path in (*volumes, *paths) if (owner := look.owner(path)) is not None},
            run_folders=look.folders_of_run(),
        )
    finally:
        api.remove_container(container, v=True, force=True)


class _Look:
    """Reads single files of a container that never ran."""

    def __init__(self, api: APIClient, container: str) -> None:
        self._api = api
        self._container = container

    def text(self, path: str) -> str:
        for member, data in self._members(path, 1):
            return data.decode("utf-8", "replace") if member.isfile() else ""
        return ""

    def owner(self, path: str) -> tuple[int, int] | None:
        for member, _ in self._members(path, 1):
            owner = (member.uid, member.gid)
            return self._named_owner(path) or owner if owner == (0, 0) else owner
        return None

    def _named_owner(self, path: str) -> tuple[int, int] | None:
        """Whose a folder is by the names that are told of it, read in the folder above.

        Podman tells of everything that it is root's, and of a volume that it has not filled yet; the name it leaves.
        """
        above, _, name = path.rstrip("/").rpartition("/")
        wanted = f"{above.rpartition('/')[2]}/{name}"
        below = self._members(above, _BELOW_MAX) if above.count("/") > 1 else iter(())
        user = next((member.uname for member, _ in below if member.name.strip("/") == wanted), "")
        uid, _, gid = _resolved(user, self).partition(":")
        return (int(uid), int(gid)) if uid else None

    def folders_of_run(self) -> tuple[str, ...]:
        """The folders directly in /run, which the sandbox's own folder in memory hides."""
        found = [f"/{member.name.strip('/')}" for member, _ in self._members("/run", 200) if member.isdir()]
        return tuple(path for path in found if path.count("/") == 2)[:_FOLDERS_MAX]

    def _members(self, path: str, most: int) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        try:
            pieces, _ = self._api.get_archive(self._container, path, chunk_size=1 << 16)
        except (NotFound, APIError):
            return
        try:
            with tarfile.open(fileobj=_Pieces(pieces), mode="r|") as archive:
                for number, member in enumerate(archive):
                    if number >= most:
                        return
                    file = archive.extractfile(member) if member.isfile() and member.size <= _FILE_BYTES else None
                    yield member, file.read() if file is not None else b""
        except tarfile.TarError:
            return
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()


class _Pieces(io.RawIOBase):
    """What an iterator of bytes gives, as a file to read from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        size = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def _resolved(user: str, look: _Look) -> str:
    """`user` as `uid:gid`; empty when it is root, or nobody whom the image knows."""
    name, _, group = user.partition(":")
    rows = [row.split(":") for row in look.text("/etc/passwd").splitlines()] if name else []
    row = next((row for row in rows if len(row) > 3 and name in (row[0], row[2])), None)
    uid = name if name.isdecimal() else row[2] if row else ""
    gid = group if group.isdecimal() else ""
    if group and not gid:
        groups = (line.split(":") for line in look.text("/etc/group").splitlines())
        gid = next((line[2] for line in groups if len(line) > 2 and line[0] == group), "")
    gid = gid or (row[3] if row else uid)
    if not (uid.isdecimal() and gid.isdecimal()) or int(uid) == 0:
        return ""
    return f"{int(uid)}:{int(gid) or int(uid)}"


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in value or ())


def _health(check: Any) -> tuple[str, ...]:
    words = _words((check or {}).get("Test"))
    match words[:1]:
        case ("CMD-SHELL",):
            return ("/bin/sh", "-c", *words[1:2])
        case ("CMD",):
            return words[1:]
    return ()
