"""What runs on someone's machine: files of a repository that programs there run, or obey, when nobody asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate

NAMED_MAX = 200
"""So many files of one diff are named."""

_WORDS_NAMED = 8
_GRAVEST = ("git", "shells", "editors", "agents", "Studio", "CI")
"""What runs when somebody does no more than look at a checkout, or push it, stands before what one has to start."""

_PATH_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class OnMachine:
    """A file, and who runs or obeys it."""

    path: str
    by: str


_BY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("CI", (".github/", ".gitlab-ci.y*ml", ".gitlab/", ".circleci/", ".buildkite/")),
    (
        "CI",
        (
            "jenkinsfile",
            "jenkinsfile.*",
            ".travis.y*ml",
            "azure-pipelines*.y*ml",
            "bitbucket-pipelines.y*ml",
            ".drone.y*ml",
        ),
    ),
    ("CI", ("appveyor.y*ml", ".appveyor.y*ml", ".woodpecker/", ".woodpecker.y*ml", ".forgejo/", ".gitea/", ".ci/")),
    ("git", (".git*", ".git/", ".husky/", ".githooks/", "lefthook.y*ml", ".lefthook*", ".pre-commit-config.y*ml")),
    ("editors", (".vscode/", ".idea/", ".zed/", ".nvim.lua", ".nvimrc", ".exrc", ".vimrc", ".dir-locals.el")),
    ("editors", ("*.code-workspace", ".editorconfig", "*.sublime-project", ".fleet/", ".eclipse/")),
    (
        "shells",
        (".envrc", ".direnvrc", ".env", ".env.*", ".tool-versions", ".mise*.toml", "mise.toml", ".mise/", ".autoenv*"),
    ),
    (
        "containers",
        (
            ".devcontainer/",
            ".devcontainer.json",
            "dockerfile",
            "dockerfile.*",
            "*.dockerfile",
            "containerfile",
            "containerfile.*",
        ),
    ),
    ("containers", ("compose*.y*ml", "docker-compose*.y*ml", ".dockerignore", "vagrantfile", "devfile.y*ml")),
    ("make", ("makefile", "makefile.*", "gnumakefile", "*.mk", "justfile", ".justfile", "taskfile*.y*ml", "rakefile")),
    (
        "make",
        (
            "cmakelists.txt",
            "*.cmake",
            "meson.build",
            "sconstruct",
            "procfile",
            "procfile.*",
            "configure",
            "configure.ac",
        ),
    ),
    ("npm and its kin", ("package.json", ".npmrc", ".yarnrc*", ".yarn/", ".pnpmfile.cjs", "pnpm-workspace.y*ml")),
    ("npm and its kin", ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock*")),
    ("npm and its kin", ("bunfig.toml", "deno.json*", "deno.lock", "*.config.js", "*.config.cjs", "*.config.mjs")),
    ("npm and its kin", ("*.config.ts", "*.config.mts", ".eslintrc*", ".prettierrc*", ".babelrc*", "gulpfile.*")),
    ("npm and its kin", ("gruntfile.*", "lerna.json", "nx.json", "turbo.json", "binding.gyp")),
    ("Python", ("setup.py", "setup.cfg", "pyproject.toml", "conftest.py", "sitecustomize.py", "usercustomize.py")),
    (
        "Python",
        (
            "*.pth",
            "pip.conf",
            "pip.ini",
            "tox.ini",
            "noxfile.py",
            "pytest.ini",
            "tasks.py",
            "requirements*.txt",
            "requirements*.in",
        ),
    ),
    (
        "Python",
        ("constraints*.txt", "poetry.lock", "poetry.toml", "uv.lock", "uv.toml", "pdm.lock", "pipfile", "pipfile.lock"),
    ),
    ("Python", ("pdm.toml", ".python-version", "pylock*.toml", "environment.y*ml", ".coveragerc", "hatch.toml")),
    ("cargo", ("build.rs", "cargo.toml", "cargo.lock", ".cargo/", "rust-toolchain*")),
    ("Go", ("go.mod", "go.sum", "go.work*", "magefile.go")),
    (
        "Java's builders",
        (
            "pom.xml",
            ".mvn/",
            "mvnw*",
            "build.xml",
            "gradle.properties",
            "*.gradle",
            "*.gradle.kts",
            "gradle/",
            "gradlew*",
        ),
    ),
    (
        "Ruby and PHP",
        ("gemfile", "gemfile.*", "*.gemspec", ".bundle/", ".irbrc", "composer.json", "composer.lock", ".htaccess"),
    ),
    (".NET and Swift", ("*.csproj", "*.props", "*.targets", "nuget.config", "packages.lock.json", "package.swift")),
    (
        "agents",
        ("agents.md", "claude.md", "gemini.md", ".claude/", ".cursor/", ".cursorrules", ".windsurf*", ".aider*"),
    ),
    ("agents", (".mcp.json", ".codex/", ".gemini/")),
    ("agents", (".clinerules*", ".roo*", ".continue/", ".opencode/", "copilot-instructions.md", ".kiro/")),
    ("Studio", (".studio/", ".worktreeinclude")),
)
"""Names as they are in any folder; one that ends in a slash is a folder with all below it. Case says nothing: on some
machines a file is found by any."""


def on_machines(paths: Iterable[str]) -> tuple[OnMachine, ...]:
    """Those of these paths that run on someone's machine, each once, the gravest kinds first, then in their order."""
    found = [OnMachine(path, by) for path in dict.fromkeys(paths) if (by := _by(path))]
    return tuple(sorted(found, key=lambda one: _GRAVEST.index(one.by) if one.by in _GRAVEST else len(_GRAVEST)))


def words_of(found: tuple[OnMachine, ...], more: int = 0) -> str:
    """What runs on someone's machine, in one line; empty where nothing does."""
    if not found:
        return ""
    named = ", ".join(f"{_short(one.path)} ({one.by})" for one in found[:_WORDS_NAMED])
    rest = max(0, len(found) - _WORDS_NAMED) + more
    return f"Runs on someone's machine: {named}{f' and {rest} more' if rest else ''}."


def lines_of(found: tuple[OnMachine, ...], more: int = 0) -> tuple[str, ...]:
    """A line for each where `words_of` does not name all; none where it does."""
    if len(found) + more <= _WORDS_NAMED:
        return ()
    last = (f"{more} more, which are not kept by name",) if more else ()
    return *(f"{one.path} ({one.by})" for one in found), *last


def _short(path: str) -> str:
    return path if len(path) <= _PATH_CHARACTERS else f"…{path[-_PATH_CHARACTERS:]}"


def _by(path: str) -> str:
    folded = path.casefold()
    *folders, name = folded.split("/")
    for at, folder in enumerate(folders):
        by = _FOLDERS.get(folder) or _FOLDERS.get("/".join(folders[at : at + 2]), "")
        if by:
            return by
    if by := _FILES.get(name, "") or _FILES.get("/".join(folded.rsplit("/", 2)[-2:]), ""):
        return by
    return next((by for by, pattern in _PATTERNS if pattern.match(name)), "") if _ANY.match(name) else ""


def _table(*, folders: bool) -> dict[str, str]:
    return {
        name.rstrip("/"): by for by, names in _BY for name in names if "*" not in name and name.endswith("/") == folders
    }


_FOLDERS, _FILES = _table(folders=True), _table(folders=False)
_PATTERNS = tuple((by, re.compile(translate(name))) for by, names in _BY for name in names if "*" in name)
_ANY = re.compile("|".join(pattern.pattern for _, pattern in _PATTERNS))
