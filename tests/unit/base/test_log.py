from __future__ import annotations

import io
import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.base.log import ROOT, logger, setup
from studio.base.redact import MARK, Redactor


@pytest.fixture(autouse=True)
def _leave_no_handler() -> Iterator[None]:
    yield
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if handler.get_name() == ROOT:
            root.removeHandler(handler)
            handler.close()


def test_the_file_gets_one_json_line_for_each_entry(tmp_path: Path) -> None:
    setup(Redactor(), folder=tmp_path, stream=io.StringIO())
    logger("agents").info("turn_ended", run="r1", steps=3)
    line = json.loads((tmp_path / "studio.log").read_text())
    assert (line["event"], line["run"], line["steps"], line["logger"]) == ("turn_ended", "r1", 3, "studio.agents")
    assert stat.S_IMODE((tmp_path / "studio.log").stat().st_mode) == 0o600


def test_the_terminal_shows_what_weighs_enough() -> None:
    stream = io.StringIO()
    setup(Redactor(), stream=stream, level="warning")
    logger("agents").info("step_started")
    logger("agents").warning("sandbox_lost", run="r1")
    assert "step_started" not in stream.getvalue()
    assert "sandbox_lost" in stream.getvalue()


def test_no_secret_gets_through_not_even_in_a_traceback(tmp_path: Path) -> None:
    stream = io.StringIO()
    setup(Redactor(["sk-very-secret"]), folder=tmp_path, stream=stream)
    try:
        raise ValueError("refused: sk-very-secret")
    except ValueError:
        logger("router").exception("call_failed", key="sk-very-secret")
    for text in (stream.getvalue(), (tmp_path / "studio.log").read_text()):
        assert "sk-very-secret" not in text
        assert "ValueError" in text
        assert MARK in text


def test_warnings_of_libraries_arrive_too() -> None:
    stream = io.StringIO()
    setup(Redactor(), stream=stream)
    logging.getLogger("some.library").warning("slow %s", "query")
    assert "slow query" in stream.getvalue()


def test_setting_up_again_writes_nothing_twice() -> None:
    stream = io.StringIO()
    setup(Redactor(), stream=stream)
    setup(Redactor(), stream=stream)
    logger("agents").warning("once")
    assert stream.getvalue().count("once") == 1
