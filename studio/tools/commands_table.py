"""What programs do, as a table: program -> class, with its verbs and the options that make it riskier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from studio.domain.tools import CommandClass

READ, WRITE, RUN, NETWORK, INSTALL, DELETE, HISTORY, _, UNKNOWN, PUBLISHED = CommandClass


@dataclass(frozen=True, slots=True)
class Program:
    """One program, or one verb of it.

    `kind` counts when nothing below says otherwise, also for verbs that are not listed. `options` are those that
    make it riskier, `valued` take the next word as value. Before a verb only `before` and `valued` are understood.
    `targets` says which arguments are files it changes. `leading` says that options end with the first argument.
    """

    kind: CommandClass
    options: Mapping[str, CommandClass] = field(default_factory=dict)
    verbs: Mapping[str, Program] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    valued: frozenset[str] = frozenset()
    targets: Literal["none", "all", "last"] = "none"
    leading: bool = False


def each(names: str, program: Program) -> dict[str, Program]:
    """The same for several names."""
    return dict.fromkeys(names.split(), program)


def verbs(kinds: Mapping[CommandClass, str]) -> dict[str, Program]:
    """Verbs by class."""
    return {verb: Program(kind) for kind, names in kinds.items() for verb in names.split()}


_PIP = Program(
    UNKNOWN,
    verbs={
        **verbs(
            {INSTALL: "install uninstall download wheel", READ: "show freeze check help debug", NETWORK: "index search"}
        ),
        "list": Program(READ, options={"-o": NETWORK, "-u": NETWORK, "--outdated": NETWORK, "--uptodate": NETWORK}),
    },
    before=frozenset({"-q", "--quiet", "-v", "--verbose", "--no-input", "--disable-pip-version-check"}),
)
_NPM = Program(
    UNKNOWN,
    verbs=verbs(
        {
            INSTALL: "install i ci add update up upgrade uninstall un remove rm r install-test it link dedupe "
            "prune create init",
            RUN: "test t tst run run-script start stop restart exec x build dev lint dlx rebuild",
            NETWORK: "view info show search outdated publish audit ping login whoami dist-tag",
            READ: "ls list ll why explain root prefix bin help",
        }
    ),
    before=frozenset({"-s", "--silent", "--quiet", "-q"}),
    valued=frozenset({"--prefix", "-C", "--cwd", "--dir", "--workspace", "-w", "--filter"}),
)
_CARGO = Program(
    UNKNOWN,
    verbs=verbs(
        {
            RUN: "build b check c test t run r bench clippy fmt doc fix",
            INSTALL: "install uninstall add remove update fetch vendor",
            NETWORK: "publish search login tree metadata",
            READ: "version help",
            DELETE: "clean",
        }
    ),
)
_GO = Program(
    UNKNOWN,
    verbs={
        **verbs(
            {
                RUN: "build test run vet generate fmt tool",
                INSTALL: "install get mod work",
                READ: "version doc",
                DELETE: "clean",
            }
        ),
        "env": Program(READ, options={"-w": WRITE, "-u": WRITE}),
        "list": Program(RUN),
    },
)
_UV = Program(
    UNKNOWN,
    verbs={
        **verbs(
            {
                INSTALL: "add remove sync lock tool python venv self",
                RUN: "run build",
                NETWORK: "publish",
                READ: "version help",
            }
        ),
        "pip": _PIP,
    },
    before=frozenset({"-q", "--quiet", "-v", "--verbose", "--offline"}),
)
_POETRY = Program(
    UNKNOWN,
    verbs=verbs(
        {
            INSTALL: "install add remove update lock sync self",
            RUN: "run build shell",
            NETWORK: "publish search",
            READ: "show check version",
        }
    ),
)
_APT = Program(
    INSTALL,
    verbs=verbs(
        {
            READ: "list show search policy depends rdepends showpkg madison moo",
            INSTALL: "install remove purge update upgrade",
        }
    ),
    before=frozenset({"-y", "-q", "-qq", "--yes", "--quiet", "--no-install-recommends"}),
)

# What writes to a file or runs another program with some option is not among them.
_ANY_ARGUMENT_READS = (
    "cat head tail wc ls pwd basename dirname realpath readlink stat du df cut tr nl rev tac comm cmp "
    "fold expand unexpand paste join seq sleep date uname whoami id groups printenv which type diff grep "
    "egrep fgrep zcat md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum base64 "
    "base32 od hexdump strings expr true false : ps free uptime nproc lscpu lsblk arch getconf locale tty "
    "cal factor numfmt fmt pr column jq pgrep lsof tsort yes exit return break continue shift "
    "times logname users who dpkg-query echo "
)

PROGRAMS: dict[str, Program] = {
    **each(_ANY_ARGUMENT_READS, Program(READ)),
    # The name that wait -p sets may hold an index, which bash calculates; jobs -x runs a command.
    "wait": Program(READ, options={"-p": UNKNOWN}),
    "jobs": Program(READ, options={"-x": UNKNOWN}),
    "printf": Program(READ, options={"-v": UNKNOWN}, leading=True),
    "file": Program(READ, options={"-C": WRITE, "--compile": WRITE}),
    "sort": Program(READ, options={"-o": WRITE, "--output": WRITE, "--compress-program": UNKNOWN}),
    "shuf": Program(READ, options={"-o": WRITE, "--output": WRITE}),
    "tree": Program(READ, options={"-o": WRITE}),
    "rg": Program(READ, options={"--pre": UNKNOWN, "--hostname-bin": UNKNOWN}),
    **each("fd", Program(READ, options={"-x": UNKNOWN, "-X": UNKNOWN, "--exec": UNKNOWN, "--exec-batch": UNKNOWN})),
    **each("fdfind", Program(READ, options={"-x": UNKNOWN, "-X": UNKNOWN, "--exec": UNKNOWN, "--exec-batch": UNKNOWN})),
    "yq": Program(READ, options={"-i": WRITE, "--inplace": WRITE, "-s": WRITE, "--split-exp": WRITE}),
    **each("touch mkdir mktemp tee chmod chown chgrp truncate split csplit", Program(WRITE, targets="all")),
    **each("cp ln install", Program(WRITE, targets="last", options={"-t": UNKNOWN, "--target-directory": UNKNOWN})),
    "mv": Program(WRITE, targets="all"),
    **each("patch unzip zip gzip gunzip bzip2", Program(WRITE, targets="all")),
    **each("bunzip2 xz unxz zstd unzstd dos2unix unix2dos", Program(WRITE, targets="all")),
    **each("rm rmdir unlink shred", Program(DELETE, targets="all")),
    # What runs code of the project.
    **each("python python2 python3 pypy3 node nodejs deno bun perl", Program(RUN)),
    **each("ruby php lua Rscript java scala kotlin swift ghc", Program(RUN)),
    **each(" ".join(f"python3.{minor}" for minor in range(8, 16)), Program(RUN)),
    **each("make gmake cmake ninja meson bazel gradle mvn ant rake just task invoke fab scons", Program(RUN)),
    **each("pytest py.test tox nox unittest coverage mypy", Program(RUN)),
    **each("pyright ruff black isort flake8 pylint pre-commit", Program(RUN)),
    **each("npx tsx ts-node tsc eslint prettier jest vitest", Program(RUN)),
    **each("mocha webpack vite rollup next nuxt esbuild playwright", Program(RUN)),
    **each("gcc g++ cc c++ clang clang++ ld ar rustc javac dotnet msbuild rspec phpunit bundle", Program(RUN)),
    **each("flask django-admin uvicorn gunicorn alembic celery streamlit jupyter", Program(RUN)),
    **each("pip pip2 pip3 pipx", _PIP),
    **each("npm yarn pnpm", _NPM),
    "cargo": _CARGO,
    "go": _GO,
    "uv": _UV,
    "uvx": Program(INSTALL),
    "poetry": _POETRY,
    **each("apt apt-get", _APT),
    "apt-cache": Program(READ),
    **each("dpkg apk yum dnf pacman brew snap gem", Program(INSTALL)),
    **each("conda mamba corepack composer rustup nvm easy_install pipenv", Program(INSTALL)),
    **each("curl wget ssh scp sftp ftp rsync nc ncat", Program(NETWORK)),
    **each("netcat telnet ping dig nslookup host socat gh glab aws", Program(NETWORK)),
    **each("gcloud az kubectl helm http https traceroute whois", Program(NETWORK)),
}  # fmt: skip
"""Programs by name. What is not here, in WRAPPERS, in SHELLS or among the special ones is unknown."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A program that runs the command which follows its own arguments.

    `valued` are its options with a value, `plain` those without, `arguments` how many of its own come first.
    """

    plain: frozenset[str] = frozenset()
    valued: frozenset[str] = frozenset()
    arguments: int = 0


def _wrapper(plain: str = "", valued: str = "", arguments: int = 0) -> Wrapper:
    return Wrapper(frozenset(plain.split()), frozenset(valued.split()), arguments)


WRAPPERS: dict[str, Wrapper] = {
    "env": _wrapper("-i - --ignore-environment", "-u --unset"),
    "nohup": _wrapper(),
    "time": _wrapper("-p -v"),
    "timeout": _wrapper("--foreground --preserve-status -v --verbose", "-k --kill-after -s --signal", 1),
    "sudo": _wrapper("-E -n -H -S -k", "-u -g --user --group"),
    "doas": _wrapper("-n", "-u"),
    "nice": _wrapper("", "-n --adjustment"),
    "ionice": _wrapper("-t", "-c -n --class --classdata"),
    "stdbuf": _wrapper("", "-i -o -e --input --output --error"),
    "setsid": _wrapper("-w -f -c --wait --fork"),
    "command": _wrapper("-p"),
    "builtin": _wrapper(),
    "exec": _wrapper("-c -l", "-a"),
    "unbuffer": _wrapper("-p"),
    "busybox": _wrapper(),
    "xargs": _wrapper(
        "-0 -r -t -x --null --no-run-if-empty --verbose",
        "-n -P -L -s -d -E -a -I --max-args --max-procs --max-lines --delimiter --arg-file --replace",
    ),
}

SHELLS = frozenset({"sh", "bash", "dash"})
"""Shells whose text is read as the line itself is."""
