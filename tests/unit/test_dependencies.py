"""What is imported is pinned, and what is pinned is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# Distributions whose module is called otherwise; parts of a pinned one count as it.
MODULES = {
    "genai-prices": {"genai_prices"},
    "markdown-it-py": {"markdown_it"},
    "pyyaml": {"yaml"},
    "mcp": {"mcp", "mcp_types"},
    "pyside6": {"PySide6", "shiboken6"},
    "pyside6-qtads": {"PySide6QtAds"},
    "pyside6-qtermwidget": {"pyside6_qtermwidget"},
    "pyside6-scintilla": {"pyside6_scintilla"},
    "fastapi": {"fastapi", "starlette"},
    "tree-sitter": {"tree_sitter"},
    "tree-sitter-bash": {"tree_sitter_bash"},
}
# Shipped for their files alone, which are found without importing them: the icon font.
FILES_ALONE = {"qtawesome"}


def pins() -> dict[str, str]:
    """Each direct dependency's name and what follows it."""
    found = (re.match(r"([\w-]+)(.*)", line) for line in PROJECT["dependencies"])
    return {match[1].lower(): match[2] for match in found if match}


def imported() -> set[str]:
    """The packages from elsewhere that the program names, in an import or to `import_module`."""
    names: set[str] = set()
    for file in (ROOT / "studio").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Import(names=aliases):
                    names |= {alias.name.partition(".")[0] for alias in aliases}
                case ast.ImportFrom(module=str(module), level=0):
                    names.add(module.partition(".")[0])
                case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(module))]):
                    names.add(module.partition(".")[0])
    # What runs inside a sandbox imports its neighbours by their bare names.
    inside = {file.stem for file in (ROOT / "studio" / "sandbox" / "inside").glob("*.py")}
    return names - set(sys.stdlib_module_names) - {"studio"} - inside


def test_every_import_from_elsewhere_is_a_direct_dependency() -> None:
    given = set[str]().union(*(MODULES.get(name, {name}) for name in pins()))

    assert imported() <= given


def test_every_direct_dependency_is_imported() -> None:
    used = imported()

    assert {name for name in pins() if not MODULES.get(name, {name}) & used} == FILES_ALONE


def test_every_direct_dependency_is_pinned_as_in_the_lists() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text().lower()
        for name, rest in pins().items():
            version = rest.partition(";")[0].strip()
            assert f"\n{name}{version} " in f"\n{text}", f"{name} is not as pinned in {lock}: run scripts/lock"


def test_the_lists_name_no_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / lock).read_text()


def test_the_fuzzy_matcher_is_imported_as_a_whole() -> None:
    """Window and engine import it at the same time: whoever names a part locks that first, the other the whole."""
    part = re.compile(r"(from|import) rapidfuzz\.")
    assert [path for path in (ROOT / "studio").rglob("*.py") if part.search(path.read_text())] == []
