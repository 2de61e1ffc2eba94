"""Shell commands: their output as it comes, and how they ended."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable
from dataclasses import dataclass

from studio.sandbox.arguments import COMMAND_BYTES, require_sayable
from studio.sandbox.attend import TIMEOUT_GRACE, attend
from studio.sandbox.inside.frames import DONE, LIVE, OUT, SHELL, TAIL
from studio.sandbox.inside.shell import HEAD_BYTES, TAIL_BYTES
from studio.sandbox.link import Link, ended

_TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class ExecResult:
    """How a command ended; `output` is stdout and stderr in order, its middle left out when `truncated`.

    A command that was ended for taking too long has exit code 124, one that a signal ended 128 + signal.
    `touched` is False only when no file below `/workspace` was changed since the end of the command before,
    by whomever, save through memory that is mapped still.
    """

    exit_code: int
    output: str
    truncated: bool
    timed_out: bool
    milliseconds: float
    touched: bool


async def run_command(link: Link, command: str, timeout: float, on_output: Callable[[str], None] | None) -> ExecResult:
    """Runs one command to its end, see `Sandbox.exec`."""
    require_sayable((command,), COMMAND_BYTES)
    started = time.perf_counter()
    channel = link.channel(SHELL, {"command": command, "timeout": timeout, "grace": TIMEOUT_GRACE})
    output = _Output(on_output)
    await attend(channel, output.take, timeout)
    said = ended(output.last)
    left_out = int(said.get("left_out") or 0)
    timed_out = said.get("timed_out") is True
    return ExecResult(
        exit_code=_TIMED_OUT if timed_out else said["code"],
        output=output.text(left_out),
        truncated=left_out > 0,
        timed_out=timed_out,
        milliseconds=(time.perf_counter() - started) * 1000,
        touched=said.get("touched") is not False,
    )


class _Output:
    """What a command says: the head as it comes, then samples, and the tail when it has ended."""

    def __init__(self, on_output: Callable[[str], None] | None) -> None:
        self.last = b""
        self._on_output = on_output
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._head = bytearray()
        self._tail = b""

    def take(self, kind: int, payload: bytes) -> None:
        if kind == OUT:
            self._head += payload[: HEAD_BYTES - len(self._head)]
            self._show(self._decode(payload))
        elif kind == LIVE:
            self._show(f"\n…\n{from_whole_character(payload).decode('utf-8', 'replace')}")
        elif kind == TAIL:
            self._tail = payload[-TAIL_BYTES:]
        elif kind == DONE:
            self.last = payload

    def text(self, left_out: int) -> str:
        if left_out <= 0:
            return (bytes(self._head) + self._tail).decode("utf-8", "replace")
        head = bytes(self._head).decode("utf-8", "replace")
        tail = from_whole_character(self._tail).decode("utf-8", "replace")
        return f"{head}\n… {left_out} bytes left out …\n{tail}"

    def _show(self, text: str) -> None:
        if text and self._on_output is not None:
            self._on_output(text)


def from_whole_character(data: bytes) -> bytes:
    """`data` without the rest of a UTF-8 character that was cut in two."""
    start = next((at for at in range(min(3, len(data))) if data[at] & 0xC0 != 0x80), 0)
    return data[start:]
