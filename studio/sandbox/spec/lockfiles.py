"""Lockfiles: the files that say what a setup installs, so that the same ones need no second setup."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from studio.sandbox.plan import SandboxPlan

_NAMES = frozenset(
    [
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"),
        *("poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "pylock.toml", "requirements.txt"),
        *("Cargo.lock", "go.sum", "Gemfile.lock", "composer.lock", "mix.lock", "gradle.lockfile", "packages.lock.json"),
        *("deno.lock", "Package.resolved", "pubspec.lock", "conda-lock.yml", "flake.lock"),
    ]
)
_BESIDE = frozenset({"package.json", "pyproject.toml", "setup.py", "setup.cfg", ".npmrc", "pom.xml", "go.mod"})
"""What is read together with a lockfile, or in its place."""


def setup_key(plan: SandboxPlan, image: str, files: Mapping[str, str]) -> str:
    """Stands for all that decides what the plan's setup makes in an image, of a commit with these files.

    Without any lockfile every file counts.
    """
    named = {word.removeprefix("./") for command in plan.setup for part in command.argv for word in part.split()}
    locks = {path: about for path, about in files.items() if _name(path) in _NAMES or _is_requirements(path)}
    counting = {path: about for path, about in files.items() if _name(path) in _BESIDE or path in named} | locks
    parts = [
        image,
        [[list(command.argv), command.at_every_start] for command in plan.setup],
        dict(plan.env),
        sorted((counting if locks else files).items()),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _is_requirements(path: str) -> bool:
    return _name(path).startswith("requirements") and path.endswith((".txt", ".in"))
