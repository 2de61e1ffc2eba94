"""The import contracts, tried: each kind of wrong import, put into a copy of the tree, makes the checker fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


@dataclass(frozen=True)
class House:
    """A copy of the tree that a test may spoil."""

    folder: Path

    def add(self, path: str, line: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        with file.open("a") as text:
            text.write(f"\n{line}\n")

    def inspect(self) -> tuple[int, str]:
        """The checker's exit code and the names of the contracts it calls broken."""
        done = subprocess.run(
            [sys.executable, "-c", LINT, "--no-cache"],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        broken = [line for line in done.stdout.splitlines() if "BROKEN" in line or "not present" in line]
        return done.returncode, "\n".join(broken) + done.stderr


@pytest.fixture
def house(tmp_path: Path) -> House:
    shutil.copytree(ROOT / "studio", tmp_path / "studio", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return House(tmp_path)


def test_the_tree_as_it_is_keeps_every_contract(house: House) -> None:
    assert house.inspect() == (0, "")


def test_every_folder_of_the_window_is_a_listed_panel_or_shared() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (panels,) = (contract["modules"] for contract in contracts if contract["id"] == "panels")
    folders = {f"studio.ui.{file.parent.name}" for file in (ROOT / "studio" / "ui").glob("*/*.py")}

    assert folders - {"studio.ui.widgets"} == set(panels)


WRONG = {
    "a lower room imports a higher one": (
        "studio/domain/wrong.py",
        "import studio.store.database",
        "Lower rooms never import higher ones",
    ),
    "rooms on one line import each other": (
        "studio/sandbox/wrong.py",
        "import studio.workspace.files",
        "Lower rooms never import higher ones",
    ),
    "a room that nobody listed": ("studio/attic/wrong.py", "", "Lower rooms never import higher ones"),
    "a face reaches behind the door": ("studio/cli/wrong.py", "import studio.store.database", "Faces see only"),
    "someone but the bootstrap imports an adapter": (
        "studio/app/wrong.py",
        "import studio.adapters.docker",
        "Only the bootstrap and what it builds on import adapters",
    ),
    "an adapter imports another": (
        "studio/adapters/docker/wrong.py",
        "import studio.adapters.providers",
        "Adapters are blind",
    ),
    "an adapter imports a room above contracts": (
        "studio/adapters/docker/wrong.py",
        "import studio.store.database",
        "Adapters see only",
    ),
    "a panel imports another": ("studio/ui/editor/wrong.py", "import studio.ui.explorer", "Panels of the window"),
    "Qt outside the window": ("studio/app/wrong.py", "from PySide6 import QtCore", "Qt lives only in ui"),
    "the Qt loop outside the window": ("studio/base/wrong.py", "import qasync", "Qt lives only in ui"),
    "the Docker SDK outside its adapter": ("studio/sandbox/wrong.py", "import docker", "The Docker SDK"),
    "the Anthropic SDK outside its adapter": ("studio/router/wrong.py", "import anthropic", "The Anthropic SDK"),
    "the OpenAI SDK in another adapter": ("studio/adapters/docker/wrong.py", "import openai", "The OpenAI SDK"),
    "the Ollama SDK outside its adapter": ("studio/agents/wrong.py", "from ollama import Client", "The Ollama SDK"),
    "the durable engine outside workflow": ("studio/agents/wrong.py", "import dbos", "The durable engine"),
    "prices outside router": ("studio/app/wrong.py", "import genai_prices", "Prices are known only"),
    "the shell's grammar outside tools": (
        "studio/agents/wrong.py",
        "import tree_sitter_bash",
        "The grammar of the shell",
    ),
    "the database outside store": ("studio/events/wrong.py", "import sqlalchemy", "The database library"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_import_breaks_its_contract(wrong: str, house: House) -> None:
    path, line, contract = WRONG[wrong]
    house.add(path, line)

    code, broken = house.inspect()

    assert code == 1
    assert contract in broken
