"""`studio providers test` for scripts: its exit code, and that the process which does the work makes the calls."""

from __future__ import annotations

import pytest

from studio.router.tries import CALLS
from tests.fixtures.command_line import CommandLine
from tests.fixtures.plug import Cut, Reply, provider

RIGHT = Reply(calls=(("report_file", CALLS[0]),))
WRITES = Reply("1\n2\n3\n4\n5\n6")


def test_the_exit_code_says_whether_agents_can_work_with_a_provider(studio: CommandLine) -> None:
    with provider(RIGHT, WRITES, Reply("I would call it."), WRITES) as served:
        studio.environment = served.environment("openai")
        good = studio("providers", "test", "openai")
        useless = studio("providers", "test", "openai")
    away = studio("providers", "test", "openai")

    assert (good.code, useless.code, away.code) == (0, 1, 5)
    assert "tool call   right" in good.out
    assert useless.err == "It called no tool. Agents need a model that does.\n"
    assert "does not answer at" in away.err


def test_a_provider_that_is_declared_by_name_is_tried_like_any_other(studio: CommandLine) -> None:
    with provider(RIGHT, WRITES) as served:
        studio.home.mkdir()
        (studio.home / "providers.toml").write_text(f'[house]\nbase_url = "{served.url}/v1"\n')
        told = studio("providers", "test", "house", "--json")

    assert told.code == 0, told.err
    assert (told.document["model"], told.document["passed"]) == ("house/small", True)
    assert (told.document["input"], told.document["output"]) == served.bill()


@pytest.mark.docker
def test_the_process_that_does_the_work_is_the_one_that_calls(studio: CommandLine) -> None:
    with provider(RIGHT, WRITES, Reply(cut=Cut.INSIDE)) as served:
        # Only that process has the key.
        serving = studio.serve(**served.environment("anthropic"))
        good = studio("providers", "test", "anthropic", "--json")
        cut = studio("providers", "test", "anthropic", "--json")
        serving.terminate()

    assert (good.code, good.document["passed"]) == (0, True), good.err
    assert (cut.code, cut.document["tool_call"]) == (1, False)
    assert "broke off or could not be read" in cut.document["fault"]
