"""A container's owner is known to live or to be gone."""

from __future__ import annotations

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
    *here, number, _ = this_process().split(":")

    assert not alive(":".join((*here, number, "1")))


def test_a_process_of_another_machine_cannot_be_seen_to_be_gone() -> None:
    _, *rest = this_process().split(":")

    assert alive(":".join(("elsewhere", *rest[:-2], "99999999", "5")))


def test_a_process_with_numbers_of_its_own_cannot_be_seen_to_be_gone() -> None:
    host, boot, *_ = this_process().split(":")

    assert alive(f"{host}:{boot}:another room:99999999:5")


def test_no_process_outlives_the_start_of_its_machine() -> None:
    host, _, *rest = this_process().split(":")

    assert not alive(":".join((host, "before", *rest)))


_HERE = this_process().rpartition(":")[0]


@pytest.mark.parametrize(
    "mark",
    [
        *("", ":", "1", "x:1", "99999999:5", "a:b:c:x:1", ":b:c:1:1"),
        pytest.param(f"{_HERE}:", id="this process, no time"),
        pytest.param(f"{_HERE.rpartition(':')[0]}:99999999:5", id="no process"),
    ],
)
def test_an_unreadable_mark_belongs_to_nobody(mark: str) -> None:
    assert not alive(mark)
