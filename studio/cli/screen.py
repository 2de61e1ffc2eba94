"""The screen: joins this terminal to a process elsewhere."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from studio.app.terminals import ExecStream
from studio.cli.filter import TerminalFilter

READ_BYTES = 65_536


class Screen:
    """Passes keys in, output that draws out and size changes on, until the process or the terminal ends."""

    def __init__(self, stream: ExecStream) -> None:
        self._stream = stream
        self._keys: asyncio.Queue[bytes] = asyncio.Queue()

    async def run(self) -> int:
        """Returns the process's exit code, 5 when the engine does not know it."""
        loop = asyncio.get_running_loop()
        with _raw(sys.stdin.fileno()):
            loop.add_reader(sys.stdin.fileno(), self._on_keys)
            loop.add_signal_handler(signal.SIGWINCH, lambda: resizing.append(loop.create_task(self._resize())))
            resizing: list[asyncio.Task[None]] = [loop.create_task(self._resize())]
            typing, drawing = loop.create_task(self._pass_keys()), loop.create_task(self._pass_output())
            try:
                # Without anybody who types the process is ended, and nothing more is drawn.
                ended, _ = await asyncio.wait({typing, drawing}, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    task.result()
            finally:
                loop.remove_reader(sys.stdin.fileno())
                for task in (typing, drawing, *resizing):
                    task.cancel()
        code = await self._stream.exit_code()
        return 5 if code is None else code

    def _on_keys(self) -> None:
        keys = os.read(sys.stdin.fileno(), READ_BYTES)
        self._keys.put_nowait(keys)
        if not keys:
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())

    async def _pass_keys(self) -> None:
        while keys := await self._keys.get():
            await self._stream.write(keys)
        await self._stream.close()

    async def _pass_output(self) -> None:
        terminal = TerminalFilter()
        while output := await self._stream.read():
            sys.stdout.buffer.write(terminal.passed(output))
            sys.stdout.buffer.flush()

    async def _resize(self) -> None:
        size = shutil.get_terminal_size()
        await self._stream.resize(size.columns, size.lines)


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Keys arrive one by one and unread; the terminal is put back as it was."""
    if not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    tty.setraw(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
