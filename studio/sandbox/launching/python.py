"""Launches of web apps in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from studio.domain.previews import Launch
from studio.sandbox.launching.look import Look, inside, table, toml_object


class _Framework(NamedTuple):
    package: str
    kind: str
    made: re.Pattern[str]
    line: str
    port: int
    needs: str


def _made(maker: str) -> re.Pattern[str]:
    return re.compile(rf"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?{maker}\(", re.M)


_ASGI = "python3 -m uvicorn {module}:{name} --reload --port 8000"
_FLASK = "python3 -m flask --app {module}:{name} run --debug --port 5000"
_STREAMLIT = "python3 -m streamlit run {path} --server.headless true --server.port 8501"
_FRAMEWORKS = (
    _Framework("fastapi", "FastAPI", _made("FastAPI"), _ASGI, 8000, "uvicorn"),
    _Framework("starlette", "Starlette", _made("Starlette"), _ASGI, 8000, "uvicorn"),
    _Framework("flask", "Flask", _made("Flask"), _FLASK, 5000, "flask"),
    _Framework(
        "streamlit", "Streamlit", re.compile(r"^(?:import|from) (streamlit)\b", re.M), _STREAMLIT, 8501, "streamlit"
    ),
)
_MODULES = ("main.py", "app.py", "server.py", "api.py", "asgi.py", "wsgi.py", "web.py", "__init__.py")
_MOST_PACKAGES = 12
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MODULE = re.compile(r"[A-Za-z_]\w*")


def launches(look: Look, folder: str) -> Iterator[Launch]:
    """The apps in Python whose frameworks `folder` needs, and Django's own."""
    names = look.names(folder)
    if "manage.py" in names and "django" in look.text(inside(folder, "manage.py")).lower():
        line = "python3 manage.py runserver 8000"
        whole, reason = _with_packages(names, "django", line), f"there is {inside(folder, 'manage.py')}"
        yield Launch("Django", whole, reason, (8000,), late=True, line=line)
    if not any(name.endswith(".py") or name in ("pyproject.toml", "requirements.txt") for name in names):
        return
    used = _packages(look, folder, names)
    for path, module, text in _sources(look, folder, names):
        for framework in _FRAMEWORKS:
            made = framework.made.search(text)
            if made is None or (used and framework.package not in used):
                continue
            line = framework.line.format(module=module, name=made[1], path=path)
            reason = f"{inside(folder, path)} makes the app"
            whole = _with_packages(names, framework.needs, line)
            yield Launch(framework.kind, whole, reason, (framework.port,), late=True, line=line)


def _with_packages(names: frozenset[str], needs: str, line: str) -> str:
    """`line` with the packages that the project names, which are installed first where the container has none."""
    if "uv.lock" in names:
        return f"uv run {line}"
    if "poetry.lock" in names:
        return f"poetry run {line}"
    wanted = "-r requirements.txt" if "requirements.txt" in names else "." if "pyproject.toml" in names else needs
    make = f"{{ python3 -m venv .venv && .venv/bin/python -m pip install {wanted}; }}"
    ready = f"{{ [ -d .venv ] || python3 -c 'import {needs}' 2>/dev/null || {make}; }}"
    return f'{ready} && PATH="$PWD/.venv/bin:$PATH" {line}'


def _packages(look: Look, folder: str, names: frozenset[str]) -> frozenset[str]:
    """The names of the packages that the project says it needs; none when it says nothing."""
    lines: list[Any] = []
    for name in names:
        if name.startswith("requirements") and name.endswith((".txt", ".in")):
            lines += look.text(inside(folder, name)).splitlines()
    project = toml_object(look.text(inside(folder, "pyproject.toml")))
    declared = table(project, "project").get("dependencies")
    lines += declared if isinstance(declared, list) else []
    for group in table(table(project, "project"), "optional-dependencies").values():
        lines += group if isinstance(group, list) else []
    lines += table(table(table(project, "tool"), "poetry"), "dependencies")
    found = (_WORD.match(line.strip()) for line in lines if isinstance(line, str))
    return frozenset(each[0].lower() for each in found if each is not None)


def _sources(look: Look, folder: str, names: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Path, module and text of the files in which an app is usually made."""
    for name in _MODULES:
        if name in names and name != "__init__.py":
            yield name, name.removesuffix(".py"), look.text(inside(folder, name))
    packages = sorted(name for name in names if _MODULE.fullmatch(name) and name not in ("tests", "node_modules"))
    for package in packages[:_MOST_PACKAGES]:
        within = look.names(inside(folder, package))
        for name in _MODULES:
            if name in within:
                module = package if name == "__init__.py" else f"{package}.{name.removesuffix('.py')}"
                yield f"{package}/{name}", module, look.text(inside(folder, f"{package}/{name}"))
