"""A folder that cannot be read is never taken for one in which there is nothing."""

from __future__ import annotations

import os
from pathlib import Path

from studio.sandbox.carrying.plan import Known, planned
from studio.sandbox.inside.signs import Sign, scan

FILE: Sign = ["f", 0o644, 3, 1, 1, ""]
FOLDER: Sign = ["d", 0o755, 0, 0, 0, ""]


def test_what_cannot_be_read_there_is_not_deleted_here() -> None:
    known: Known = {"shut": (FOLDER, FOLDER), "shut/in/work": (FILE, FILE), "gone": (FILE, FILE)}
    here = {"shut": FOLDER, "shut/in/work": FILE, "gone": FILE}

    plan = planned(known, here, {"shut": FOLDER}, {"shut"})

    assert (plan.there, plan.home) == ({}, {"gone": None})


def test_what_cannot_be_read_here_is_not_deleted_there() -> None:
    known: Known = {"shut": (FOLDER, FOLDER), "shut/work": (FILE, FILE)}

    plan = planned(known, {"shut": FOLDER}, {"shut": FOLDER, "shut/work": FILE}, {"shut"})

    assert (plan.there, plan.home) == ({}, {})


def test_a_folder_that_lies_too_deep_to_be_read_is_named(tmp_path: Path) -> None:
    name, folder = "d" * 250, os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir(name, dir_fd=folder)
        deeper = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)

    found = scan(str(tmp_path), 100)

    assert len(found.unread) == 1
    assert found.unread[0].startswith(name)
    assert found.whole
