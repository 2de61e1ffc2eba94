"""`studio usage` for people: what several rows come to, and what runs are called."""

from __future__ import annotations

import pytest

from studio.app.usage import UsageRow
from studio.cli.usage import By, _show
from studio.domain.ids import RunId

ONE = UsageRow(2, 10, 20, 3, 0, 500_000_000, 0, project="p1", run="r1", model="small", provider="openai")
UNPRICED = UsageRow(1, 5, 6, 0, 0, None, 1, project="p1", run="r2", model="odd", provider="openai")


def shown(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """The cells of each line."""
    return [line.split(maxsplit=7) for line in capsys.readouterr().out.replace(" + ", "+").splitlines()]


def test_several_rows_end_with_what_they_come_to(capsys: pytest.CaptureFixture[str]) -> None:
    _show((ONE, UNPRICED), By.MODEL, {}, None, "")
    assert shown(capsys)[-1] == ["all", "3", "15", "26", "3", "$0.5000+1", "unpriced", "$0.00"]


def test_one_row_is_its_own_sum(capsys: pytest.CaptureFixture[str]) -> None:
    _show((ONE,), By.MODEL, {}, None, "")
    assert [line[0] for line in shown(capsys)] == ["MODEL", "openai/small"]


def test_runs_are_shown_with_their_titles(capsys: pytest.CaptureFixture[str]) -> None:
    _show((ONE,), By.RUN, {}, {RunId("r1"): "Mend the login\nform"}, "")
    assert [line[-1] for line in shown(capsys)] == ["TITLE", "Mend the login ⏎ form"]
