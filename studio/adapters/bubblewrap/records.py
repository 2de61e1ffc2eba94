"""What runs in sandboxes of bubblewrap, kept in files, so that any process of this data folder can find it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex

from studio.adapters.bubblewrap import processes
from studio.contracts.containers import ContainerSpec
from studio.domain.errors import EngineError

_LOG_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One sandbox: who it is, and its first process while it runs."""

    id: str
    name: str
    labels: Mapping[str, str]
    image: str
    memory_bytes: int
    first: int = 0
    started: int = 0
    paused: bool = False
    volumes: Sequence[str] = ()

    @classmethod
    def of(cls, spec: ContainerSpec) -> Record:
        """A new one, which does not run yet."""
        volumes = tuple(one.name for one in spec.volumes)
        return cls(token_hex(32), spec.name, dict(spec.labels), spec.image, spec.memory_bytes, volumes=volumes)

    @property
    def running(self) -> bool:
        """Whether its first process is there, frozen or not."""
        return self.first > 0 and processes.alive(self.first, self.started)


class Records:
    """A folder with a file, a door and a log for each sandbox, closed to other people. Everything here blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, record: Record) -> None:
        """Writes it, in whole or not at all."""
        part = self._path(record.id, "part")
        part.write_text(json.dumps(asdict(record)), "utf-8")
        part.replace(self._path(record.id, "json"))

    def forget(self, container: str) -> None:
        """Removes what is kept of it; nothing kept is no error."""
        for kind in ("json", "part", "door", "log"):
            self._path(container, kind).unlink(missing_ok=True)

    def all(self) -> tuple[Record, ...]:
        """Every sandbox that was not removed."""
        found = []
        for path in sorted(self._folder.glob("*.json")):
            with suppress(OSError, ValueError, TypeError):  # just removed, or of a version to come
                found.append(Record(**json.loads(path.read_text("utf-8"))))
        return tuple(found)

    def volumes(self) -> frozenset[str]:
        """The names of the volumes that these are given."""
        return frozenset(name for record in self.all() for name in record.volumes)

    def find(self, container: str) -> Record | None:
        """The one with that id or name."""
        return next((one for one in self.all() if container in (one.id, one.name)), None)

    def get(self, container: str) -> Record:
        """As `find`. Raises EngineError when there is none."""
        record = self.find(container)
        if record is None:
            raise EngineError("The sandbox is gone.", "Send the message again.", retryable=True)
        return record

    def log(self, container: str) -> Path:
        """Where its own program says what went wrong."""
        return self._path(container, "log")

    def said(self, container: str) -> bytes:
        """The end of that, at most a mebibyte. Raises EngineError when there is no such sandbox."""
        try:
            with self.log(self.get(container).id).open("rb") as log:
                log.seek(max(0, os.fstat(log.fileno()).st_size - _LOG_BYTES))
                return log.read()
        except FileNotFoundError:
            return b""

    def new_door(self, container: str) -> socket.socket:
        """Makes the door of a sandbox, at which this machine asks for programs to be started in it."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path(container, "door").unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with self._near() as folder:
                door.bind(f"{folder}/{container}.door")
            door.listen(64)
        except BaseException:
            door.close()
            raise
        return door

    def knock(self, container: str) -> socket.socket:
        """A connection to the door, which does not wait for anything. Raises EngineError when nobody is behind it."""
        caller = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        caller.setblocking(False)
        try:
            with self._near() as folder:
                caller.connect(f"{folder}/{container}.door")
        except BlockingIOError as error:
            caller.close()
            raise EngineError("The sandbox does not answer.", "Send the message again.", retryable=True) from error
        except OSError as error:
            caller.close()
            raise EngineError("The sandbox is gone.", "Send the message again.", retryable=True) from error
        return caller

    @contextmanager
    def _near(self) -> Iterator[str]:
        """The folder by a short name: the address of a socket has room for a hundred bytes."""
        fd = os.open(self._folder, os.O_PATH | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{fd}"
        finally:
            os.close(fd)

    def _path(self, container: str, kind: str) -> Path:
        return self._folder / f"{container}.{kind}"
