"""The setup of a project that names none: what its lockfile is installed with."""

from __future__ import annotations

from collections.abc import Container

from studio.sandbox.plan import SetupCommand

_USUAL = (
    ("package-lock.json", "npm", "node_modules", "npm ci --no-audit --no-fund"),
    ("npm-shrinkwrap.json", "npm", "node_modules", "npm ci --no-audit --no-fund"),
    ("pnpm-lock.yaml", "pnpm", "node_modules", "pnpm install --frozen-lockfile"),
    ("yarn.lock", "yarn", "node_modules", "yarn install --frozen-lockfile"),
    ("bun.lock", "bun", "node_modules", "bun install --frozen-lockfile"),
    ("bun.lockb", "bun", "node_modules", "bun install --frozen-lockfile"),
    ("uv.lock", "uv", ".venv", "uv sync --frozen"),
)
"""Lockfile, program, the folder that it fills, the command. The first whose file is there counts."""


def usual_setup(files: Container[str]) -> tuple[SetupCommand, ...]:
    """The one command for the lockfile at the top of a commit with these files; none without one.

    It does nothing where its program is missing, or where git would take what it installs for work.
    """
    for lockfile, program, folder, command in _USUAL:
        if lockfile in files:
            guard = f"command -v {program} > /dev/null && git check-ignore --quiet --no-index {folder}/x"
            return (SetupCommand(("sh", "-c", f"if {guard}; then {command}; fi"), words=command),)
    return ()
