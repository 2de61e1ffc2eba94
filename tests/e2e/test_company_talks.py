"""The company talks: agents and the developer share a board, and agents tell each other what they must know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine, Finished
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import call, scripted

DONE = {"text": "Done."}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def work(studio: CommandLine, repository: Path, role: str, *replies: object) -> Finished:
    """One turn of an agent of this role that says these things."""
    model = ("--model", scripted(repository.parent, *replies, name=role))
    ran = studio("run", "Go", "--project", str(repository), "--role", role, *model, "--approve", "auto", "--json")
    assert ran.code == 0, ran.err
    return ran


def answers(ran: Finished, name: str) -> list[dict[str, Any]]:
    return [line for line in ran.lines if line["kind"] == "tool_answered" and line["name"] == name]


def test_the_developer_keeps_a_board(studio: CommandLine, repository: Path) -> None:
    assert studio("project", "add", str(repository)).code == 0
    assert "The board is empty. Add a task: studio board add" in studio("board").err
    words = ("--check", "a test holds it", "--role", "engineer", "--priority", "high", "--project", "shop")
    first = studio("board", "add", "Price list", "--project", "shop", "--json").document
    made = studio("board", "add", "Add a discount", "--text", "Ten per cent.", "--after", first["id"], *words)
    task = made.out.split()[1].rstrip(":")
    assert studio("board", "comment", task, "Not for gift cards.").out == f"Your comment stands at {task}.\n"

    shown = studio("board", "show", task, "--json").document
    assert (shown["priority"], shown["depends"], shown["by"]) == ("high", [first["id"]], "developer")
    assert [comment["text"] for comment in shown["comments"]] == ["Not for gift cards."]
    assert "[developer] Not for gift cards." in studio("board", "show", task).out
    assert studio("board", "drop", first["id"]).code == 0
    listed = studio("board", "list", "--project", "shop", "--json").document
    assert [(each["title"], each["state"]) for each in listed] == [
        ("Price list", "dropped"),
        ("Add a discount", "planned"),
    ]
    assert "Add a discount" in studio("board").out


def test_wrong_words_about_a_board_are_answered_with_what_to_do(studio: CommandLine, repository: Path) -> None:
    studio("project", "add", str(repository))
    unknown = studio("board", "show", "x0")
    assert unknown.code == 2
    assert unknown.err == "studio: There is no task x0.\n        See which there are: studio board\n"
    role = studio("board", "add", "X", "--project", "shop", "--role", "enginer")
    assert role.code == 2
    assert "Did you mean engineer?" in role.err
    assert "The title is longer than 120" in studio("board", "add", "x" * 121, "--project", "shop").err


@pytest.mark.docker
def test_agents_write_a_board_and_read_what_the_others_wrote(studio: CommandLine, repository: Path) -> None:
    create = call("create_task", title="Add a discount", text="Ten per cent.", checks=["a test"], role="engineer")
    planned = work(studio, repository, "development-manager", create, DONE, DONE)
    [created] = [line for line in planned.lines if line["kind"] == "task_created"]
    assert (created["by"], created["checks"], created["run"]) == (
        "development-manager",
        ["a test"],
        planned.outcome["run"],
    )

    task = created["task"]
    read = call("board_read", task=task)
    ran = work(
        studio, repository, "engineer", call("board_read"), read, call("comment_task", task=task, text="Mine."), DONE
    )
    overview, whole = answers(ran, "board_read")
    assert overview["text"] == f"{task} · planned · normal · engineer · Add a discount"
    assert "Written by: development-manager\nTen per cent.\nIt is done when:\n- a test" in whole["text"]
    assert [each["text"] for each in studio("board", "show", task, "--json").document["comments"]] == ["Mine."]


@pytest.mark.docker
def test_only_a_role_that_may_creates_tasks(studio: CommandLine, repository: Path) -> None:
    ran = work(studio, repository, "engineer", call("create_task", title="Mine", text="x", checks=[]), DONE)
    assert "There is no tool “create_task”" in answers(ran, "create_task")[0]["text"]
    assert studio("board", "--json").document == []


@pytest.mark.docker
def test_a_message_waits_for_the_role_and_is_read_before_its_next_step(studio: CommandLine, repository: Path) -> None:
    question = call("tell", to="tester", kind="question", text="Does a.txt hold?", priority="high")
    asked = work(studio, repository, "engineer", question, DONE)
    [sent] = studio("messages", "--json").document
    assert (sent["state"], sent["reason"]) == (
        "no_agent_yet",
        "No run of the role tester is there yet; the next one reads it.",
    )
    assert "waits for a first run" in studio("messages").out
    assert "Every message was read, or waits for its reader." in studio("messages", "--undeliverable").err

    said = (
        f"[A message from another agent, the engineer of run {asked.outcome['run']}, not from the developer: question"
    )
    heard = {"contains": [said, "Does a.txt hold?"]}
    answer = call("tell", to=asked.outcome["run"], kind="answer", text="It does.", answers=sent["id"])
    tested = work(studio, repository, "tester", {**heard, **answer}, DONE, DONE)
    assert tested.kinds().count("agent_heard") == 1

    again = studio("run", "And?", "--run", asked.outcome["run"], "--json")
    assert [line["text"] for line in again.lines if line["kind"] == "agent_heard"] == ["It does."], again.err
    [first, second] = studio("messages", "--json").document
    assert (first["state"], first["read_by"]) == ("read", tested.outcome["run"])
    assert (second["state"], second["answers"], second["read_by"]) == ("read", sent["id"], asked.outcome["run"])
    assert "Every message was read, or waits for its reader." in studio("messages", "--undeliverable").err


@pytest.mark.docker
def test_a_message_to_no_run_is_said_to_be_so_and_kept_for_the_person(studio: CommandLine, repository: Path) -> None:
    ran = work(studio, repository, "engineer", call("tell", to="rx123", kind="note", text="Hello"), DONE)
    [answer] = answers(ran, "tell")
    assert not answer["ok"]
    assert "cannot be delivered. There is no such run." in answer["text"]
    assert "There is no such run." in studio("messages", "--undeliverable").out


@pytest.mark.docker
def test_work_handed_off_to_a_role_is_told_to_it(studio: CommandLine, repository: Path) -> None:
    result = {"summary": "Added it.", "checks": ["pytest: 3 passed"]}
    handed = call("hand_off", result=result, next_role="reviewer", note="Begin with a.txt.")
    work(studio, repository, "engineer", handed)
    heard = {"contains": ["not from the developer: handoff", "Begin with a.txt.", "pytest: 3 passed"], **DONE}
    reviewed = work(studio, repository, "reviewer", heard)
    [told] = [line for line in reviewed.lines if line["kind"] == "agent_heard"]
    assert (told["message_kind"], told["from_role"]) == ("handoff", "engineer")
