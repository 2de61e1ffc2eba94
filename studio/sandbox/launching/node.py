"""Launches of what a package.json describes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from studio.domain.previews import Launch
from studio.sandbox.launching.look import Look, inside, json_object, table


class _Framework(NamedTuple):
    package: str
    kind: str
    port: int
    reloads: bool = True


_FRAMEWORKS = (
    _Framework("next", "Next.js", 3000),
    _Framework("nuxt", "Nuxt", 3000),
    _Framework("astro", "Astro", 4321),
    _Framework("@sveltejs/kit", "SvelteKit", 5173),
    _Framework("@remix-run/dev", "Remix", 5173),
    _Framework("@react-router/dev", "React Router", 5173),
    _Framework("gatsby", "Gatsby", 8000),
    _Framework("@angular/cli", "Angular", 4200),
    _Framework("@vue/cli-service", "Vue", 8080),
    _Framework("react-scripts", "Create React App", 3000),
    _Framework("vite", "Vite", 5173),
    _Framework("parcel", "Parcel", 1234),
    _Framework("webpack-dev-server", "webpack", 8080),
    _Framework("@11ty/eleventy", "Eleventy", 8080),
    _Framework("@nestjs/core", "NestJS", 3000, reloads=False),
    _Framework("fastify", "Fastify", 3000, reloads=False),
    _Framework("koa", "Koa", 3000, reloads=False),
    _Framework("hono", "Hono", 3000, reloads=False),
    _Framework("express", "Express", 3000, reloads=False),
)
_OTHER = _Framework("", "Node.js", 3000, reloads=False)
_SCRIPTS = ("dev", "start", "serve", "develop", "preview")
_WATCHING = re.compile(r"--watch|nodemon|\bwatch\b|ts-node-dev|\bbun --hot|\bpm2\b|concurrently|turbo")
_ENTRIES = ("server.js", "app.js", "index.js", "server.mjs", "src/server.js", "src/index.js", "bin/www")
_MANAGERS = (
    ("pnpm-lock.yaml", "pnpm", "pnpm install --frozen-lockfile"),
    ("yarn.lock", "yarn", "yarn install --frozen-lockfile"),
    ("bun.lock", "bun", "bun install --frozen-lockfile"),
    ("bun.lockb", "bun", "bun install --frozen-lockfile"),
    ("package-lock.json", "npm", "npm ci"),
)


def launches(look: Look, folder: str) -> Iterator[Launch]:
    """What `folder`/package.json says can be started, the best guess first."""
    package = json_object(look.text(inside(folder, "package.json")))
    if not package:
        return
    names = look.names(folder)
    framework = _framework(package)
    manager, install = _manager(package, names)
    ready = f"{{ [ -d node_modules ] || {install}; }}"
    scripts = table(package, "scripts")
    for script in (name for name in _SCRIPTS if isinstance(scripts.get(name), str)):
        reason = f"{inside(folder, 'package.json')} has the script “{script}”"
        line = f"{manager} run {script}"
        whole = f"{ready} && BROWSER=none {line}"
        reloads = framework.reloads and script != "preview"
        watches = framework.reloads or _WATCHING.search(scripts[script]) is not None
        late = watches and not reloads
        yield Launch(framework.kind, whole, reason, (framework.port,), reloads, watches, late, line)
    entry = _entry(package, look, folder)
    if entry and not framework.reloads:
        needs = f"{ready} && " if table(package, "dependencies") else ""
        reason = f"{inside(folder, entry)} is its main script"
        line = f"node --watch {shlex.quote(entry)}"
        yield Launch(framework.kind, f"{needs}{line}", reason, (framework.port,), line=line)


def _framework(package: Mapping[str, Any]) -> _Framework:
    used = {*table(package, "dependencies"), *table(package, "devDependencies")}
    return next((each for each in _FRAMEWORKS if each.package in used), _OTHER)


def _manager(package: Mapping[str, Any], names: frozenset[str]) -> tuple[str, str]:
    for lock, manager, install in _MANAGERS:
        if lock in names:
            return manager, install
    wanted = str(package.get("packageManager", "")).partition("@")[0]
    return (wanted, f"{wanted} install") if wanted in ("pnpm", "yarn", "bun") else ("npm", "npm install")


def _entry(package: Mapping[str, Any], look: Look, folder: str) -> str:
    main = package.get("main")
    wanted = (main, *_ENTRIES) if isinstance(main, str) else _ENTRIES
    for path in wanted:
        parent, _, name = inside(folder, path.removeprefix("./")).rpartition("/")
        if name in look.names(parent):
            return path
    return ""
