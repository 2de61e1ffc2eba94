"""An engineer that changes a project with every tool for files and history, and never with a command."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from studio.domain.events import ToolAnswered, TurnEnded
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, first_event, opened
from tests.fixtures.handed import HANDED
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import Script, call

pytestmark = pytest.mark.docker

PATCH = """\
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -1,2 +1,2 @@
 def total(lines):
-    return sum(lines)
+    return sum(line.price for line in lines)
--- /dev/null
+++ b/tests/test_cart.py
@@ -0,0 +1,2 @@
+from shop.cart import total
+assert total([]) == 0
--- a/old.py
+++ /dev/null
@@ -1 +0,0 @@
-x = 1
"""
MANY = [{"old": "# Shop", "new": "# The shop"}, {"old": "Sells things.", "new": "Sells books."}]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("git_log", {}),
    ("move", {"path": "cart.py", "to": "shop/cart.py"}),
    ("apply_patch", {"patch": PATCH}),
    ("edit_many", {"path": "README.md", "edits": MANY}),
    ("delete", {"path": "build", "recursive": True}),
    ("git_diff", {}),
    ("git_blame", {"path": "README.md"}),
    ("git_show", {"commit": "HEAD"}),
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {
        "cart.py": "def total(lines):\n    return sum(lines)\n",
        "old.py": "x = 1\n",
        "README.md": "# Shop\n\nSells things.\n",
        "build/out/a.o": "a\n",
        "build/b.o": "b\n",
    }
    return make_repository(tmp_path / "a shop ü", files)


@pytest.fixture
def model(script: Script) -> str:
    return script(*(call(name, **arguments) for name, arguments in CALLS), HANDED)


def test_the_branch_holds_what_the_tools_did_and_nobody_was_asked(
    studio: CommandLine, repository: Path, model: str
) -> None:
    done = studio("run", "Tidy up", "--project", str(repository), "--model", model, "--approve", "deny", "--json")

    assert done.code == 0, done.err
    answers = {line["name"]: line for line in done.lines if line["kind"] == "tool_answered"}
    assert [name for name, answer in answers.items() if not answer["ok"]] == []
    assert answers["apply_patch"]["summary"] == "+3 −2"
    assert "+# The shop" in answers["git_diff"]["text"]
    assert "shop/" in answers["git_diff"]["text"]
    assert studio("merge", done.outcome["run"]).code == 0
    _holds_the_work(repository)


@pytest.mark.parametrize("at", [2, 3, 4, 5], ids=["move", "apply_patch", "edit_many", "delete"])
async def test_a_change_whose_result_was_never_noted_is_made_once(
    studio: CommandLine, repository: Path, model: str, at: int
) -> None:
    words = ("run", "Tidy up", "--project", str(repository), "--model", model, "--approve", "deny")
    assert studio(*words, STUDIO_FAULT_POINT=f"before_tool_answered:{at}").code == -signal.SIGKILL

    async with opened(studio.home) as reopened:
        (run,) = await reopened.chats.runs()
        await first_event(reopened, run.id, TurnEnded)
        answers = [event for event in await events_of(reopened, run.id) if isinstance(event, ToolAnswered)]
        assert [(answer.name, answer.ok) for answer in answers] == [
            *((name, True) for name, _ in CALLS),
            ("hand_off", True),
        ]
        await reopened.review.merge(run.id)
    _holds_the_work(repository)


def _holds_the_work(repository: Path) -> None:
    assert git(repository, "ls-files").split() == ["README.md", "shop/cart.py", "tests/test_cart.py"]
    assert (repository / "README.md").read_text() == "# The shop\n\nSells books.\n"
    assert (repository / "shop/cart.py").read_text().count("line.price") == 1
