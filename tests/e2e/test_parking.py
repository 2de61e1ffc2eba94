"""A run for which no model can be asked is parked: it says why and until when, survives a kill, and goes on."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine, Finished
from tests.fixtures.engine import events_of, first_event, opened, turn_ended
from tests.fixtures.hostile_provider import answering, hostile
from tests.fixtures.plug import Reply, provider
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, Script

from studio.domain.events import MessageUnqueued, TurnEnded, TurnStarted  # isort: skip
from studio.domain.runs import Outcome, RunState  # isort: skip

pytestmark = pytest.mark.docker

NOWHERE = {"OPENAI_API_KEY": "sk-test-key-0123456789", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
MODEL = "openai/small"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def ask(studio: CommandLine, project: Path, *words: str, **more: str) -> Finished:
    return studio("run", "Go", "--project", str(project), "--model", MODEL, "--json", *words, **more)


def only_run(studio: CommandLine) -> dict[str, Any]:
    runs: list[dict[str, Any]] = studio("runs", "--json").document
    return runs[0]


def test_a_provider_that_is_down_parks_the_run(studio: CommandLine, repository: Path) -> None:
    ran = ask(studio, repository, **NOWHERE)
    assert (ran.code, ran.outcome["outcome"]) == (5, "failed")
    run = only_run(studio)
    assert (run["state"], run["parked_until"]) == ("parked", ran.outcome["parked_until"])
    assert "does not answer" in ran.outcome["reason"]
    assert f"studio runs resume {run['id']}" in ran.outcome["action"]
    assert f"parked until {run['parked_until'][11:16]}" in studio("runs", TZ="UTC").out


async def test_a_pause_that_the_provider_asks_for_is_when_it_goes_on(studio: CommandLine, repository: Path) -> None:
    async with hostile(answering(429, headers={"retry-after": "7200"})) as limited:
        environment = NOWHERE | {"OPENAI_BASE_URL": f"{limited.url}/v1"}
        before = datetime.now(UTC)
        ran = await asyncio.to_thread(lambda: ask(studio, repository, **environment))
    until = datetime.fromisoformat(ran.outcome["parked_until"])
    assert ran.code == 5
    assert 7_200 <= (until - before).total_seconds() < 7_200 + 120


def test_a_wrong_key_is_no_reason_to_wait(studio: CommandLine, repository: Path) -> None:
    with provider(Reply(status=401)) as served:
        ran = ask(studio, repository, **served.environment("openai"))
    assert (ran.code, ran.outcome["parked_until"], only_run(studio)["state"]) == (5, None, "idle")


def test_a_days_budget_that_is_used_up_parks_until_midnight(studio: CommandLine, repository: Path) -> None:
    _set_prices(studio)
    with provider(Reply("One.", asked=900_000), Reply("Two.")) as served:
        environment = served.environment("openai")
        studio("budget", "set", "company", "0.90", "--per", "day")
        assert ask(studio, repository, **environment).code == 0
        parked = ask(studio, repository, **environment)
    assert (parked.code, parked.outcome["outcome"]) == (4, "limit")
    assert parked.outcome["parked_until"][10:19] == "T00:00:00"


def test_another_model_goes_on_where_it_was_left_and_the_whole_replays(
    studio: CommandLine, repository: Path, script: Script
) -> None:
    ask(studio, repository, **NOWHERE)
    run = only_run(studio)["id"]
    resumed = studio("runs", "resume", run, "--model", script(DONE), "--json", **NOWHERE)
    assert (resumed.code, resumed.outcome["outcome"]) == (0, "replied")
    assert "message_posted" in resumed.kinds()
    assert only_run(studio)["state"] == "idle"
    assert studio("runs", "replay", run).code == 0
    again = studio("runs", "resume", run)
    assert (again.code, "is not parked" in again.err) == (2, True)


def test_a_parked_run_can_be_stopped(studio: CommandLine, repository: Path) -> None:
    ask(studio, repository, **NOWHERE)
    assert studio("runs", "cancel", only_run(studio)["id"]).code == 0
    run = only_run(studio)
    assert (run["state"], run["outcome"], run["parked_until"]) == ("idle", "cancelled", None)


def test_a_killed_studio_lets_a_parked_run_go_on(studio: CommandLine, repository: Path) -> None:
    _set_prices(studio)
    serving = studio.serve(**NOWHERE)
    assert ask(studio, repository, **NOWHERE).code == 5
    serving.send_signal(signal.SIGKILL)
    serving.wait(timeout=30)
    parked = only_run(studio)
    assert parked["state"] == "parked"
    with provider(Reply("Hello.")) as served:
        studio.serve(**served.environment("openai"))
        # What is parked tries at once when money is there: nobody waits a minute for this test.
        assert studio("budget", "set", f"run:{parked['id']}", "5").code == 0
        followed = _until_idle(studio)
    assert (followed["state"], followed["outcome"]) == ("idle", "replied")


def _set_prices(studio: CommandLine) -> None:
    studio.home.mkdir(parents=True, exist_ok=True)
    (studio.home / "prices.toml").write_text('["openai/small"]\ninput = 1.0\noutput = 1.0\n')


def _until_idle(studio: CommandLine) -> dict[str, Any]:
    while (run := only_run(studio))["state"] != "idle":
        pass
    return run


async def test_a_message_to_a_parked_run_takes_its_place(tmp_path: Path, repository: Path, script: Script) -> None:
    async with opened(tmp_path / "home", NOWHERE) as studio:
        project = await studio.projects.find_or_add(str(repository))
        sent = await studio.chats.send(project.id, "Go", model=MODEL)
        assert (await turn_ended(studio, sent)).outcome is Outcome.PARKED
        next_one = await studio.chats.send(project.id, "Then so", sent.run, model=script(DONE))
        assert (await turn_ended(studio, next_one)).outcome is Outcome.REPLIED
        assert (await studio.chats.run(sent.run)).state is RunState.IDLE


async def test_what_is_queued_waits_for_a_parked_run_and_follows_it(
    tmp_path: Path, repository: Path, script: Script
) -> None:
    async with opened(tmp_path / "home", NOWHERE) as studio:
        project = await studio.projects.find_or_add(str(repository))
        sent = await studio.chats.send(project.id, "Go", model=MODEL)
        await turn_ended(studio, sent)
        queued = await studio.queue.add(sent.run, "And then")
        assert (await studio.chats.run(sent.run)).state is RunState.PARKED
        await studio.parkings.resume(sent.run, script(DONE, DONE))
        await first_event(studio, sent.run, MessageUnqueued)
        assert (await turn_ended(studio, queued)).outcome is Outcome.REPLIED
        ends = [event for event in await events_of(studio, sent.run) if isinstance(event, TurnEnded)]
        assert [end.outcome for end in ends] == [Outcome.PARKED, Outcome.REPLIED, Outcome.REPLIED]


async def test_a_verb_that_waits_follows_a_parked_turn_to_its_reply(
    studio: CommandLine, repository: Path, script: Script
) -> None:
    serving = studio.serve(**NOWHERE)
    following = studio.start("run", "Go", "--project", str(repository), "--model", MODEL, "--wait", "--json")
    assert following.stdout is not None
    for line in following.stdout:
        if '"kind": "turn_ended"' in line:
            break
    run = only_run(studio)["id"]
    assert studio("runs", "resume", run, "--model", script(DONE), "--json").code == 0
    rest, _ = await asyncio.to_thread(following.communicate, timeout=60)
    assert TurnStarted.kind in rest
    assert '"outcome": "replied"' in rest.splitlines()[-1]
    assert following.returncode == 0
    serving.terminate()


async def test_a_provider_that_is_left_alone_parks_again_without_being_asked_and_that_replays(
    studio: CommandLine, repository: Path
) -> None:
    async with hostile(answering(429, headers={"retry-after": "7200"})) as limited:
        environment = NOWHERE | {"OPENAI_BASE_URL": f"{limited.url}/v1"}
        await asyncio.to_thread(lambda: studio.serve(**environment))
        first = await asyncio.to_thread(lambda: ask(studio, repository, **environment))
        asked = len(limited.requests)
        await asyncio.to_thread(studio, "budget", "set", "company", "5")
        log = await asyncio.to_thread(_until_parked, studio, first.outcome["run"], 2)
        assert len(limited.requests) == asked
        faults = [event["fault"] for event in log if event["kind"] == "turn_ended"]
        assert faults == ["rate_limited", "resting"]
        replayed = await asyncio.to_thread(studio, "runs", "replay", first.outcome["run"])
        assert replayed.code == 0, replayed.out


def _until_parked(studio: CommandLine, run: str, times: int) -> list[dict[str, Any]]:
    while True:
        log: list[dict[str, Any]] = studio("runs", "log", run, "--json").document
        if sum(event["kind"] == "turn_ended" for event in log) >= times:
            return log
