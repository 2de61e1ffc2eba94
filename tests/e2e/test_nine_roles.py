"""Each role does a small real job on a real published package, over a provider's own protocol, and hands it over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.aimock import Fixture, ModelServer, calling, conversation
from tests.fixtures.command_line import CommandLine
from tests.fixtures.repositories import RIGHT, WRONG

pytestmark = pytest.mark.docker

ModelServers = Callable[[Sequence[Fixture]], ModelServer]

SOURCE = "inflection/__init__.py"
TESTS = "python3 -B -m pytest -q -p no:cacheprovider test_inflection.py 2>&1 | tail -n 3"
NEW_TEST = "import inflection\n\n\ndef test_a_dash():\n    assert inflection.underscore('a-b') == 'a_b'\n"


@dataclass(frozen=True, slots=True)
class Job:
    """What a role is asked, what its agent does, what it hands over, and which files that changed."""

    role: str
    asked: str
    work: tuple[Fixture, ...]
    result: dict[str, Any]
    changed: tuple[str, ...] = ()
    next_role: str = ""
    tasks: int = 0


def shell(command: str) -> Fixture:
    return calling("shell", {"command": command})


def write(path: str, content: str) -> Fixture:
    return calling("write", {"path": path, "content": content})


JOBS = (
    Job(
        "product-manager",
        "What should underscore() promise?",
        (
            calling("search", {"pattern": "def underscore", "path": SOURCE}),
            calling(
                "create_task",
                {
                    "title": "underscore() turns dashes into underscores",
                    "text": f"See {SOURCE}: the characters are swapped.",
                    "checks": ["underscore('a-b') is 'a_b'"],
                    "role": "engineer",
                },
            ),
        ),
        {"goal": "Names read the same everywhere.", "acceptance": ["underscore('a-b') is 'a_b'"], "left_out": ["none"]},
        tasks=1,
    ),
    Job(
        "development-manager",
        "Cut the repair into tasks.",
        (
            calling("git_log", {}),
            calling("create_task", {"title": "Mend underscore()", "text": "Swap them.", "checks": ["tests pass"]}),
            calling("create_task", {"title": "Test dashes", "text": "Add a test.", "checks": ["it can fail"]}),
        ),
        {"tasks": ["mend underscore()", "test dashes"], "risks": ["none"]},
        tasks=2,
    ),
    Job(
        "architect",
        "Where should a rule about dashes live?",
        (
            calling("read", {"path": SOURCE, "start_line": 397, "lines": 22}),
            write("docs/decisions/dashes.md", "# Dashes\n\nIn underscore() alone.\n"),
        ),
        {"decision": "In underscore().", "touches": [SOURCE], "rejected": ["a table"], "risks": ["none"]},
        changed=("docs/decisions/dashes.md",),
    ),
    Job(
        "engineer",
        "underscore() is wrong. Fix it.",
        (
            shell(TESTS),
            calling("edit", {"path": SOURCE, "old": WRONG, "new": RIGHT}),
            shell(TESTS),
        ),
        {"summary": "The characters were swapped.", "checks": [f"{TESTS}: passed"]},
        changed=(SOURCE,),
        next_role="reviewer",
    ),
    Job(
        "tester",
        "Does underscore() hold what it promises?",
        (write("test_dashes.py", NEW_TEST), shell("python3 -B -m pytest -q -p no:cacheprovider test_dashes.py")),
        {"verdict": "does not hold", "checks": ["a-b: it gave a-b"], "faults": ["underscore('a-b') is wrong: bad"]},
        changed=("test_dashes.py",),
        next_role="engineer",
    ),
    Job(
        "reviewer",
        "Review the newest commit.",
        (calling("git_show", {"commit": "HEAD"}), shell(TESTS)),
        {"verdict": "ask for changes", "findings": [f"{SOURCE}: swapped"], "checked": ["the tests: they fail"]},
    ),
    Job(
        "designer",
        "Make the first lines of the documentation easier to read.",
        (calling("list", {"path": "."}), write("docs/first.md", "# Names\n\nSay it once.\n")),
        {"summary": "A shorter beginning.", "states": ["none: it is a page"], "checks": ["read it"]},
        changed=("docs/first.md",),
    ),
    Job(
        "data-analyst",
        "How many public functions are there?",
        (shell(f"grep -c '^def [a-z]' {SOURCE}"),),
        {"answer": "See the count.", "certain": "yes", "method": [f"grep -c on {SOURCE}"], "limits": ["none"]},
    ),
    Job(
        "platform-engineer",
        "Let the tests run on every push.",
        (write(".github/workflows/tests.yml", "on: push\njobs: {}\n"), shell("test -s .github/workflows/tests.yml")),
        {"summary": "A workflow.", "checks": ["the file is there"], "way_back": "Delete the file."},
        changed=(".github/workflows/tests.yml",),
    ),
)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.role)
def test_a_role_does_its_job_and_hands_over_its_typed_result(
    studio: CommandLine, broken_package: Path, model_server: ModelServers, job: Job
) -> None:
    given: dict[str, Any] = {"result": job.result, **({"next_role": job.next_role} if job.next_role else {})}
    server = model_server(conversation(*job.work, calling("hand_off", given, text="Here it is.")))
    studio.environment = server.environment()

    words = ("--project", str(broken_package), "--role", job.role, "--model", "openai/gpt-5", "--approve", "auto")
    ran = studio("run", job.asked, *words, "--json")

    assert (ran.code, ran.outcome["outcome"], ran.outcome["steps"]) == (0, "replied", len(job.work) + 1), ran.err
    answered = [line for line in ran.lines if line["kind"] == "tool_answered"]
    assert [line["ok"] for line in answered[:-1] if line["name"] != "shell"] == [
        True for line in answered[:-1] if line["name"] != "shell"
    ], [line["text"] for line in answered if not line["ok"]]
    assert ran.outcome["handoff"] == {"to": job.next_role or None, "note": "", "result": job.result}
    assert len(studio("board", "--json").document) == job.tasks
    changed = studio("diff", ran.outcome["run"], "--json").document["files"]
    assert tuple(file["path"] for file in changed) == job.changed


def test_every_role_that_studio_brings_has_a_job_here(studio: CommandLine) -> None:
    brought = {role["name"] for role in studio("roles", "--json").document["roles"]}
    assert brought == {job.role for job in JOBS}
