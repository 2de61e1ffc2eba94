"""What runs on someone's machine is told by its name, in any folder and whatever its letters' case."""

from __future__ import annotations

import pytest

from studio.domain.on_machines import OnMachine, lines_of, on_machines, words_of


@pytest.mark.parametrize(
    ("path", "by"),
    [
        (".gitattributes", "git"),
        ("libs/.gitmodules", "git"),
        (".husky/pre-commit", "git"),
        ("app/.HUSKY/pre-push", "git"),
        (".github/workflows/ci.yml", "CI"),
        (".gitlab-ci.yml", "CI"),
        (".vscode/tasks.json", "editors"),
        (".idea/runConfigurations/x.xml", "editors"),
        (".envrc", "shells"),
        (".devcontainer/devcontainer.json", "containers"),
        ("web/Dockerfile", "containers"),
        ("docker-compose.override.yml", "containers"),
        ("Makefile", "make"),
        ("package.json", "npm and its kin"),
        ("web/.npmrc", "npm and its kin"),
        ("yarn.lock", "npm and its kin"),
        ("setup.py", "Python"),
        ("pyproject.toml", "Python"),
        ("tests/conftest.py", "Python"),
        ("src/sitecustomize.py", "Python"),
        ("venv/evil.pth", "Python"),
        ("pip.conf", "Python"),
        ("AGENTS.md", "agents"),
        (".cursor/rules/one.mdc", "agents"),
        (".studio/rules.md", "Studio"),
        (".worktreeinclude", "Studio"),
    ],
)
def test_a_file_that_a_program_runs_by_itself_is_named_with_it(path: str, by: str) -> None:
    assert on_machines([path]) == (OnMachine(path, by),)


@pytest.mark.parametrize(
    "path", ["README.md", "src/index.ts", "src/makefiles.py", "docs/dockerfile.d/../notes.txt", "husky/pre-commit"]
)
def test_other_files_are_not(path: str) -> None:
    assert on_machines([path]) == ()


def test_many_are_counted_in_the_line() -> None:
    found = on_machines([f"{number}/Makefile" for number in range(10)])

    said = words_of(found, more=3)

    assert said.startswith("Runs on someone's machine: 0/Makefile (make), 1/Makefile (make), ")
    assert said.endswith("7/Makefile (make) and 5 more.")
    assert lines_of(found, more=3)[-2:] == ("9/Makefile (make)", "3 more, which are not kept by name")
    assert lines_of(found[:8]) == ()


def test_what_runs_by_a_look_at_the_checkout_stands_before_what_somebody_has_to_start() -> None:
    found = on_machines([".ci/a", "Makefile", ".vscode/tasks.json", ".envrc", ".husky/pre-commit"])

    assert [one.by for one in found] == ["git", "shells", "editors", "CI", "make"]
