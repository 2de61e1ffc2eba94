from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from studio.domain.errors import StoreError
from studio.store.lock import EngineLock, Holder

HOLD = """
import sys
from pathlib import Path
from studio.store.lock import EngineLock
lock = EngineLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
lock.release()
"""


@contextmanager
def other_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another Studio that took the lock (or says that it could not) and holds it until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    with other_process(path) as first:
        assert said(first) == "True"
        lock = EngineLock(path)
        assert not lock.acquire()
        holder = lock.holder()
        assert holder is not None
        assert holder.pid == first.pid
        assert holder.started is not None


def test_a_look_from_another_thread_is_never_mistaken_for_having_the_lock(tmp_path: Path) -> None:
    lock, other = EngineLock(tmp_path / "engine.lock"), EngineLock(tmp_path / "engine.lock")
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            lock.holder()

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(1000):
            assert lock.acquire()
            assert other.holder() is not None
            lock.release()
    finally:
        done.set()
        looking.join()


def test_this_process_keeps_others_out_until_it_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    lock = EngineLock(path)
    assert lock.acquire()
    assert lock.acquire()
    assert lock.holder() == EngineLock(path).holder()
    with other_process(path) as second:
        assert said(second) == "False"
    lock.release()
    lock.release()
    with other_process(path) as third:
        assert said(third) == "True"


def test_a_killed_process_leaves_nothing_that_blocks(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    with other_process(path) as first:
        assert said(first) == "True"
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    lock = EngineLock(path)
    assert lock.holder() is None
    assert lock.acquire()
    assert lock.holder() is not None
    lock.release()


def test_a_holder_without_a_readable_note_is_still_a_holder(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    lock = EngineLock(path)
    lock.acquire()
    (tmp_path / "engine.lock.json").write_text("{")
    assert EngineLock(path).holder() == Holder(None, None)
    lock.release()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot lock"):
        EngineLock(tmp_path / "file" / "engine.lock").acquire()


def test_a_holder_that_only_changes_something_and_goes_says_so(tmp_path: Path) -> None:
    path = tmp_path / "engine.lock"
    lock = EngineLock(path)
    lock.acquire(brief=True)
    holder = EngineLock(path).holder()
    lock.release()
    assert holder is not None
    assert (holder.pid, holder.brief) == (os.getpid(), True)
