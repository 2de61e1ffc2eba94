"""Processes behind: commands that run on in a sandbox while the agent does something else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.base.text import shown
from studio.domain.errors import UserError
from studio.sandbox.arguments import COMMAND_BYTES, require_sayable
from studio.sandbox.attend import attend
from studio.sandbox.commands import from_whole_character
from studio.sandbox.inside.behind import HEAD_BYTES, TAIL_BYTES
from studio.sandbox.inside.frames import BEHIND, DONE, OUT, TAIL
from studio.sandbox.link import Link, ended

NONE_HERE = "None was started in this container; one of an earlier container has ended with it."
MOST_RUNNING = 8
"""So many of one sandbox may run at the same time."""
STOP_GRACE = 3.0
_KILL_SECONDS = 5.0
_A_DAY = 86_400.0
_COMMAND_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Process:
    """How one process behind stands.

    `exit_code` is its command's, None while that runs. `ended` says that nothing of it is left: a command
    may have ended and left a process of its own. `said` counts the bytes of its output so far.
    """

    name: str
    command: str
    exit_code: int | None
    ended: bool
    stopped: bool
    said: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Output:
    """What a process said since a mark; `mark` is where the next look goes on, `left_out` counts lost bytes."""

    process: Process
    text: str
    left_out: int
    mark: int


@dataclass(frozen=True, slots=True)
class Heard:
    """How a process stands, and the ports that have been opened inside since it was asked to listen."""

    process: Process
    ports: tuple[int, ...]


class Processes:
    """The processes behind of one sandbox. They end with it; `tag` is in the name of each, and tells sandboxes apart.

    A name without it, `p1`, is one of this sandbox. `on_start` is told of each that was started.
    Every method raises EngineError when the sandbox is gone, and
    UserError for a name that is not known here.
    """

    def __init__(self, link: Link, tag: str, before: Callable[[], Awaitable[None]] | None = None) -> None:
        """`before` is done each time before one is started."""
        self._before = before
        self._link = link
        self._tag = tag
        self._started = 0
        self._titles: dict[str, str] = {}
        self.on_start: Callable[[str], None] | None = None

    async def start(self, command: str, seconds: float, title: str = "") -> Output:
        """Starts a shell command where the last one left off, and waits so long whether it ends at once.

        `title` is what people call it, where `p1` would say nothing to them. Raises UserError when as many run as
        may, or for a command that no shell can be given.
        """
        require_sayable((command,), COMMAND_BYTES)
        if self._before is not None:
            await self._before()
        self._started += 1
        name = f"p{self._started}-{self._tag}"
        request = {"act": "start", "name": name, "command": command, "most": MOST_RUNNING, "seconds": seconds}
        said, text = await self._ask(request, seconds)
        if said.get("full"):
            running = ", ".join(one.name for one in _processes(said) if not one.ended)
            raise UserError(
                f"{MOST_RUNNING} processes run already, which are the most: {running}.",
                "Stop one with process_stop that you no longer need.",
            )
        if title:
            self._titles[name] = title
        if self.on_start is not None:
            self.on_start(name)
        return _output(said, text, name)

    def title(self, name: str) -> str:
        """What people call a process of that whole name; empty where it has no name but its own."""
        return self._titles.get(name, "")

    async def output(self, name: str, since: int, seconds: float) -> Output:
        """What a process said since a mark; waits so long for something new when there is nothing."""
        name = self._whole(name)
        said, text = await self._ask({"act": "output", "name": name, "since": since, "seconds": seconds}, seconds)
        return _output(said, text, name)

    async def hear(self, name: str, since: int) -> Output:
        """As `output`, waiting as long as it takes: a sandbox may sleep over it, as nobody counts as waiting."""
        name = self._whole(name)
        request = {"act": "output", "name": name, "since": since, "seconds": _A_DAY}
        return _output(*await self._ask(request, _A_DAY, awaited=False), name)

    async def stop(self, name: str) -> Process:
        """Ends a process and everything it started, first politely; safe to call twice."""
        name = self._whole(name)
        seconds = STOP_GRACE + _KILL_SECONDS
        said, _ = await self._ask({"act": "stop", "name": name, "grace": STOP_GRACE, "seconds": seconds}, seconds)
        return _only(said, name)

    async def listen(self, name: str, port: int, before: Iterable[int], seconds: float) -> Heard:
        """Waits until `port` is open inside, or with 0 any that is not in `before`, until the process or time ends."""
        name = self._whole(name)
        request = {"act": "listen", "name": name, "port": port, "before": list(before), "seconds": seconds}
        said, _ = await self._ask(request, seconds)
        ports = tuple(port for port in said.get("ports") or () if isinstance(port, int) and 0 < port < 65536)
        return Heard(_only(said, name), ports)

    async def list(self) -> tuple[Process, ...]:
        """All of this sandbox, those that ended not long ago too, in the order they were started."""
        said, _ = await self._ask({"act": "list"}, 0)
        return _processes(said)

    def _whole(self, name: str) -> str:
        return name if "-" in name else f"{name}-{self._tag}"

    async def _ask(
        self, request: Mapping[str, Any], seconds: float, *, awaited: bool = True
    ) -> tuple[dict[str, Any], _Text]:
        text = _Text()
        channel = self._link.channel(BEHIND, request)
        channel.awaited = awaited
        await attend(channel, text.take, seconds)
        said = ended(text.last)
        if said.get("missing"):
            raise self._unknown(str(request["name"]), await self.list())
        return said, text

    def _unknown(self, name: str, known: tuple[Process, ...]) -> UserError:
        there = ", ".join(one.name for one in known)
        hint = f"There are: {there}." if there else NONE_HERE
        if name.rpartition("-")[2] != self._tag:
            return UserError(
                f"{shown(name[:40])} is gone: the container it ran in was closed, and everything in it ended with it.",
                f"Start it again if you still need it. {hint}",
            )
        return UserError(f"There is no process {shown(name[:40])}.", hint)


class _Text:
    """What comes of a process's output, as much as a supervisor that keeps its word sends."""

    def __init__(self) -> None:
        self.last = b""
        self._head, self._tail = bytearray(), bytearray()

    def take(self, kind: int, payload: bytes) -> None:
        if kind == OUT:
            self._head += payload[: HEAD_BYTES - len(self._head)]
        elif kind == TAIL:
            self._tail += payload[: 2 * TAIL_BYTES - len(self._tail)]
        elif kind == DONE:
            self.last = payload

    def text(self, left_out: int) -> str:
        if left_out <= 0:
            return (bytes(self._head) + self._tail).decode("utf-8", "replace")
        head, tail = bytes(self._head), from_whole_character(bytes(self._tail))
        marker = f"\n… {left_out} bytes are kept no more …\n"
        return f"{head.decode('utf-8', 'replace')}{marker}{tail.decode('utf-8', 'replace')}"


def _output(said: Mapping[str, Any], text: _Text, name: str) -> Output:
    process = _only(said, name)
    left_out = _number(said.get("left_out"))
    return Output(process, text.text(left_out), left_out, process.said)


def _only(said: Mapping[str, Any], name: str) -> Process:
    found = _processes(said)
    return found[0] if found else Process(name, "", None, ended=False, stopped=False, said=0, seconds=0.0)


def _processes(said: Mapping[str, Any]) -> tuple[Process, ...]:
    listed = said.get("processes")
    return tuple(_process(one) for one in listed[:100] if isinstance(one, dict)) if isinstance(listed, list) else ()


def _process(said: Mapping[str, Any]) -> Process:
    code, seconds = said.get("code"), said.get("seconds")
    return Process(
        name=str(said.get("name"))[:40],
        command=str(said.get("command"))[:_COMMAND_SHOWN],
        exit_code=code if isinstance(code, int) else None,
        ended=said.get("gone") is True,
        stopped=said.get("stopped") is True,
        said=_number(said.get("said")),
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
    )


def _number(said: Any) -> int:
    return said if isinstance(said, int) and 0 <= said < 1 << 62 else 0
