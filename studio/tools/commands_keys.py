"""What a rule knows a command by: its program and the words that say what it is to do, never more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from studio.domain.tools import CommandClass, Part
from studio.tools.commands_git import GIT
from studio.tools.commands_options import split_verb
from studio.tools.commands_table import PROGRAMS, SHELLS, Program
from studio.tools.commands_words import Word

TRANSPARENT = frozenset({"env", "nohup", "time", "timeout", "nice", "ionice", "stdbuf", "command"})
"""Wrappers that run a command as it would run without them."""

_FOLDERS = frozenset({"/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/usr/local/sbin"})
_INTERPRETERS = (
    "pypy3 node nodejs deno bun perl ruby php lua Rscript java scala kotlin swift npx uvx tsx ts-node bundle"
)
_RUNNERS = "make gmake just task rake invoke fab scons gradle mvn ant django-admin flask"
_OWN_NAMES = frozenset(_RUNNERS.split())
_MANAGERS = "dpkg apk yum dnf pacman brew snap gem conda mamba corepack composer rustup nvm"
_SERVICES = "gh glab aws gcloud az kubectl helm"
_NEED_A_WORD = SHELLS.union(
    *(names.split() for names in (_INTERPRETERS, _RUNNERS, _MANAGERS, _SERVICES)),
    (name for name in PROGRAMS if name.startswith("python")),
)
"""Programs whose name alone says nothing of what they are to do."""

_READ_A_LANGUAGE = frozenset({"find", "sed", "tar", "uniq", "awk", "gawk", "mawk", "nawk"})
_NAME_ANOTHER = frozenset({"run", "run-script", "exec", "x", "dlx"})
"""Verbs that are followed by the name of what is run."""

_PLAIN = re.compile(r"[A-Za-z0-9_./@+][A-Za-z0-9_./@:+=-]{0,79}")
_WORDS = 40
"""Of so many arguments is kept what they are."""


def is_local(program: Word) -> bool:
    """Whether a program is named by a path that is none of the system's folders."""
    folder, slash, _ = (program.text or "").rpartition("/")
    return bool(slash) and folder not in _FOLDERS


def part_of(program: Word, name: str, args: Sequence[Word]) -> Part:
    """The part that a command is before anything is known of its class."""
    written = (program.text or "") if is_local(program) else name
    key = _key(written, name, args)
    called, words = _called(name, args)
    return Part(CommandClass.READ, key, called, words)


def _key(written: str, name: str, args: Sequence[Word]) -> tuple[str, ...]:
    """The words that a rule names, or none: those at the beginning, each of them known and plain to read."""
    if not _PLAIN.fullmatch(written):
        return ()
    if name in _READ_A_LANGUAGE:
        in_place = name == "sed" and bool(args) and args[0].text == "-i"
        return (written, "-i") if in_place else ()
    texts = [word.text if word.text and _PLAIN.fullmatch(word.text) else None for word in args]
    if name.startswith("python") and args and args[0].text == "-m":
        return (written, "-m", texts[1]) if len(texts) > 1 and texts[1] else ()
    key = [written]
    if is_local_name(written):
        return tuple(key)
    table = GIT if name == "git" else PROGRAMS.get(name)
    while table is not None and table.verbs:
        verb = texts[len(key) - 1] if len(texts) >= len(key) else None
        if verb is None or verb not in table.verbs:
            return ()
        key.append(verb)
        table = table.verbs[verb]
    if len(key) == 1 and name in _NEED_A_WORD:
        key.append(texts[0] if texts and texts[0] else "")
    # `bundle exec` alone would stand for any program; what a runner runs has names of its own.
    if key[-1] in _NAME_ANOTHER and name not in _OWN_NAMES:
        key.append((texts[len(key) - 1] if len(texts) >= len(key) else None) or "")
    return tuple(key) if all(key) else ()


def is_local_name(written: str) -> bool:
    """Whether a name as it was written holds a path; such a program is known by it alone."""
    return "/" in written


def _called(name: str, args: Sequence[Word]) -> tuple[str, tuple[str, ...]]:
    """The program without its version, and its arguments that are no options, what it is to do first."""
    rest = list(args)[:_WORDS]
    if name.startswith("python") and len(rest) > 1 and rest[0].text == "-m" and rest[1].text:
        name, rest = rest[1].text, rest[2:]
    table: Program | None = GIT if name == "git" else PROGRAMS.get(name)
    said: list[str] = []
    while table is not None and table.verbs:
        verb, rest = _split(table, rest)
        if verb is None:
            break
        said.append(verb)
        table = _below(table.verbs, verb)
    said += [word.text for word in rest if word.text and not word.option]
    if name == "uv" and said[:1] == ["pip"]:
        name = said.pop(0)
    return without_version(name), tuple(said)


def _split(table: Program, args: list[Word]) -> tuple[str | None, list[Word]]:
    verb, rest = split_verb(table, args)
    return (verb.text, rest) if verb is not None and verb.text and not verb.option else (None, args)


def _below(verbs: Mapping[str, Program], verb: str) -> Program | None:
    return verbs.get(verb)


def without_version(name: str) -> str:
    """A program's name as it is known whatever its version: `pip3` is pip, `python3.12` python."""
    return re.sub(r"(?<=[a-z])[\d.]+$", "", name)
