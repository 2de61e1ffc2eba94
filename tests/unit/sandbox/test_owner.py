"""A container's owner is known to live or to be gone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from studio.sandbox.owner import alive, this_process

_SAY_MARK = "from studio.sandbox.owner import this_process; print(this_process(), flush=True); input()"


def test_this_process_lives() -> None:
    assert alive(this_process())


def test_another_process_lives_until_it_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", _SAY_MARK], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None
        mark = other.stdout.readline().strip()
        assert alive(mark)
        other.communicate("\n")

    assert not alive(mark)


def test_a_later_process_with_the_same_number_is_another() -> None:
    assert not alive(f"{os.getpid()}:1")


_HERE = pytest.param(f"{os.getpid()}:", id="this process, no time")


@pytest.mark.parametrize("mark", ["", ":", "1", "x:1", _HERE, "99999999:5"])
def test_an_unreadable_mark_belongs_to_nobody(mark: str) -> None:
    assert not alive(mark)
