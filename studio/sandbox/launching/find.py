"""Finds how the app of a workspace is started."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from studio.domain.previews import Launch
from studio.sandbox.launching import node, python
from studio.sandbox.launching.look import Look, inside
from studio.sandbox.shape import WORKDIR

_MOST_FOLDERS = 20
_MOST_LAUNCHES = 12
_SKIPPED = frozenset(("node_modules", "vendor", "tests", "test", "docs", "scripts", "build", "dist"))
_STATIC = ("", "public", "site", "www", "static", "docs", "dist", "build", "_site")
_BY_FILE = (
    ("mix.exs", "Phoenix", "mix phx.server", 4000),
    ("artisan", "Laravel", "php artisan serve --port 8000", 8000),
    ("config.ru", "Rack", "bundle exec rackup --port 9292", 9292),
    ("mkdocs.yml", "MkDocs", "python3 -m mkdocs serve", 8000),
    ("hugo.toml", "Hugo", "hugo server", 1313),
    ("_config.yml", "Jekyll", "bundle exec jekyll serve --livereload", 4000),
    ("index.php", "PHP", "php -S localhost:8000", 8000),
)


def find_launches(look: Look) -> tuple[Launch, ...]:
    """Every way to start the app that the files show, the best guess first.

    The root counts before the folders in it, what a project says itself before what is guessed from a file.
    """
    found: list[Launch] = []
    for folder in ("", *_folders(look)):
        for launch in _of_folder(look, folder):
            where = f"cd {shlex.quote(inside(WORKDIR, folder) if folder else WORKDIR)} && "
            beside = f"cd {shlex.quote(folder)} && " if folder else ""
            found.append(replace(launch, command=where + launch.command, line=beside + launch.title))
    found += _static(look)
    return tuple(found[:_MOST_LAUNCHES])


def _folders(look: Look) -> list[str]:
    names = sorted(name for name in look.names("") if not name.startswith(".") and name not in _SKIPPED)
    # A page is what is wanted to be seen, so that its folder comes before the server's.
    first = [name for name in ("frontend", "client", "web", "ui", "app", "site") if name in names]
    return [*first, *(name for name in names if name not in first)][:_MOST_FOLDERS]


def _of_folder(look: Look, folder: str) -> Iterator[Launch]:
    names = look.names(folder)
    if not names:
        return
    yield from _procfile(look, folder)
    yield from node.launches(look, folder)
    yield from python.launches(look, folder)
    for name, kind, line, port in _BY_FILE:
        if name in names:
            yield Launch(kind, line, f"there is {inside(folder, name)}", (port,))
    if "rails" in look.names(inside(folder, "bin")):
        yield Launch("Rails", "bin/rails server", f"there is {inside(folder, 'bin/rails')}", (3000,))


def _procfile(look: Look, folder: str) -> Iterator[Launch]:
    for line in look.text(inside(folder, "Procfile")).splitlines():
        name, colon, command = line.partition(":")
        if colon and name.strip() == "web" and command.strip():
            reason = f"{inside(folder, 'Procfile')} has the process “web”"
            line = command.strip()
            yield Launch("Procfile", f"export PORT=8000; {line}", reason, (8000,), line=line)


def _static(look: Look) -> Iterator[Launch]:
    for folder in _STATIC:
        if "index.html" in look.names(folder):
            where = f" --directory {folder}" if folder else ""
            line = f"python3 -m http.server 8000 --bind 127.0.0.1{where}"
            reason = f"there is {inside(folder, 'index.html')}"
            yield Launch("Static site", f"cd {WORKDIR} && {line}", reason, (8000,), line=line)
